"""AcquireCreationSlot."""

from datetime import timedelta

import pytest

from avm.domain.account_request import RequestRecord
from avm.domain.time import from_iso, iso
from avm.steps import acquire_creation_slot, join_creation_queue, release_creation_slot
from tests.unit.steps.conftest import World
from tests.unit.steps.recorders import Executions

AT_ONCE = 5
NOW = "2030-01-01T00:00:00.000Z"


@pytest.fixture(autouse=True)
def nobody_else(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The organization is shared with other tests: what they create is not meant here."""
    monkeypatch.setattr(world.organizations, "names_in_progress", list)


def later(seconds: float) -> str:
    return iso(from_iso(NOW) + timedelta(seconds=seconds))


def in_line(world: World, number: int) -> list[RequestRecord]:
    records = [world.started() for _ in range(number)]
    for record in records:
        world.run(join_creation_queue, record)
    return records


def acquire(world: World, record: RequestRecord, token: str | None = None, used_turn: str | None = None) -> None:
    token = token or f"token of {record.request_id}"
    at = NOW if used_turn is None else later(120)
    world.run(acquire_creation_slot, record, at=at, token=token, used_turn=used_turn)


def test_where_slots_are_free_the_execution_is_woken_at_once(world: World, executions: Executions) -> None:
    (record,) = in_line(world, 1)
    acquire(world, record, "token")
    assert executions.answers == [("token", {"start_at": NOW})]
    assert world.line("creation") == ([record.request_id], [])
    assert world.gateways.slots.token(record.request_id, "creation") is None


def test_who_came_first_gets_its_slot_first_though_another_asks_earlier(world: World, executions: Executions) -> None:
    records = in_line(world, AT_ONCE + 1)
    acquire(world, records[-1])
    assert executions.answers == []
    assert world.line("creation") == ([record.request_id for record in records[:-1]], [records[-1].request_id])
    for record in records[:-1]:
        acquire(world, record)
    assert executions.answered() == [f"token of {record.request_id}" for record in records[:-1]]


def test_turns_begin_as_far_apart_as_the_rate_asks_for(world: World, executions: Executions) -> None:
    for record in in_line(world, AT_ONCE):
        acquire(world, record)
    starts = [from_iso(answer["start_at"]) - from_iso(NOW) for _, answer in executions.answers]
    assert [round(start.total_seconds()) for start in starts] == [0, 0, 0, 10, 20]


def test_one_more_than_aws_takes_waits_without_asking_aws(
    world: World, executions: Executions, monkeypatch: pytest.MonkeyPatch
) -> None:
    *first, last = in_line(world, AT_ONCE + 1)
    for record in first:
        acquire(world, record)
    monkeypatch.setattr(world.organizations, "names_in_progress", lambda: pytest.fail("asked"))
    acquire(world, last)
    assert len(executions.answers) == AT_ONCE
    assert world.gateways.slots.token(last.request_id, "creation") == f"token of {last.request_id}"
    assert world.gateways.slots.read("creation").position(last.request_id) == 1


def test_creations_of_others_count_and_its_own_do_not_count_twice(
    world: World, executions: Executions, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = in_line(world, AT_ONCE)
    in_progress = ["somebody's", "somebody else's", "a third one"]
    monkeypatch.setattr(world.organizations, "names_in_progress", lambda: in_progress)
    acquire(world, records[0])
    assert world.line("creation")[0] == [record.request_id for record in records[:2]]
    in_progress[:] = [records[0].name, records[1].name, "a third one"]
    acquire(world, records[2])
    assert world.line("creation")[0] == [record.request_id for record in records[:4]]


def test_a_run_that_was_killed_before_its_answer_is_made_good_by_the_next(
    world: World, executions: Executions, monkeypatch: pytest.MonkeyPatch
) -> None:
    (record,) = in_line(world, 1)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr(executions, "answer", die)
        with pytest.raises(KeyboardInterrupt):
            acquire(world, record, "old")
    acquire(world, record, "new")
    assert executions.answers == [("new", {"start_at": NOW})]


def test_a_turn_that_was_used_in_vain_is_followed_by_another_in_the_same_slot(
    world: World, executions: Executions
) -> None:
    (record,) = in_line(world, 1)
    acquire(world, record, "one")
    for token in ("two", "killed", "killed again", "and again"):  # more than the burst: each of them is the same turn
        acquire(world, record, token, used_turn=NOW)
    assert executions.answers == [
        ("one", {"start_at": NOW}),
        *((token, {"start_at": later(120)}) for token in ("two", "killed", "killed again", "and again")),
    ]
    assert world.line("creation") == ([record.request_id], [])


def test_a_request_that_has_its_account_goes_on_without_a_slot(world: World, executions: Executions) -> None:
    record = world.started()
    world.table.update_request(record.request_id, {"account_id": "111111111111"})
    acquire(world, record, "token")
    assert executions.answers == [("token", {"start_at": NOW})]
    assert world.line("creation") == ([], [])


def test_a_request_that_lost_its_place_stands_in_line_again(world: World, executions: Executions) -> None:
    (record,) = in_line(world, 1)
    world.run(release_creation_slot, record)
    acquire(world, record, "token")
    assert executions.answered() == ["token"]
