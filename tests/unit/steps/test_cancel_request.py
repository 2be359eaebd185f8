"""Cancel a request: everything is free again before CreateAccount, and nothing can be cancelled after it."""

from typing import Any

import pytest

from avm.domain.account_request import Requester, RequestRecord
from avm.domain.errors import RequestCancelled, RequestNotCancellable, RequestNotFound
from avm.steps import acquire_creation_slot, create_account, join_creation_queue, park_account, request_approval
from avm.steps.cancel_request import cancel_request
from tests.unit.steps.conftest import World
from tests.unit.steps.recorders import Executions

JANE = Requester(door="api", principal="arn:jane")


@pytest.fixture(autouse=True)
def nobody_else(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world.organizations, "names_in_progress", list)


def cancel(world: World, record: RequestRecord) -> RequestRecord:
    return cancel_request(record.request_id, requester=JANE, now=world.now(), gateways=world.gateways)


def is_open(world: World, record: RequestRecord) -> bool:
    return record.request_id in {each.request_id for each in world.table.open_requests()}


def test_a_request_that_has_not_begun_gives_up_name_and_email(world: World, executions: Executions) -> None:
    record = world.accepted(name="cancelled", email="aws-cancelled@example.com")
    executions.start_vend(record.request_id, 1)
    assert cancel(world, record).status == "CANCELLED"
    assert executions.stopped == [(f"{record.request_id}-1", "RequestCancelled")]
    assert world.accepted(name="cancelled", email="aws-cancelled@example.com").status == "QUEUED"
    assert world.audited(record, "RequestCancelled") == ("arn:jane", {})
    assert is_open(world, record)  # a function that was under way may still write: the watchdog looks once more


@pytest.mark.parametrize("waits", [False, True])
def test_slot_place_and_token_are_given_up(world: World, executions: Executions, waits: bool) -> None:  # noqa: FBT001  a parameter of the test
    others = [world.started() for _ in range(5 if waits else 0)]
    record = world.started()
    for each in (*others, record):
        world.run(join_creation_queue, each)
        world.run(acquire_creation_slot, each, token=each.request_id)
    holders, waiting = world.line("creation")
    assert record.request_id in (waiting if waits else holders)
    cancel(world, record)
    assert record.request_id not in {name for part in world.line("creation") for name in part}
    assert world.gateways.slots.token(record.request_id, "creation") is None


def test_a_request_that_waits_for_a_decision_can_be_cancelled(world: World, executions: Executions) -> None:
    record = world.started()
    world.run(request_approval, record, token="token")  # noqa: S106  no secret: a name
    assert cancel(world, record).status == "CANCELLED"
    assert world.gateways.slots.token(record.request_id, "approval") is None


def test_a_parked_request_without_an_account_can_be_cancelled(world: World, executions: Executions) -> None:
    record = world.started()
    world.run(park_account, record, failed_state="JoinCreationQueue", error="Throttled")
    assert cancel(world, record).status == "CANCELLED"


def test_cancelling_again_is_the_same(world: World, executions: Executions) -> None:
    record = world.accepted()
    first = cancel(world, record)
    assert cancel(world, record) == first
    assert world.actions(record).count("RequestCancelled") == 1


def test_after_create_account_was_called_nothing_can_be_cancelled(world: World, executions: Executions) -> None:
    record = world.started()
    executions.start_vend(record.request_id, 1)
    world.run(create_account, record)
    with pytest.raises(RequestNotCancellable, match="its account is being created"):
        cancel(world, record)
    assert world.table.request(record.request_id).status == "IN_PROGRESS"
    assert executions.stopped == []
    world.awaited(record)
    with pytest.raises(RequestNotCancellable):
        cancel(world, record)


def test_a_call_whose_answer_is_in_doubt_cannot_be_cancelled(
    world: World, executions: Executions, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = world.started()
    monkeypatch.setattr(world.organizations, "create_account", lambda **_: None)
    assert world.run(create_account, record).creation == "UNKNOWN"
    with pytest.raises(RequestNotCancellable):
        cancel(world, record)


@pytest.mark.parametrize("status", ["READY", "REJECTED"])
def test_a_request_that_is_over_stays_as_it_is(world: World, executions: Executions, status: str) -> None:
    record = world.accepted()
    world.table.update_request(record.request_id, {"status": status})
    with pytest.raises(RequestNotCancellable, match=f"it is {status}"):
        cancel(world, record)
    assert world.table.request(record.request_id).status == status


def test_an_unknown_request_is_named(world: World, executions: Executions) -> None:
    with pytest.raises(RequestNotFound, match="nobody"):
        cancel_request("nobody", requester=JANE, now=world.now(), gateways=world.gateways)


def test_a_cancelled_request_never_calls_create_account(world: World, executions: Executions) -> None:
    record = world.started()
    since = world.last_call()
    cancel(world, record)
    with pytest.raises(RequestCancelled):
        world.run(create_account, record)
    assert "organizations:CreateAccount" not in world.mutating_calls(since)


def test_a_cancellation_between_the_look_and_the_call_wins(
    world: World, executions: Executions, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = world.started()
    since = world.last_call()
    update = world.table.update_request

    def cancelled_first(*arguments: Any, **more: Any) -> bool:
        with monkeypatch.context() as quiet:
            quiet.setattr(world.table, "update_request", update)
            cancel(world, record)
        return update(*arguments, **more)

    monkeypatch.setattr(world.table, "update_request", cancelled_first)
    with pytest.raises(RequestCancelled):
        world.run(create_account, record)
    assert "organizations:CreateAccount" not in world.mutating_calls(since)


def test_a_call_between_the_look_and_the_cancellation_wins(
    world: World, executions: Executions, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = world.started()
    close = world.table.close_request

    def called_first(*arguments: Any, **more: Any) -> bool:
        world.run(create_account, record)
        return close(*arguments, **more)

    monkeypatch.setattr(world.table, "close_request", called_first)
    with pytest.raises(RequestNotCancellable, match="its account is being created"):
        cancel(world, record)
    account_id = world.awaited(record)
    assert world.table.request(record.request_id).account_id == account_id


def test_a_cancellation_that_is_broken_off_stays_open_for_the_watchdog(
    world: World, executions: Executions, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = world.started()
    executions.start_vend(record.request_id, 1)

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr(executions, "stop", die)
        with pytest.raises(KeyboardInterrupt):
            cancel(world, record)
    assert is_open(world, record)
    assert cancel(world, record).status == "CANCELLED"
    assert executions.stopped == [(f"{record.request_id}-1", "RequestCancelled")]
