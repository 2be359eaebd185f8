"""TakeMessage."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from avm.aws.sqs import DeadLetterQueues
from avm.domain.errors import RequestNotFound, Transient
from avm.steps import take_message
from avm.steps.take_message import Input, Output
from tests.unit.steps.conftest import World

ARN = "arn:aws:sqs:eu-west-1:123456789012:requests"


class Door:
    """The queue's door of one world: its dead-letter queue, and a workflow that is only noted."""

    def __init__(self, world: World) -> None:
        self.world = world
        sqs = world.emulator.clients.client("sqs")
        source = f"https://sqs/123456789012/requests-{world.number}"
        dead = sqs.create_queue(QueueName=f"dead-{world.number}")["QueueUrl"]
        world.gateways.own_roles = {"AROAOURS"}
        world.gateways.dead_letters = DeadLetterQueues(sqs, {source: dead}, {"AROAOURS"})
        self.started: list[tuple[str, int]] = []
        world.gateways.workflows = self  # type: ignore[assignment]

    def start_vend(self, request_id: str, attempt: int) -> None:
        self.started.append((request_id, attempt))

    def take(
        self,
        body: object,
        *,
        message_id: str = "m-1",
        sender: str = "AIDAJANE",
        attributes: Mapping[str, str] | None = None,
    ) -> Output:
        record = {
            "messageId": message_id,
            "body": body if isinstance(body, str) else json.dumps(body),
            "attributes": {"SenderId": sender, "SentTimestamp": "1767225600000", "ApproximateReceiveCount": "1"},
            "messageAttributes": {
                name: {"stringValue": value, "dataType": "String"} for name, value in (attributes or {}).items()
            },
            "eventSourceARN": f"{ARN}-{self.world.number}",
        }
        return take_message.run(Input.model_validate(record), self.world.gateways)

    def letters(self) -> list[dict[str, Any]]:
        return [letter.view() for letter in self.world.gateways.dead_letters.letters()]


@pytest.fixture
def door(world: World) -> Door:
    return Door(world)


def good(**fields: Any) -> dict[str, Any]:
    return {
        "name": "by-message",
        "type": "sandbox",
        "owner": "jane.doe@example.com",
        "cost_center": "CC-1042",
        "purpose": "x",
        **fields,
    }


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
