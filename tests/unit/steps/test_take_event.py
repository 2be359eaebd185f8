"""TakeEvent."""

from typing import Any

import pytest

from avm.steps import take_event, validate_request
from avm.steps.take_event import Output
from tests.unit.steps.conftest import World
from tests.unit.steps.message_door import Door, good
from tests.unit.steps.recorders import Published


@pytest.fixture
def door(world: World) -> Door:
    return Door(world, take_event)


def event(detail: Any = None, **fields: Any) -> dict[str, Any]:
    """Return an event as EventBridge puts it into a queue (user guide, "Event structure")."""
    return {
        "version": "0",
        "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
        "detail-type": "AccountRequested",
        "source": "portal.example",
        "account": "210987654321",
        "time": "2026-01-01T00:00:00Z",
        "region": "eu-west-1",
        "resources": [],
        "detail": good() if detail is None else detail,
        **fields,
    }


EVENT_ID = event()["id"]


def test_an_event_is_a_request_under_its_own_id_of_the_account_that_has_put_it(world: World, door: Door) -> None:
    assert door.take(event()) == Output(request_id=EVENT_ID)
    record = world.table.request(EVENT_ID)
    requester = record.requester
    assert (requester.door, requester.principal) == ("events", "arn:aws:iam::210987654321:root")
    assert requester.on_behalf_of is None
    assert record.event_id == EVENT_ID
    assert door.started == [(EVENT_ID, 1)]
    (row,) = world.table.audit(EVENT_ID)
    assert row.details == {"door": "events", "event_id": EVENT_ID}


def test_an_event_that_comes_again_and_one_with_the_same_request_id_are_one_request(world: World, door: Door) -> None:
    door.take(event(good(request_id="R1")))
    assert door.take(event(good(request_id="R1")), message_id="m-2") == Output(request_id="R1")
    again = event(good(request_id="R1"), id="another")
    assert door.take(again, message_id="m-3") == Output(request_id="R1")
    assert len(world.table.requests(limit=5)[0]) == 1
    assert world.table.request("R1").event_id == EVENT_ID, "the first one is what is told"
    assert door.letters() == []


def test_what_is_told_of_the_request_names_the_senders_event(world: World, door: Door, published: Published) -> None:
    door.take(event(good(request_id="R1")))
    world.run(validate_request, world.table.request("R1"))
    ((detail_type, details),) = published.events
    assert (detail_type, details["event_id"]) == ("AccountRequestAccepted", EVENT_ID)


@pytest.mark.parametrize(
    ("body", "code", "request_id"),
    [
        ("{", "InvalidRequest", None),
        ([], "InvalidRequest", None),
        (event([]), "InvalidRequest", None),
        (event(account="me"), "InvalidRequest", None),
        (event(id=""), "InvalidRequest", None),
        (event(**{"detail-type": "AccountReady"}), "InvalidRequest", None),
        (event(good(type="castle")), "InvalidRequest", EVENT_ID),
        (event(good(request_id="R9", nonsense=1)), "InvalidRequest", "R9"),
        (event(good(purpose="x" * 70_000)), "RequestTooLarge", None),
    ],
)
def test_what_cannot_become_a_request_is_put_aside_and_told_with_the_senders_id(
    world: World, door: Door, published: Published, *, body: Any, code: str, request_id: str | None
) -> None:
    assert door.take(body) == Output(request_id=request_id, code=code)
    (letter,) = door.letters()
    assert (letter["code"], letter["request_id"]) == (code, request_id)
    ((detail_type, details),) = published.events
    assert (detail_type, details["door"]) == ("AccountRequestRejected", "events")
    assert details["error"]["code"] == code
    assert details.get("event_id") == (EVENT_ID if request_id else None)
    assert world.table.requests(limit=5)[0] == []
