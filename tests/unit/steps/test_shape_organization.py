"""ShapeOrganization, and with it how every function brings foundation controls on."""

import pytest

from avm.domain.errors import AccessDenied, FoundationBehind, Throttled, VendingError
from avm.foundation.control import FoundationReach, FoundationTarget, Look
from avm.steps import shape_organization
from tests.unit.steps.planted_foundation import TIME, Planted, Stage, stage

__all__ = ["stage"]

LATE = "2026-11-25T10:31:00Z"


def test_steps_are_done_in_order_until_none_is_left(stage: Stage) -> None:
    stage.plant(Planted("house", "floor", "roof"))
    output = stage.run(shape_organization, controls=("house",), since=TIME)
    assert (output.status, output.failures) == ("DONE", ())
    assert output.made == ("iam:MakeThing: floor", "iam:MakeThing: roof")
    assert stage.run(shape_organization, controls=("house",), since=TIME).made == ()


def test_a_step_that_fails_is_the_last_and_says_why(stage: Stage) -> None:
    stage.plant(Planted("house", "floor", AccessDenied("no wall for you"), "roof"), Planted("garden", "tree"))
    output = stage.run(shape_organization, controls=("house", "garden"), since=TIME)
    assert output.made == ("iam:MakeThing: floor", "iam:MakeThing: tree")
    ((control, error, cause),) = [(each.control, each.error, each.cause) for each in output.failures]
    assert (control, error, cause) == ("house", "AccessDenied", "no wall for you")


@pytest.mark.parametrize(
    ("control", "status"),
    [
        (Planted("house", Throttled("slower")), "PENDING"),
        (Planted("house", unseen=Throttled("slower")), "PENDING"),
        (Planted("house", waits_for=("the mason",)), "PENDING"),
        (Planted("house", foundation=("trail",)), "PENDING"),
        (Planted("house", unseen=AccessDenied("no")), "FAILED"),
        (Planted("house", by_hand=("Call the mason.",)), "FAILED"),
    ],
)
def test_what_passes_is_the_next_rounds_until_its_time_is_over(stage: Stage, control: Planted, status: str) -> None:
    stage.plant(control)
    assert stage.run(shape_organization, controls=("house",), since=TIME).status == status
    assert stage.run(shape_organization, controls=("house",), since=TIME, time=LATE).status == "FAILED"


def test_what_aws_does_not_show_yet_is_looked_at_again(stage: Stage) -> None:
    class Hidden(Planted):
        def _bring(self, lack: str | VendingError) -> object:  # type: ignore[override]
            return lambda: None

    stage.plant(Hidden("house", "roof"))
    output = stage.run(shape_organization, controls=("house",), since=TIME)
    assert output.status == "PENDING"
    assert output.failures[0].error == "VerificationFailed"


def test_without_an_organization_nothing_is_begun(stage: Stage) -> None:
    stage.plant(Planted("house", "roof"))
    stage.organization(FoundationBehind("there is none"))
    with pytest.raises(FoundationBehind):
        stage.run(shape_organization, controls=("house",), since=TIME)


def test_what_a_broken_off_look_has_read_is_handed_on_and_no_other(stage: Stage) -> None:
    class Reader(Planted):
        def look(self, target: FoundationTarget, reach: FoundationReach) -> Look:
            reach.remember("page-1", lambda: "read")
            return super().look(target, reach)

    stage.plant(Reader("house", unseen=Throttled("slower")))
    broken_off = stage.run(shape_organization, controls=("house",), since=TIME)
    assert broken_off.memory == {"page-1": "read"}
    stage.plant(Reader("house"))
    assert stage.run(shape_organization, controls=("house",), since=TIME, memory=broken_off.memory).memory == {}
