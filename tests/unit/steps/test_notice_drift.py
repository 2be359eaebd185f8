"""NoticeDrift."""

import json
from typing import Any

import pytest

from avm.steps import notice_drift
from avm.steps.notice_drift import Output
from tests.unit.steps.conftest import World
from tests.unit.steps.recorders import Published, Runs

SENT = 1_800_000_060_000
"""Milliseconds since 1970: a minute after a window has begun."""
WINDOW = SENT // 1000 // 300


def event(
    account: str, name: str = "DeleteAccountPublicAccessBlock", source: str = "s3", **more: Any
) -> dict[str, Any]:
    detail = {
        "eventID": "e-1",
        "eventSource": f"{source}.amazonaws.com",
        "eventName": name,
        "eventTime": "2027-01-15T08:01:00Z",
        "userIdentity": {"arn": f"arn:aws:iam::{account}:user/jane"},
        **more.pop("detail", {}),
    }
    return {
        "source": f"aws.{source}",
        "detail-type": "AWS API Call via CloudTrail",
        "account": account,
        "region": "eu-west-1",
        "detail": detail,
        **more,
    }


def noticed(world: World, body: object, sent: int = SENT) -> Output:
    record = {
        "messageId": "m-1",
        "body": body if isinstance(body, str) else json.dumps(body),
        "attributes": {"SenderId": "x", "SentTimestamp": str(sent), "ApproximateReceiveCount": "1"},
        "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:drift",
    }
    return notice_drift.run(notice_drift.Input.model_validate(record), world.gateways)


def test_an_event_brings_one_look_in_its_window_and_one_when_that_ends(world: World, drift_runs: Runs) -> None:
    record, account_id = world.cared_for()
    stem = f"drift-{account_id}-s3-public-access-block"
    assert noticed(world, event(account_id)) == Output(started=(f"{stem}-{WINDOW}",))
    assert noticed(world, event(account_id)) == Output(started=(f"{stem}-{WINDOW}",)), "the same event again"
    for number in range(3):
        other = event(account_id, detail={"eventID": f"e-{number + 2}"})
        assert noticed(world, other) == Output(started=(f"{stem}-{WINDOW + 1}",))
    assert list(drift_runs.begun) == [f"{stem}-{WINDOW}", f"{stem}-{WINDOW + 1}"]
    first, second = drift_runs.begun.values()
    assert (first["request_id"], first["control"]) == (record.request_id, "s3-public-access-block")
    assert first["cause"]["event"] == "s3:DeleteAccountPublicAccessBlock"
    assert first["not_before"] == "2027-01-15T08:01:00.000Z"
    assert second["not_before"] == "2027-01-15T08:05:00.000Z"


def test_a_call_of_the_management_account_is_about_the_account_that_it_names(world: World, drift_runs: Runs) -> None:
    _, account_id = world.cared_for()
    management = world.emulator.management_account_id
    moved = event(management, "MoveAccount", "organizations", detail={"requestParameters": {"accountId": account_id}})
    assert [name.rpartition("-")[0] for name in noticed(world, moved).started] == [f"drift-{account_id}-placement"]
    attached = event(
        management, "AttachPolicy", "organizations", detail={"requestParameters": {"targetId": account_id}}
    )
    (started,) = noticed(world, attached).started
    assert "account-guardrails" in started, "ou-guardrails is the foundation's"
    assert len(drift_runs.begun) == 2


@pytest.mark.parametrize(("name", "source"), [("UpdatePolicy", "organizations"), ("StopLogging", "cloudtrail")])
def test_what_is_about_all_accounts_is_a_look_at_the_foundation(
    world: World, drift_runs: Runs, foundation_runs: Runs, name: str, source: str
) -> None:
    call = event(world.emulator.management_account_id, name, source, detail={"requestParameters": {"policyId": "p-1"}})
    assert noticed(world, call).started == (f"drift-foundation-{WINDOW}",)
    ((_, document),) = foundation_runs.begun.items()
    assert (document["purpose"], document["cause"]["event"]) == ("observe", f"{source}:{name}")
    assert drift_runs.begun == {}


def test_members_that_an_administrator_leaves_are_those_that_it_names(world: World, drift_runs: Runs) -> None:
    _, account_id = world.cared_for()
    left = event("444455556666", "DisassociateMembers", "guardduty")
    left["detail"]["requestParameters"] = {"accountIds": [account_id, "999999999999"]}
    (started,) = noticed(world, left).started
    assert started.startswith(f"drift-{account_id}-guardduty-member-")
    assert len(drift_runs.begun) == 1


def test_what_is_no_hint_is_dropped_with_the_reason_and_counted(world: World, drift_runs: Runs) -> None:
    _, account_id = world.cared_for()
    genuine = event(account_id)
    own = {
        "userIdentity": {
            "sessionContext": {"sessionIssuer": {"arn": f"arn:aws:iam::{account_id}:role/avm/avm-enforce"}}
        }
    }
    for body in (
        "{",
        "[]",
        {**genuine, "source": "my.app"},
        {**genuine, "detail-type": "AccountRequested"},
        {**genuine, "detail": {}},
        {**genuine, "account": "no id"},
        {**genuine, "account": "999999999999"},
        event(account_id, "RunInstances", "ec2"),
        event(account_id, detail={"errorCode": "AccessDenied"}),
        event(account_id, detail=own),
    ):
        output = noticed(world, body)
        assert (output.started, output.counted()) == ((), ("EventDropped",)), body
        assert output.dropped
    assert drift_runs.begun == {}


def test_an_account_in_the_hands_of_a_vend_is_left_to_it(world: World, drift_runs: Runs) -> None:
    _, account_id = world.created()
    assert noticed(world, event(account_id)).started == ()
    assert drift_runs.begun == {}


def membership(account_id: str, name: str = "AccountJoinedOrganization", **more: Any) -> dict[str, Any]:
    method = {"joinedMethod": "Invited"} if "Joined" in name else {"departureMethod": "Removed"}
    return {
        "source": "aws.organizations",
        "detail-type": "AWS Service Event via CloudTrail",
        "account": "123456789012",
        "region": "us-east-1",
        "detail": {"eventName": name, "serviceEventDetails": {"accountId": account_id, **method}},
        **more,
    }


DEPARTED = "AccountDepartedOrganization"
GONE = "999999999999"


def gone(world: World) -> str:
    """Return the id of a managed account that AWS does not show."""
    _, account_id = world.cared_for()
    account = world.table.account(account_id)
    assert account is not None
    world.table.put_account(account.model_copy(update={"account_id": GONE}))
    return GONE


def test_an_account_that_came_without_the_machine_is_told_and_left_alone(world: World, published: Published) -> None:
    account_id = world.by_hand()
    assert "not managed" in str(noticed(world, membership(account_id)).dropped)
    ((kind, details),) = published.events
    assert (kind, details["managed"], details["method"]) == ("AccountJoined", False, "Invited")
    assert world.table.account(account_id) is None


def test_an_account_of_a_request_is_not_told_whether_its_record_is_there_or_not(
    world: World, published: Published
) -> None:
    _, known = world.cared_for()
    assert "is known" in str(noticed(world, membership(known)).dropped)
    record = world.accepted()
    account_id = world.by_hand(Email=record.email)
    published.events.clear()
    assert "of a request" in str(noticed(world, membership(account_id)).dropped)
    assert published.events == []


def test_a_managed_account_that_has_left_is_kept_as_such_and_told_once(world: World, published: Published) -> None:
    account_id = gone(world)
    published.events.clear()
    for _ in range(2):
        noticed(world, membership(account_id, DEPARTED))
    account = world.table.account(account_id)
    assert account is not None
    assert (account.status, account.departed_at) == ("DEPARTED", "2027-01-15T08:01:00.000Z")
    assert published.types() == ["AccountDeparted"]
    assert "nothing that it may have changed" in str(noticed(world, event(account_id)).dropped)


def test_who_aws_still_shows_has_not_left(world: World, published: Published) -> None:
    _, account_id = world.cared_for()
    published.events.clear()
    assert "still shows" in str(noticed(world, membership(account_id, DEPARTED)).dropped)
    assert published.events == []


def test_an_account_that_has_come_back_is_looked_at_as_a_whole(
    world: World, drift_runs: Runs, published: Published
) -> None:
    _, account_id = world.cared_for()
    account = world.table.account(account_id)
    assert account is not None
    world.table.put_account(account.model_copy(update={"status": "DEPARTED", "departed_at": "2027-01-01T00:00:00Z"}))
    published.events.clear()
    started = noticed(world, membership(account_id)).started
    assert {name.split("-", 2)[2].rpartition("-")[0] for name in started} >= {"placement", "access-assignments"}
    assert len(drift_runs.begun) == len(started)
    back = world.table.account(account_id)
    assert back is not None
    assert (back.status, back.departed_at) == ("READY", None)
    ((kind, details),) = published.events
    assert (kind, details["managed"]) == ("AccountJoined", True)


def test_only_the_management_account_is_told_who_joins(world: World, published: Published) -> None:
    forged = membership(world.by_hand(), account="210987654321")
    assert "not the management account" in str(noticed(world, forged).dropped)
    assert published.events == []


def test_an_account_that_was_never_ready_stays_what_it_is_when_it_has_left(world: World, published: Published) -> None:
    """Come back, it would else be kept as ready."""
    account_id = gone(world)
    account = world.table.account(account_id)
    assert account is not None
    world.table.put_account(account.model_copy(update={"status": "PARKED"}))
    published.events.clear()
    assert "not under care" in str(noticed(world, membership(account_id, DEPARTED)).dropped)
    kept = world.table.account(account_id)
    assert kept is not None
    assert (kept.status, published.events) == ("PARKED", [])


def test_a_call_in_an_account_of_the_foundation_may_have_changed_what_all_rest_on(
    world: World, foundation_runs: Runs
) -> None:
    _, account_id = world.cared_for()
    deleted = event(account_id, "DeleteAnalyzer", "access-analyzer")
    assert noticed(world, deleted).dropped, "a team's own analyzer"
    security = world.cared_for(name="security", type="security")[1]
    (look,) = noticed(world, {**deleted, "account": security}).started
    assert look == f"drift-foundation-{WINDOW}"
    assert foundation_runs.begun[look]["cause"]["event"] == "access-analyzer:DeleteAnalyzer"
