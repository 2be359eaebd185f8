"""RecordOutcome."""

import pytest

from avm.domain.time import from_iso
from avm.steps import record_outcome
from tests.unit.steps.conftest import World

HISTORY = [
    {"type": "TaskStateEntered", "timestamp": "t1", "stateEnteredEventDetails": {"name": "RecordOutcome"}},
]


def test_request_and_account_are_ready(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    record, account_id = world.created()
    monkeypatch.setattr(type(world.gateways.workflows), "history", lambda *_: HISTORY)
    first = world.run(record_outcome, record, account_id=account_id, at="2030-01-01T00:00:00.000Z")
    begun = from_iso(world.table.request(record.request_id).created_at)
    assert first.measured() == {"TimeToReady": (from_iso("2030-01-01T00:00:00.000Z") - begun).total_seconds()}
    stored, account = world.table.request(record.request_id), world.table.account(account_id)
    assert account is not None
    assert (stored.status, account.status) == ("READY", "READY")
    assert stored.ready_at == account.ready_at == "2030-01-01T00:00:00.000Z"
    assert [(step["name"], step["status"]) for step in stored.steps] == [("RecordOutcome", "SUCCEEDED")]
    world.run(record_outcome, record, account_id=account_id, at="2031-01-01T00:00:00.000Z")
    assert world.table.request(record.request_id).ready_at == "2030-01-01T00:00:00.000Z"


def test_an_account_in_which_a_control_is_deferred_is_not_ready_and_not_told_to_be(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(world.gateways.workflows), "history", lambda *_: HISTORY)
    told: list[str] = []
    monkeypatch.setattr(type(world.gateways.events), "publish", lambda _, kind, **__: told.append(kind))
    record, account_id = world.created(type="log-archive")
    account = world.table.account(account_id)
    assert account is not None
    world.table.put_account(account.model_copy(update={"compliance": {"compliant": 3, "deferred": 1}}))
    told.clear()
    world.run(record_outcome, record, account_id=account_id)
    account = world.table.account(account_id)
    assert account is not None
    assert (account.status, account.ready_at, told) == ("FOUNDATION", None, [])
    assert world.table.request(record.request_id).status == "READY"
