"""A request is checked as a door would check it, and nothing is accepted."""

from typing import Any

import pytest

from avm.domain.account_request import Requester
from avm.domain.errors import EmailTaken, InvalidRequest, NameTaken, RequestConflict
from avm.steps.preflight_request import preflight_request
from tests.unit.steps.conftest import World
from tests.unit.steps.message_door import good


def check(world: World, body: object, key: str | None = None) -> dict[str, Any]:
    return preflight_request(
        body,
        idempotency_key=key,
        requester=Requester(door="api", principal="arn:x"),
        now=world.now(),
        new_id=lambda: "MADE",
        gateways=world.gateways,
    )


def test_it_tells_what_the_request_would_become_and_stores_nothing(world: World) -> None:
    found = check(world, good(name="fresh"), key="R1")
    assert (found["request_id"], found["status"], found["ou"], found["approval"]) == ("R1", None, "Sandbox", False)
    assert found["email"].startswith("aws+fresh-")
    assert world.table.requests(limit=5)[0] == []
    assert check(world, good(name="fresh"), key="R1") == found


def test_what_is_made_of_an_id_that_is_not_there_yet_is_not_told(world: World) -> None:
    found = check(world, good())
    assert (found["request_id"], found["email"]) == (None, None)


def test_one_that_was_accepted_is_known_by_its_status(world: World) -> None:
    record = world.accepted(email="aws-known@example.com")
    body = record.request.model_dump(mode="json", exclude_none=True)
    assert check(world, body, key=record.request_id)["status"] == "QUEUED"
    with pytest.raises(RequestConflict):
        check(world, {**body, "purpose": "another"}, key=record.request_id)


def test_what_another_request_holds_and_what_is_invalid_is_refused_as_at_the_door(world: World) -> None:
    record = world.accepted(email="aws-held@example.com")
    with pytest.raises(NameTaken):
        check(world, good(name=record.name.upper()), key="R1")
    with pytest.raises(EmailTaken):
        check(world, good(name="other", email="aws-held@example.com"), key="R1")
    with pytest.raises(InvalidRequest):
        check(world, good(type="castle"))
