"""ParkAccount."""

import json
from typing import Any

import pytest

from avm.domain.account_request import RequestRecord
from avm.domain.errors import ERRORS, AccessDenied, RequestNotFound, Throttled, VendingError
from avm.steps import acquire_creation_slot, create_account, join_creation_queue, park_account
from avm.steps.park_account import PATIENCE, Input, true_cause
from avm.steps.watch_vends import watch_vends
from tests.unit.steps.conftest import World
from tests.unit.steps.recorders import Executions, Published

AT_ONCE = 5

pytestmark = pytest.mark.usefixtures("executions")


def failing(error: VendingError) -> Any:
    def fail(*_: object) -> None:
        raise error

    return fail


def codes(record: RequestRecord) -> list[str]:
    return [error["code"] for error in record.errors]


def failure(error: str, cause: str) -> dict[str, Any]:
    return {"failed_state": "MoveAccount", "error": error, "cause": cause}


def test_the_account_is_held_and_the_cause_recorded(world: World) -> None:
    record, account_id = world.created()
    cause = json.dumps({"errorMessage": "MoveAccount: AccessDeniedException: no", "errorType": "AccessDenied"})
    output = world.run(park_account, record, **failure("AccessDenied", cause))
    assert (output.code, output.message) == ("AccessDenied", "MoveAccount: AccessDeniedException: no")
    assert world.catalog.quarantine.aws_name in world.organizations.attached_scps(account_id)
    stored, account = world.table.request(record.request_id), world.table.account(account_id)
    assert account is not None
    assert (stored.status, account.status) == ("PARKED", "PARKED")
    assert stored.error is not None
    assert stored.error["code"] == "AccessDenied"
    assert stored.error["hint"]


def test_a_request_without_an_account_is_parked_too(world: World) -> None:
    record = world.accepted()
    world.run(park_account, record, **failure("Throttled", "{}"))
    assert world.table.request(record.request_id).status == "PARKED"


def test_a_released_account_is_not_held_again(world: World) -> None:
    record, account_id = world.created()
    world.organizations.tag(account_id, {"avm:released-at": world.now()})
    world.run(park_account, record, **failure("Throttled", "{}"))
    assert world.catalog.quarantine.aws_name not in world.organizations.attached_scps(account_id)


def test_where_the_quarantine_is_impossible_both_errors_are_kept(
    world: World, published: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    record, account_id = world.created()
    published.events.clear()
    monkeypatch.setattr(world.organizations, "attach_policy", failing(AccessDenied("no SCP for you")))
    output = world.run(park_account, record, account_id=account_id, **failure("StillPending", "after 3 looks"))
    stored = world.table.request(record.request_id)
    assert (output.code, stored.status, codes(stored)) == ("StillPending", "PARKED", ["StillPending", "AccessDenied"])
    assert stored.error == stored.errors[0]
    assert stored.errors[1]["message"] == "no SCP for you"
    assert published.types() == ["AccountParked"]


def test_an_account_that_could_not_be_held_is_held_by_the_watchdog_as_soon_as_it_can(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    record, account_id = world.created()
    with monkeypatch.context() as denied:
        denied.setattr(world.organizations, "attach_policy", failing(AccessDenied("no SCP for you")))
        world.run(park_account, record, account_id=account_id, **failure("StillPending", ""))
        assert watch_vends(world.now(), world.gateways).failures == ["AccessDenied: no SCP for you"]
    assert [each.request_id for each in world.table.open_requests()] == [record.request_id]
    assert watch_vends(world.now(), world.gateways).failures == []
    assert world.catalog.quarantine.aws_name in world.organizations.attached_scps(account_id)
    assert list(world.table.open_requests()) == []
    assert world.table.request(record.request_id).status == "PARKED"


def test_a_quarantine_that_fails_for_the_moment_is_tried_again_before_it_is_given_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    record, account_id = world.created()
    monkeypatch.setattr(world.organizations, "attach_policy", failing(Throttled("slow")))
    for retries in range(PATIENCE):
        world.wait()
        with pytest.raises(Throttled):
            world.run(park_account, record, account_id=account_id, retry_count=retries, **failure("StillPending", ""))
    assert world.table.request(record.request_id).status == "IN_PROGRESS"
    world.wait()
    world.run(park_account, record, account_id=account_id, retry_count=PATIENCE, **failure("StillPending", ""))
    assert codes(world.table.request(record.request_id)) == ["StillPending", "Throttled"]


def test_an_account_that_cannot_be_looked_at_is_held_all_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    record, account_id = world.created()
    with monkeypatch.context() as blind:
        blind.setattr(world.organizations, "tags", failing(AccessDenied("no look")))
        world.run(park_account, record, account_id=account_id, **failure("StillPending", ""))
    assert world.catalog.quarantine.aws_name in world.organizations.attached_scps(account_id)
    assert codes(world.table.request(record.request_id)) == ["StillPending", "AccessDenied"]


def test_the_account_is_held_even_where_the_record_cannot_be_read(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    record, account_id = world.created()
    monkeypatch.setattr(world.table, "request", failing(RequestNotFound("gone")))
    with pytest.raises(RequestNotFound):
        world.run(park_account, record, account_id=account_id, **failure("StillPending", ""))
    assert world.catalog.quarantine.aws_name in world.organizations.attached_scps(account_id)


def test_a_late_run_of_an_older_attempt_changes_nothing(world: World, published: Published) -> None:
    record = world.started()
    world.table.update_request(record.request_id, {"attempt": 2})
    world.run(join_creation_queue, record)
    world.gateways.slots.put_token(record.request_id, "creation", "of the second attempt")
    before = world.table.request(record.request_id)
    world.run(park_account, record, **failure("Throttled", "{}"))
    assert world.table.request(record.request_id) == before
    assert world.line("creation") == ([], [record.request_id])
    assert world.gateways.slots.token(record.request_id, "creation") == "of the second attempt"
    assert published.events == []


@pytest.mark.parametrize("status", ["READY", "CANCELLED", "REJECTED"])
def test_a_request_that_is_over_stays_as_it_is(world: World, published: Published, status: str) -> None:
    record = world.accepted()
    world.table.update_request(record.request_id, {"status": status})
    before = world.table.request(record.request_id)
    world.run(park_account, record, **failure("Throttled", "{}"))
    assert world.table.request(record.request_id) == before
    assert published.events == []


def test_a_second_run_keeps_the_first_cause(world: World) -> None:
    record = world.started()
    world.run(park_account, record, **failure("Throttled", "{}"))
    before = world.table.request(record.request_id)
    world.run(park_account, record, **failure("AccessDenied", "{}"))
    assert world.table.request(record.request_id) == before
    assert world.actions(record).count("AccountParked") == 1


def test_its_slot_is_handed_on(world: World, executions: Executions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world.organizations, "names_in_progress", list)
    records = [world.started() for _ in range(AT_ONCE + 1)]
    for record in records:
        world.run(join_creation_queue, record)
    for record in records:
        world.run(acquire_creation_slot, record, token=record.request_id)
    executions.answers.clear()
    world.run(park_account, records[2], **failure("Throttled", "{}"))
    assert executions.answered() == [records[-1].request_id]
    assert records[2].request_id not in world.line("creation")[0]


@pytest.mark.parametrize(
    ("error", "cause", "code", "message"),
    [
        ("Throttled", '{"errorMessage": "slow"}', "Throttled", "slow"),
        (
            "Sandbox.Timedout",
            '{"errorMessage": "Task timed out"}',
            "UnexpectedError",
            "MoveAccount: Sandbox.Timedout: Task timed out",
        ),
        ("States.Timeout", "", "UnexpectedError", "MoveAccount: States.Timeout: "),
        ("States.QueryEvaluationError", "words", "UnexpectedError", "MoveAccount: States.QueryEvaluationError: words"),
        ("StillPending", "after 3 looks", "StillPending", "after 3 looks"),
    ],
)
def test_the_true_cause_is_told(error: str, cause: str, code: str, message: str) -> None:
    step = Input.model_validate({"request_id": "R", "attempt": 1, "time": "t", **failure(error, cause)})
    told = true_cause(step)
    assert (told["code"], told["message"]) == (code, message)
    assert told["hint"] == ERRORS[code].hint


def test_who_has_waited_in_vain_is_told_what_has_failed_on_the_way(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    record, account_id = world.created()
    words = json.dumps({"errorType": "Runtime.ExitError", "errorMessage": "signal: killed"})
    monkeypatch.setattr(world.gateways.workflows, "last_failure", lambda *_: ("Runtime.ExitError", words))
    output = world.run(park_account, record, account_id=account_id, **failure("StillPending", "after 3 looks"))
    assert output.message == "after 3 looks; the last that failed in it: Runtime.ExitError: signal: killed"
    stored = world.table.request(record.request_id)
    assert stored.error == stored.errors[0]
    assert stored.errors[0]["message"] == output.message


def test_an_account_that_the_workflow_did_not_get_to_know_is_held_and_recorded(world: World) -> None:
    record = world.started()
    world.run(create_account, record)
    world.emulator.clock.advance(120)
    world.run(park_account, record, **failure("AccessDenied", '{"errorMessage": "DescribeCreateAccountStatus: no"}'))
    stored = world.table.request(record.request_id)
    assert stored.account_id is not None
    assert (stored.status, stored.error and stored.error["code"]) == ("PARKED", "AccessDenied")
    assert world.catalog.quarantine.aws_name in world.organizations.attached_scps(stored.account_id)
    assert list(world.table.open_requests()) == []


def test_what_aws_has_not_decided_when_the_request_is_parked_is_held_by_the_watchdog(world: World) -> None:
    record = world.started()
    world.emulator.clock.hold(held=True)
    world.run(create_account, record)
    world.run(park_account, record, **failure("AccessDenied", "{}"))
    world.emulator.clock.hold(held=False)
    assert [each.request_id for each in world.table.open_requests()] == [record.request_id]
    world.emulator.clock.advance(120)
    assert watch_vends(world.now(), world.gateways).failures == []
    stored = world.table.request(record.request_id)
    assert stored.account_id is not None
    assert stored.status == "PARKED"
    assert world.catalog.quarantine.aws_name in world.organizations.attached_scps(stored.account_id)
    assert list(world.table.open_requests()) == []


def test_a_creation_that_failed_after_the_request_was_parked_leaves_nothing_to_look_after(world: World) -> None:
    record = world.started()
    changes = {"creation_called_at": world.now(), "creation_intent_at": world.now(), "create_request_id": None}
    world.table.update_request(record.request_id, changes)
    world.run(park_account, record, **failure("AccessDenied", "{}"))
    assert [each.request_id for each in world.table.open_requests()] == [record.request_id]
    world.emulator.clock.advance(3601)
    watch_vends(world.now(), world.gateways)
    assert list(world.table.open_requests()) == []
    assert world.table.request(record.request_id).status == "PARKED"
