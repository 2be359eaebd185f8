"""RecordOutcome."""

import pytest

from avm.steps import record_outcome
from tests.unit.steps.conftest import World

HISTORY = [
    {"type": "TaskStateEntered", "timestamp": "t1", "stateEnteredEventDetails": {"name": "RecordOutcome"}},
]


def test_request_and_account_are_ready(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    record, account_id = world.created()
    monkeypatch.setattr(type(world.gateways.workflows), "history", lambda *_: HISTORY)
    world.run(record_outcome, record, account_id=account_id, at="2030-01-01T00:00:00.000Z")
    stored, account = world.table.request(record.request_id), world.table.account(account_id)
    assert account is not None
    assert (stored.status, account.status) == ("READY", "READY")
    assert stored.ready_at == account.ready_at == "2030-01-01T00:00:00.000Z"
    assert [(step["name"], step["status"]) for step in stored.steps] == [("RecordOutcome", "SUCCEEDED")]
    world.run(record_outcome, record, account_id=account_id, at="2031-01-01T00:00:00.000Z")
    assert world.table.request(record.request_id).ready_at == "2030-01-01T00:00:00.000Z"
