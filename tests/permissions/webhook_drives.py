"""Tickets: what the machine does for ticketing systems."""

from __future__ import annotations

import json
import time
from typing import Any

from tests.faults.world import Journey, World
from tests.payloads import SECRET, request_item, timed

SOURCE = "servicenow"


def ticket(world: World, name: str) -> list[Journey]:
    """Let a ticket become a request, the same once more, and one that is refused; its answers find nobody.

    What could not be told is sent back, and finds nobody again.
    """
    _put_secret(world)
    journey = world.journey(name, door="ticketing")
    for variables in ({}, {}, {"account_type": "castle"}):
        _post(world, journey, **{"account_name": journey.body["name"], "account_type": "sandbox", **variables})
    world.settle()
    world.look(journey)
    _replay(world, journey)
    return [journey]


def again(world: World, journey: Journey) -> None:
    """Send the ticket once more, as ticketing systems do that had no answer."""
    _post(world, journey, account_name=journey.body["name"], account_type="sandbox")
    world.settle()
    world.look(journey)


def _put_secret(world: World) -> None:
    secrets: Any = world.machine.application_client("secretsmanager")
    name = f"avm/webhooks/{SOURCE}"
    try:
        secrets.create_secret(Name=name, SecretString=SECRET)
    except secrets.exceptions.ResourceExistsException:
        secrets.put_secret_value(SecretId=name, SecretString=SECRET)


def _post(world: World, journey: Journey, **variables: str) -> None:
    body = json.dumps(request_item(journey.request_id, **variables)).encode()
    headers = timed(body, SECRET, int(time.time()))
    answer = world.machine.http.post(f"{world.machine.base}/webhooks/{SOURCE}", data=body, headers=headers, timeout=60)
    if not answer.ok and "castle" not in answer.text:
        journey.refusals.append(f"POST /webhooks: {answer.status_code} {answer.text}")


def _replay(world: World, journey: Journey) -> None:
    letters = world.machine.call("GET", "/dead-letters").json().get("items", [])
    for letter in letters:
        if letter["queue"].startswith("avm-AnswerQueue") and journey.request_id in letter["body"]:
            world.machine.call("POST", f"/dead-letters/{letter['id']}/replay")
    world.settle()
    world.look(journey)
