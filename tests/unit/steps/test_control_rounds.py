"""Rounds of controls: looked at, changed where they are untrue, looked at again."""

from datetime import timedelta
from typing import Any

import pytest

from avm.domain.errors import AccessDenied, FoundationBehind, Throttled
from avm.domain.finding import Change
from avm.domain.foundation import Foundation
from avm.domain.time import from_iso, iso
from avm.steps import harden_account
from avm.steps.control_rounds import NOT_TRIED
from tests.unit.steps.conftest import World
from tests.unit.steps.planted import Plant, Planted, plant

__all__ = ["plant"]

CHANGE = (Change("shelf", "PutThing", "thing"),)
STARTED = (Change("shelf", "StartThing", "thing", "op-1"),)
FOUNDATION = Foundation(
    partition="aws", organization_id="o-1", home_region="eu-west-1", management_account_id="123456789012"
)


def played(world: World, *names: str, account_type: str = "sandbox", **fields: Any) -> Any:
    record, account_id = world.created(type=account_type)
    fields = {"region": "eu-west-1", "foundation": FOUNDATION.model_dump(), **fields}
    return world.run(harden_account, record, account_id=account_id, controls=names, **fields)


def test_what_is_true_is_looked_at_once(world: World, plant: Plant) -> None:
    control = Planted("shelf", "compliant", scope="region")
    plant(control)
    assert played(world, "shelf").status == "DONE"
    assert control.events == [("observe", "eu-west-1", None)]


def test_what_is_untrue_is_changed_and_looked_at_again(world: World, plant: Plant) -> None:
    control = Planted("shelf", "violated", "compliant", changes=CHANGE)
    plant(control)
    assert played(world, "shelf").status == "DONE"
    assert [event for event, _, _ in control.events] == ["observe", "enforce", "observe"]


def test_a_change_that_is_not_seen_yet_is_waited_for(world: World, plant: Plant) -> None:
    plant(Planted("shelf", "violated", changes=CHANGE))
    output = played(world, "shelf")
    assert (output.status, output.failures[0].error) == ("PENDING", "StillPending")


def test_what_was_started_is_followed_in_the_next_round(world: World, plant: Plant) -> None:
    control = Planted("shelf", "violated", "pending", "compliant", changes=STARTED)
    plant(control)
    first = played(world, "shelf")
    assert (first.status, first.operations) == ("PENDING", {"shelf": "op-1"})
    second = played(world, "shelf", operations=first.operations)
    assert (second.status, second.operations) == ("DONE", {})
    assert control.events[-1] == ("observe", "eu-west-1", "op-1")


def test_what_nothing_can_change_fails(world: World, plant: Plant) -> None:
    plant(Planted("shelf", "violated"))
    output = played(world, "shelf")
    (failure,) = output.failures
    assert (output.status, failure.status, failure.error) == ("FAILED", "violated", "VerificationFailed")
    assert failure.cause == "shelf in eu-west-1 is violated: {'GetThing': 'violated'}"


@pytest.mark.parametrize("error", [AccessDenied("GetThing: no"), FoundationBehind("it is not there")])
def test_what_cannot_be_looked_at_is_unknown_and_says_why(
    world: World, plant: Plant, error: AccessDenied | FoundationBehind
) -> None:
    plant(Planted("shelf", error))
    output = played(world, "shelf")
    (failure,) = output.failures
    assert (output.status, failure.status, failure.error, failure.cause) == (
        "FAILED",
        "unknown",
        error.code,
        str(error),
    )


def test_what_passes_by_itself_is_tried_again(world: World, plant: Plant) -> None:
    plant(Planted("shelf", Throttled("GetThing: slower")))
    output = played(world, "shelf")
    assert (output.status, output.failures[0].error) == ("PENDING", "Throttled")


@pytest.mark.parametrize(("seconds", "status"), [(900, "PENDING"), (1810, "PENDING"), (2410, "FAILED")])
def test_what_is_pending_for_too_long_fails(world: World, plant: Plant, seconds: int, status: str) -> None:
    plant(Planted("shelf", "pending"))
    since = iso(from_iso(world.now()) - timedelta(seconds=seconds))
    assert played(world, "shelf", since=since).status == status


LATE = 1810
"""Seconds after the deadline of what is planted."""


def test_what_comes_to_nothing_for_too_long_fails_with_what_aws_says_of_it(world: World, plant: Plant) -> None:
    """Begun anew it would be pending, and nobody would be told why: what was found before is told."""
    plant(Planted("shelf", "violated", "pending", changes=CHANGE))
    since = iso(from_iso(world.now()) - timedelta(seconds=LATE))
    output = played(world, "shelf", since=since)
    assert (output.status, output.failures[0].status) == ("FAILED", "violated")


def test_what_cannot_be_changed_for_too_long_fails_with_the_last_refusal(world: World, plant: Plant) -> None:
    plant(Planted("shelf", "violated", changes=Throttled("PutThing: slower")))
    found = []
    for seconds in (LATE, LATE + 600):
        since = iso(from_iso(world.now()) - timedelta(seconds=seconds))
        output = played(world, "shelf", since=since)
        found.append((output.status, output.failures[0].error, output.failures[0].cause))
    assert found == [("PENDING", "Throttled", "PutThing: slower"), ("FAILED", "Throttled", "PutThing: slower")]


def test_an_error_of_enforcing_is_the_controls_own(world: World, plant: Plant) -> None:
    plant(Planted("shelf", "violated", changes=AccessDenied("PutThing: no")), Planted("book", "compliant"))
    output = played(world, "shelf", "book")
    assert [(failure.control, failure.cause) for failure in output.failures] == [("shelf", "PutThing: no")]


def test_each_control_that_fails_tells_its_own_cause_and_stops_no_other(world: World, plant: Plant) -> None:
    book = Planted("book", "violated", "compliant", changes=CHANGE)
    plant(Planted("shelf", AccessDenied("one")), Planted("lamp", FoundationBehind("two")), book)
    output = played(world, "shelf", "lamp", "book")
    assert [(failure.control, failure.cause) for failure in output.failures] == [("shelf", "one"), ("lamp", "two")]
    assert ("enforce", "eu-west-1", None) in book.events


def test_what_the_foundation_lacks_is_deferred_in_its_own_accounts_and_not_touched(world: World, plant: Plant) -> None:
    control = Planted("shelf", "violated", foundation=("log-archive",))
    plant(control)
    assert played(world, "shelf", account_type="log-archive").status == "DONE"
    assert control.events == []


def test_what_the_foundation_lacks_keeps_all_other_accounts_from_being_ready(world: World, plant: Plant) -> None:
    control = Planted("shelf", "violated", foundation=("log-archive",))
    plant(control)
    output = played(world, "shelf")
    (failure,) = output.failures
    assert (output.status, failure.status, failure.error) == ("FAILED", "unknown", "FoundationBehind")
    assert "log-archive" in failure.cause
    assert control.events == []


def test_what_needs_a_control_that_has_failed_is_looked_at_but_not_tried(world: World, plant: Plant) -> None:
    shelf, book = Planted("shelf", "violated", needs=("lamp",)), Planted("book", "compliant", needs=("lamp",))
    plant(shelf, book, Planted("other", "violated", "compliant", changes=CHANGE))
    output = played(world, "shelf", "book", "other", failed=("lamp",))
    (failure,) = output.failures
    assert (failure.control, failure.status) == ("shelf", NOT_TRIED)
    assert failure.cause == "shelf was not tried: it needs lamp"
    assert [name for name, _, _ in shelf.events] == ["observe"]


def test_what_works_in_the_account_needs_the_vending_roles(world: World, plant: Plant) -> None:
    plant(Planted("shelf", "violated"))
    (failure,) = played(world, "shelf", failed=("vending-roles",)).failures
    assert failure.cause == "shelf was not tried: it needs vending-roles"


def test_what_aws_takes_hours_for_is_begun_and_not_waited_for(world: World, plant: Plant) -> None:
    plant(Planted("slow", "violated", "pending", changes=CHANGE, blocks_ready=False))
    output = played(world, "slow")
    assert (output.status, output.failures) == ("DONE", ())
