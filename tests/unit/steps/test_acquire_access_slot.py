"""AcquireAccessSlot."""

from avm.steps import acquire_access_slot
from tests.unit.steps.conftest import World
from tests.unit.steps.recorders import Executions

ACCOUNT = "111111111111"


def test_as_many_accounts_as_the_catalog_says_get_their_turn_now(world: World, executions: Executions) -> None:
    at_once = world.catalog.organization.limits.assignments_at_once
    records = [world.started() for _ in range(at_once + 1)]
    now = world.now()
    for record in records:
        world.run(acquire_access_slot, record, at=now, account_id=ACCOUNT, token=record.request_id)
    assert executions.answers == [(record.request_id, {"start_at": now}) for record in records[:at_once]]
    assert world.line("access")[1] == [records[-1].request_id]
    assert world.gateways.slots.token(records[-1].request_id, "access") == records[-1].request_id


def test_a_second_run_wakes_the_execution_by_its_new_token(world: World, executions: Executions) -> None:
    record = world.started()
    for token in ("one", "two"):
        world.run(acquire_access_slot, record, account_id=ACCOUNT, token=token)
    assert executions.answered() == ["one", "two"]
    assert world.line("access") == ([record.request_id], [])
