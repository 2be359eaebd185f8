"""Tickets: what the machine does for ticketing systems."""

from __future__ import annotations

from tests.faults.doors import post_ticket
from tests.faults.world import Journey, World


def ticket(world: World, name: str) -> list[Journey]:
    """Let a ticket become a request, the same once more, and one that is refused; its answers are not taken.

    What could not be told is sent back, and is not taken again.
    """
    world.receiver.status = 503
    journey = world.journey(name, door="ticketing")
    for variables in ({}, {}, {"account_type": "castle"}):
        _post(world, journey, **{"account_name": journey.body["name"], "account_type": "sandbox", **variables})
    world.settle()
    world.look(journey)
    _replay(world, journey)
    world.receiver.status = 204
    return [journey]


def again(world: World, journey: Journey) -> None:
    """Send the ticket once more, as ticketing systems do that had no answer."""
    _post(world, journey, account_name=journey.body["name"], account_type="sandbox")
    world.settle()
    world.look(journey)


def _post(world: World, journey: Journey, **variables: str) -> None:
    answer = post_ticket(world.machine, world.client("secretsmanager"), journey.request_id, **variables)
    if not answer.ok and "castle" not in answer.text:
        journey.refusals.append(f"POST /webhooks: {answer.status_code} {answer.text}")


def _replay(world: World, journey: Journey) -> None:
    letters = world.machine.call("GET", "/dead-letters").json().get("items", [])
    for letter in letters:
        if letter["queue"].startswith("avm-AnswerQueue") and journey.request_id in letter["body"]:
            world.machine.call("POST", f"/dead-letters/{letter['id']}/replay")
    world.settle()
    world.look(journey)
