"""ReleaseAccessSlot."""

from avm.steps import acquire_access_slot, release_access_slot
from tests.unit.steps.conftest import World
from tests.unit.steps.recorders import Executions

ACCOUNT = "111111111111"


def test_the_place_is_handed_on_once_to_the_first_of_the_queue(world: World, executions: Executions) -> None:
    at_once = world.catalog.organization.limits.assignments_at_once
    records = [world.started() for _ in range(at_once + 2)]
    for record in records:
        world.run(acquire_access_slot, record, account_id=ACCOUNT, token=record.request_id)
    for _ in range(2):
        world.run(release_access_slot, records[0], account_id=ACCOUNT)
    assert executions.answered()[at_once:] == [records[at_once].request_id]
    assert world.line("access") == (
        [record.request_id for record in records[1 : at_once + 1]],
        [records[at_once + 1].request_id],
    )
