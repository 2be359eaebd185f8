"""JoinCreationQueue."""

from avm.steps import join_creation_queue
from tests.unit.steps.conftest import World


def test_requests_stand_in_line_as_they_arrived_not_as_they_came_to_the_queue(world: World) -> None:
    first, second, third = (world.started() for _ in range(3))
    for record in (third, first, second):
        world.run(join_creation_queue, record)
    assert world.line("creation") == ([], [first.request_id, second.request_id, third.request_id])


def test_a_second_run_changes_nothing(world: World) -> None:
    first, second = world.started(), world.started()
    for record in (first, second, first):
        world.run(join_creation_queue, record)
    assert world.line("creation") == ([], [first.request_id, second.request_id])


def test_a_request_that_has_its_account_does_not_stand_in_line(world: World) -> None:
    record = world.started()
    world.table.update_request(record.request_id, {"account_id": "111111111111"})
    world.run(join_creation_queue, record)
    assert world.line("creation") == ([], [])
