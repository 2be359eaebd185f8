"""VerifyAccount."""

import json
from functools import partial
from typing import Any

import pytest

from avm.aws.organizations import Organizations
from avm.contracts.report import Report
from avm.domain.errors import AccessDenied, ReportNotFound, Throttled, VerificationFailed
from avm.domain.finding import Verdict
from avm.domain.foundation import FOUNDATIONAL_TYPES, Foundation
from avm.steps import record_outcome, verify_account
from tests.unit.steps.conftest import World
from tests.unit.steps.planted import Plant, Planted, plant

__all__ = ["plant"]

FOUNDATION = Foundation(
    partition="aws", organization_id="o-1", home_region="eu-west-1", management_account_id="123456789012"
)


def verified(world: World, *, account_type: str = "sandbox", **fields: Any) -> tuple[Any, Report]:
    record, account_id = world.created(type=account_type)
    fields = {"observation_id": "o-1", "foundation": FOUNDATION.model_dump(), **fields}
    output = world.run(verify_account, record, account_id=account_id, **fields)
    return output, world.gateways.reports.latest(account_id)


def statuses(report: Report) -> list[tuple[str, str, str]]:
    return [(row.control, row.scope, row.status) for row in report.controls]


def test_every_control_is_in_the_report_in_every_place(world: World, plant: Plant) -> None:
    plant(Planted("shelf", "compliant", scope="region"), Planted("book", "compliant"))
    output, report = verified(world)
    assert (output.status, report.ready, report.observation_id) == ("DONE", True, "o-1")
    assert statuses(report) == [
        ("shelf", "eu-west-1", "compliant"),
        ("shelf", "eu-central-1", "compliant"),
        ("shelf", "us-east-1", "compliant"),
        ("book", "account", "compliant"),
    ]
    account = world.table.account(report.account_id)
    assert account is not None
    assert account.compliance == {"compliant": 4}


def test_what_is_untrue_or_unseen_is_told_with_its_cause(world: World, plant: Plant) -> None:
    plant(
        Planted("true", "compliant"),
        Planted("untrue", "violated"),
        Planted("unseen", AccessDenied("GetThing: no")),
        Planted("not-possible", "violated", foundation=("trail",)),
    )
    output, report = verified(world)
    assert (output.status, report.ready) == ("FAILED", False)
    assert [(failure.control, failure.error) for failure in output.failures] == [
        ("untrue", "VerificationFailed"),
        ("unseen", "AccessDenied"),
        ("not-possible", "FoundationBehind"),
    ]
    assert [status for _, _, status in statuses(report)] == ["compliant", "violated", "unknown", "unknown"]
    assert report.controls[2].evidence["message"] == "GetThing: no"
    assert [row["control"] for row in report.drift()["controls"]] == ["untrue", "unseen", "not-possible"]


@pytest.mark.parametrize("account_type", FOUNDATIONAL_TYPES)
def test_a_foundational_account_with_a_deferred_control_is_not_ready(
    world: World, plant: Plant, account_type: str
) -> None:
    plant(Planted("true", "compliant"), Planted("not-yet-possible", "violated", foundation=("trail",)))
    output, report = verified(world, account_type=account_type)
    assert (output.status, report.ready) == ("DONE", False)
    assert [status for _, _, status in statuses(report)] == ["compliant", "deferred"]
    account = world.table.account(report.account_id)
    assert account is not None
    assert account.outcome == "FOUNDATION"


def test_an_account_of_the_foundation_becomes_ready_when_nothing_is_deferred_any_more(
    world: World, plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(world.gateways.workflows), "history", lambda *_: [])
    control = Planted("now-possible", "compliant", foundation=("trail",))
    plant(control)
    record, account_id = world.created(type="log-archive")
    for foundation, status in ((FOUNDATION, "FOUNDATION"), (FOUNDATION.model_copy(update={"trail_arn": "t"}), "READY")):
        world.run(
            verify_account, record, account_id=account_id, observation_id="o-1", foundation=foundation.model_dump()
        )
        if status == "FOUNDATION":
            world.run(record_outcome, record, account_id=account_id)
        account = world.table.account(account_id)
        assert account is not None
        assert (account.status, account.ready_at is None) == (status, status == "FOUNDATION")


def test_what_aws_takes_hours_for_is_shown_and_not_waited_for(world: World, plant: Plant) -> None:
    plant(Planted("slow", "pending", blocks_ready=False))
    output, report = verified(world)
    assert (output.status, report.ready, statuses(report)) == ("DONE", True, [("slow", "account", "pending")])


@pytest.mark.parametrize(
    ("look", "looks", "status"),
    [
        ("pending", 58, "PENDING"),
        ("pending", 59, "FAILED"),
        ("violated", 2, "PENDING"),
        ("violated", 3, "FAILED"),
    ],
)
def test_a_vend_has_patience_and_an_observation_has_none(
    world: World, plant: Plant, look: Verdict, looks: int, status: str
) -> None:
    plant(Planted("shelf", look))
    record, account_id = world.created()
    run = partial(
        world.run,
        verify_account,
        record,
        account_id=account_id,
        observation_id="o-1",
        foundation=FOUNDATION.model_dump(),
    )
    assert run(purpose="verify", looks=looks).status == status
    assert run(purpose="observe", looks=0).status == "FAILED"


def test_an_observation_looks_again_at_what_aws_refuses_to_show_for_the_moment(world: World, plant: Plant) -> None:
    plant(Planted("throttled", Throttled("GetThing: slow down")), Planted("untrue", "violated"))
    with pytest.raises(ReportNotFound):
        verified(world, purpose="observe")
    output, report = verified(world, purpose="observe", looks=11)
    assert (output.status, statuses(report)[0]) == ("FAILED", ("throttled", "account", "unknown"))


def test_a_report_is_kept_when_no_further_look_is_due(world: World, plant: Plant) -> None:
    plant(Planted("shelf", "violated"))
    with pytest.raises(ReportNotFound):
        verified(world, purpose="repair")
    assert verified(world, purpose="repair", looks=3)[1].ready is False


def test_the_report_says_why_enforcing_has_failed(world: World, plant: Plant) -> None:
    plant(Planted("shelf", "violated"))
    failure = {"control": "shelf", "status": "unknown", "error": "AccessDenied", "cause": "PutThing: no"}
    _, report = verified(world, failures=[failure])
    assert report.controls[0].evidence["enforcement"] == {"code": "AccessDenied", "message": "PutThing: no"}


def test_where_nothing_can_be_looked_at_the_report_says_why(world: World) -> None:
    cause = json.dumps({"errorType": "AccessDenied", "errorMessage": "DescribeAccount: no"})
    failure = {"control": "all controls", "status": "unknown", "error": "AccessDenied", "cause": cause}
    output, report = verified(world, foundation=None, failures=[failure])
    assert (output.status, report.ready) == ("FAILED", False)
    assert statuses(report) == [("all controls", "account", "unknown")]
    assert report.controls[0].evidence["message"] == "DescribeAccount: no"


def test_an_account_that_is_not_in_use_is_not_verified(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    record, account_id = world.created()
    account = world.organizations.account(account_id)
    closed = type(account)(account.id, account.name, account.email, "SUSPENDED", account.organization_id)
    monkeypatch.setattr(Organizations, "account", lambda *_: closed)
    foundation = FOUNDATION.model_dump()
    with pytest.raises(VerificationFailed, match="is SUSPENDED, not ACTIVE"):
        world.run(verify_account, record, account_id=account_id, observation_id="o-1", foundation=foundation)
    with pytest.raises(ReportNotFound, match=account_id):
        world.gateways.reports.latest(account_id)
