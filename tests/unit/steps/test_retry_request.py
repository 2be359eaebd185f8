"""Try a parked or rejected request again."""

import pytest

from avm.domain.account_request import Requester, RequestRecord
from avm.domain.errors import NameTaken, RequestNotFound, RequestNotRetryable
from avm.steps import park_account, reject_request, reserve_account
from avm.steps.retry_request import retry_request
from tests.unit.steps.conftest import World
from tests.unit.steps.recorders import Executions

JANE = Requester(door="api", principal="arn:jane")


def retry(world: World, record: RequestRecord) -> RequestRecord:
    return retry_request(record.request_id, requester=JANE, now=world.now(), gateways=world.gateways)


def parked(world: World) -> RequestRecord:
    record = world.started()
    world.run(park_account, record, failed_state="ReserveAccount", error="Throttled")
    return world.table.request(record.request_id)


def rejected(world: World) -> RequestRecord:
    record = world.started()
    world.run(reject_request, record, failed_state="ReserveAccount", error="NameTaken")
    return world.table.request(record.request_id)


def test_a_parked_request_gets_another_execution(world: World, executions: Executions) -> None:
    record = parked(world)
    tried = retry(world, record)
    assert (tried.status, tried.attempt, tried.error) == ("QUEUED", 2, None)
    assert executions.started == [f"{record.request_id}-2"]
    assert world.audited(record, "VendRetried") == ("arn:jane", {"attempt": 2})
    assert record.request_id in {each.request_id for each in world.table.open_requests()}


def test_a_rejected_request_takes_its_name_again_if_it_is_free(world: World, executions: Executions) -> None:
    record = rejected(world)
    tried = retry(world, record)
    world.run(reserve_account, tried)
    with pytest.raises(NameTaken):
        world.accepted(name=record.name)


def test_a_person_counts_interruptions_anew(world: World, executions: Executions) -> None:
    record = parked(world)
    world.table.update_request(record.request_id, {"interruptions": 3, "stuck_since": world.now()})
    tried = retry(world, record)
    assert (tried.interruptions, tried.stuck_since) == (0, None)


@pytest.mark.parametrize(("decision", "stays"), [("approve", True), ("reject", False)])
def test_an_approval_stays_and_a_refusal_may_be_decided_anew(
    world: World,
    executions: Executions,
    decision: str,
    stays: bool,  # noqa: FBT001  a parameter of the test
) -> None:
    record = rejected(world)
    approval = {"decision": decision, "principal": "arn:boss", "time": world.now(), "comment": ""}
    world.table.update_request(record.request_id, {"approval": approval})
    assert (retry(world, record).approval is not None) == stays


@pytest.mark.parametrize("status", ["PENDING_APPROVAL", "QUEUED", "IN_PROGRESS", "READY", "CANCELLED"])
def test_nothing_else_can_be_retried(world: World, executions: Executions, status: str) -> None:
    record = world.accepted()
    world.table.update_request(record.request_id, {"status": status})
    with pytest.raises(RequestNotRetryable, match=f"is {status}"):
        retry(world, record)
    assert world.table.request(record.request_id).attempt == 1
    assert executions.started == []


def test_of_two_who_retry_at_once_one_does(
    world: World, executions: Executions, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = parked(world)
    retry(world, record)
    real, stale = world.table.request, iter([record])
    monkeypatch.setattr(world.table, "request", lambda request_id: next(stale, None) or real(request_id))
    assert retry(world, record).attempt == 2
    assert retry(world, record).attempt == 2
    assert set(executions.started) == {f"{record.request_id}-2"}


def test_an_unknown_request_is_named(world: World, executions: Executions) -> None:
    with pytest.raises(RequestNotFound, match="nobody"):
        retry_request("nobody", requester=JANE, now=world.now(), gateways=world.gateways)
