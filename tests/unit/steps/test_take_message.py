"""TakeMessage."""

import json

import pytest

from avm.domain.errors import AccessDenied, RequestNotFound, Transient
from avm.steps import take_message
from avm.steps.messages import MAX_RECEIVES
from avm.steps.take_message import Output
from tests.unit.steps.conftest import World
from tests.unit.steps.message_door import Door, good


@pytest.fixture
def door(world: World) -> Door:
    return Door(world, take_message)


def test_a_message_is_a_request_under_its_own_id_at_the_time_it_was_sent(world: World, door: Door) -> None:
    assert door.take(good()) == Output(request_id="m-1")
    record = world.table.request("m-1")
    assert (record.requester.door, record.requester.principal) == ("queue", "AIDAJANE")
    assert record.created_at == "2026-01-01T00:00:00.000Z"
    assert door.started == [("m-1", 1)]


def test_a_message_that_comes_again_is_the_same_request_and_its_vend_is_started_again(door: Door) -> None:
    door.take(good())
    assert door.take(good()) == Output(request_id="m-1")
    assert door.started == [("m-1", 1)] * 2
    assert door.letters() == []


def test_an_id_in_the_body_counts_before_the_messages(world: World, door: Door) -> None:
    assert door.take(good(request_id="R1")).request_id == "R1"
    assert door.take(good(request_id="R1"), message_id="m-2").request_id == "R1"
    assert len(world.table.requests(limit=5)[0]) == 1


def test_one_that_we_have_sent_back_is_the_request_of_who_sent_it_first(world: World, door: Door) -> None:
    carried = {"message_id": "m-1", "sender": "AIDAJANE"}
    assert door.take(good(), message_id="m-2", sender="AROAOURS:api", attributes=carried) == Output(request_id="m-1")
    assert world.table.request("m-1").requester.principal == "AIDAJANE"


@pytest.mark.parametrize(
    ("body", "code", "request_id"),
    [
        ("{", "InvalidRequest", None),
        ("[]", "InvalidRequest", None),
        ({"name": "x"}, "InvalidRequest", "m-1"),
        (good(request_id="no spaces"), "InvalidRequest", None),
        (good(request_id=7), "InvalidRequest", None),
        (good(type="castle", request_id="R1"), "InvalidRequest", "R1"),
        (good(purpose="x" * 70_000), "RequestTooLarge", None),
        ({**good(), **{f"\x01{number}": 1 for number in range(2000)}}, "InvalidRequest", "m-1"),
    ],
)
def test_what_cannot_become_a_request_is_put_aside_as_it_came(
    world: World, door: Door, body: object, code: str, request_id: str | None
) -> None:
    assert door.take(body) == Output(request_id=request_id, code=code)
    (letter,) = door.letters()
    text = body if isinstance(body, str) else json.dumps(body)
    assert (letter["code"], letter["request_id"], letter["body"]) == (code, request_id, text[:4096])
    assert letter["time"] == "2026-01-01T00:00:00.000Z"
    assert len(letter["reason"].encode()) <= 1024
    assert world.table.requests(limit=5)[0] == []


def test_another_body_under_a_known_id_is_put_aside_and_the_first_stays(world: World, door: Door) -> None:
    door.take(good(request_id="R1"))
    assert door.take(good(request_id="R1", purpose="other"), message_id="m-2").code == "RequestConflict"
    assert world.table.request("R1").request.purpose == "x"
    assert len(door.letters()) == 1


def test_an_error_that_passes_goes_through_and_puts_nothing_aside(
    world: World, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise Transient("not now")

    monkeypatch.setattr(world.table, "accept", fails)
    with pytest.raises(Transient):
        door.take(good())
    assert door.letters() == []
    with pytest.raises(RequestNotFound):
        world.table.request("m-1")


@pytest.mark.parametrize(
    ("error", "code", "reason"),
    [
        (AccessDenied("no right to write"), "AccessDenied", "no right to write"),
        (Transient("not now"), "Transient", "not now"),
        (KeyError("x"), "UnexpectedError", "KeyError: 'x'"),
    ],
)
def test_what_fails_at_its_last_try_is_put_aside_with_the_reason_and_can_still_become_its_request(
    door: Door, error: Exception, code: str, reason: str
) -> None:
    assert not door.give_up(good(), error, receives=MAX_RECEIVES - 1)
    assert door.letters() == []
    assert door.give_up(good(), error, receives=MAX_RECEIVES)
    (letter,) = door.letters()
    assert (letter["code"], letter["reason"], letter["request_id"]) == (code, reason, None)
    letter_attributes = door.carried()
    assert door.take(good(), message_id="m-2", sender="AROAOURS:api", attributes=letter_attributes).request_id == "m-1"
