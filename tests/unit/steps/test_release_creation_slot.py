"""ReleaseCreationSlot."""

import pytest

from avm.domain.account_request import RequestRecord
from avm.steps import acquire_creation_slot, join_creation_queue, release_creation_slot
from tests.unit.steps.conftest import World
from tests.unit.steps.recorders import Executions

AT_ONCE = 5


@pytest.fixture(autouse=True)
def nobody_else(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world.organizations, "names_in_progress", list)


@pytest.fixture
def records(world: World, executions: Executions) -> list[RequestRecord]:
    """Return two requests more than AWS takes at once; all of them have asked for their slot."""
    records = [world.started() for _ in range(AT_ONCE + 2)]
    for record in records:
        world.run(join_creation_queue, record)
    for record in records:
        world.run(acquire_creation_slot, record, token=record.request_id)
    assert executions.answered() == [record.request_id for record in records[:AT_ONCE]]
    executions.answers.clear()
    return records


def test_the_slot_is_handed_on_to_the_first_of_the_queue(
    world: World, executions: Executions, records: list[RequestRecord]
) -> None:
    world.run(release_creation_slot, records[1])
    assert executions.answered() == [records[AT_ONCE].request_id]
    holders, waiting = world.line("creation")
    assert holders == [record.request_id for record in (records[0], *records[2 : AT_ONCE + 1])]
    assert waiting == [records[AT_ONCE + 1].request_id]


def test_a_second_run_hands_on_nothing_more(world: World, executions: Executions, records: list[RequestRecord]) -> None:
    for _ in range(2):
        world.run(release_creation_slot, records[1])
    assert executions.answered() == [records[AT_ONCE].request_id]
    assert len(world.line("creation")[0]) == AT_ONCE


def test_who_is_not_there_yet_finds_its_slot_when_it_asks(world: World, executions: Executions) -> None:
    holder, comer = world.started(), world.started()
    world.run(join_creation_queue, holder)
    world.run(join_creation_queue, comer)
    world.run(release_creation_slot, holder)
    assert executions.answers == []
    assert world.line("creation") == ([comer.request_id], [])
    world.run(acquire_creation_slot, comer, token="token")  # noqa: S106  no secret: a name
    assert executions.answered() == ["token"]
