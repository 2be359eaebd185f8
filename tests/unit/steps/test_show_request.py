"""What has become of a request, and its place in the queue."""

from avm.steps import join_creation_queue
from avm.steps.show_request import show_request
from avm.steps.slots import vacate
from tests.unit.steps.conftest import World
from tests.unit.steps.recorders import Executions


def position(world: World, request_id: str) -> int | None:
    return show_request(world.table.request(request_id), world.gateways).queue_position


def test_the_place_in_the_queue_is_shown_and_falls_as_others_leave(world: World, executions: Executions) -> None:
    first, second = world.started(), world.started()
    assert position(world, first.request_id) is None
    for record in (second, first):
        world.run(join_creation_queue, record)
    assert [position(world, each.request_id) for each in (first, second)] == [1, 2]
    vacate(world.gateways, "creation", first.request_id)
    assert [position(world, each.request_id) for each in (first, second)] == [None, 1]


def test_who_does_not_wait_for_an_account_has_no_place(world: World, executions: Executions) -> None:
    record = world.started()
    world.run(join_creation_queue, record)
    world.table.update_request(record.request_id, {"status": "PARKED"})
    assert position(world, record.request_id) is None
    world.table.update_request(record.request_id, {"status": "IN_PROGRESS", "account_id": "111111111111"})
    assert position(world, record.request_id) is None


def test_a_vend_that_has_not_begun_shows_its_steps_as_planned(world: World, executions: Executions) -> None:
    view = show_request(world.accepted(), world.gateways)
    assert {step.status for step in view.steps} == {"PENDING"}
    assert [step.name for step in view.steps][2:5] == ["JoinCreationQueue", "AcquireCreationSlot", "CreateAccount"]
