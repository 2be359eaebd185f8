"""ObserveFoundation."""

import pytest

from avm.domain.errors import AccessDenied, FoundationBehind, ServiceUnavailable, Throttled
from avm.steps import observe_foundation
from avm.steps.control_rounds import Failure
from avm.steps.foundation_findings import Shown
from tests.unit.steps.planted_foundation import Planted, Stage, stage

__all__ = ["stage"]


def test_a_plan_tells_the_steps_and_does_none(stage: Stage) -> None:
    house = Planted("house", "floor", "roof", left_alone=("the neighbour's fence",))
    stage.plant(house, Planted("street"), Planted("lamp", foundation=("trail",)))
    assert stage.run(observe_foundation, purpose="plan").status == "FAILED"
    (report,) = stage.kept
    assert not report.ready
    assert house.lacks == ["floor", "roof"]
    rows = {row.control: row for row in report.controls}
    assert {name: row.status for name, row in rows.items()} == {
        "house": "violated", "street": "compliant", "lamp": "deferred"
    }  # fmt: skip
    assert [(step.operation, step.subject, step.after) for step in rows["house"].steps] == [
        ("iam:MakeThing", "floor", "floor"),
        ("iam:MakeThing", "roof", "roof"),
    ]
    assert rows["house"].left_alone == ("the neighbour's fence",)
    assert rows["lamp"].waits_for == ("trail",)


def test_where_all_is_so_the_foundation_is_ready(stage: Stage) -> None:
    stage.plant(Planted("house"))
    assert stage.run(observe_foundation, purpose="apply", made=("iam:MakeThing: roof",)).status == "DONE"
    assert stage.kept[0].ready
    assert stage.kept[0].made == ("iam:MakeThing: roof",)


def test_with_what_an_apply_has_failed_is_in_the_report(stage: Stage) -> None:
    stage.plant(Planted("house", "roof"))
    failure = {"control": "house", "status": "unknown", "error": "AccessDenied", "cause": "no roof"}
    stage.run(observe_foundation, purpose="apply", failures=[failure], looks=60)
    enforcement = stage.kept[0].controls[0].evidence["enforcement"]
    assert (enforcement["code"], enforcement["message"]) == ("AccessDenied", "no roof")


def test_an_apply_looks_with_patience_and_a_plan_once(stage: Stage) -> None:
    stage.plant(Planted("house", "roof"))
    assert stage.run(observe_foundation, purpose="apply").status == "PENDING"
    assert stage.kept == []
    assert stage.run(observe_foundation, purpose="plan").status == "FAILED"


def test_what_aws_refuses_for_the_moment_is_looked_at_again(stage: Stage) -> None:
    stage.plant(Planted("house", unseen=Throttled("slower")))
    assert stage.run(observe_foundation, purpose="plan").status == "PENDING"
    assert stage.run(observe_foundation, purpose="plan", looks=11).status == "FAILED"
    assert stage.kept[0].controls[0].evidence["code"] == "Throttled"


def test_without_an_organization_the_report_says_what_to_do(stage: Stage) -> None:
    stage.plant(Planted("house"))
    stage.organization(FoundationBehind("create it"))
    assert stage.run(observe_foundation, purpose="plan").status == "FAILED"
    (row,) = stage.kept[0].controls
    assert (row.status, row.evidence["message"]) == ("unknown", "create it")
    assert stage.kept[0].organization_id is None


def test_an_organization_that_cannot_be_seen_for_the_moment_is_the_workflows_to_try_again(stage: Stage) -> None:
    stage.plant(Planted("house"))
    stage.organization(ServiceUnavailable("later"))
    with pytest.raises(ServiceUnavailable):
        stage.run(observe_foundation, purpose="plan")


def test_where_nothing_could_be_looked_at_the_report_says_what_the_workflow_has_caught(stage: Stage) -> None:
    stage.plant(Planted("house", unseen=AccessDenied("never asked")))
    failure = {"control": "all controls", "status": "unknown", "error": "States.Timeout", "cause": "too slow"}
    stage.run(observe_foundation, purpose="apply", failures=[failure], blind=True)
    (row,) = stage.kept[0].controls
    assert (row.status, row.evidence["message"]) == ("unknown", "States.Timeout: too slow")


def test_what_the_workflow_could_not_plan_is_said_of_every_control_that_is_untrue(stage: Stage) -> None:
    stage.plant(Planted("house", "roof"), Planted("street"))
    failure = {"control": "all controls", "status": "unknown", "error": "FoundationBehind", "cause": "none there"}
    stage.run(observe_foundation, purpose="apply", failures=[failure], looks=60)
    house, street = stage.kept[0].controls
    assert house.evidence["enforcement"]["message"] == "none there"
    assert "enforcement" not in street.evidence


@pytest.mark.parametrize("purpose", ["plan", "apply", "observe"])
def test_security_hub_is_told_of_the_last_look_and_of_new_drift_where_nobody_has_asked(
    stage: Stage, purpose: str
) -> None:
    stage.plant(Planted("house", "roof"), Planted("street"))
    stage.run(observe_foundation, purpose=purpose, looks=60)
    assert stage.told == [({"house": "violated", "street": "compliant"}, purpose == "observe")]


def test_while_a_further_look_is_due_security_hub_is_told_nothing(stage: Stage) -> None:
    stage.plant(Planted("house", unseen=Throttled("slower")))
    stage.run(observe_foundation, purpose="observe")
    assert stage.told == []


def test_what_becomes_of_findings_is_counted_and_changes_no_status(stage: Stage) -> None:
    failure = Failure(control="lamp", status="unknown", error="AccessDenied", cause="no")
    stage.shown = Shown(imported=("house", "roof"), resolved=("street",), failures=(failure,))
    stage.plant(Planted("house"))
    output = stage.run(observe_foundation, purpose="observe")
    assert (output.status, output.failures) == ("DONE", ())
    assert output.counted() == ("FindingImported", "FindingImported", "FindingResolved", "FindingNotShown")
