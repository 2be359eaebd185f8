"""Drift and sweeps: what the machine does when nobody asks it to."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.end_to_end.breakers import (
    Place,
    change_a_tag,
    hush_the_events,
    open_buckets,
    remove_an_assignment,
    stop_the_recorder,
)
from tests.faults.world import Journey, World

EXCEPTION = {"control": "account-tags", "reason": "a proof"}
DAY = 24 * 3600
GLOBAL = "us-east-1"
"""The Region that is governed beside the home Region: this world has no other."""
JANE = {"user": "jane.doe@example.com", "permission_set": "ReadOnlyAccess"}


def sweep(world: World, name: str) -> list[Journey]:
    """Let accounts drift, stop and allow repairs, make and end an exception, lose an event, and sweep twice."""
    journey = world.journey(name, access=[JANE])
    world.ask(journey)
    world.look(journey)
    account_id = str((journey.last or {}).get("account_id"))
    place = Place(world.machine, account_id, GLOBAL)
    world.machine.call("GET", "/sweeps/none")  # there is none: the bucket is asked, and the workflow
    exceptions = f"/accounts/{account_id}/exceptions"
    for method, path, body in (
        ("POST", exceptions, {**EXCEPTION, "until": _day(world)}),
        ("GET", exceptions, None),
        ("DELETE", f"{exceptions}/account-tags", None),
        ("POST", "/breaker/stop", {"reason": "a proof", "scope": account_id}),
        ("POST", "/breaker/reset", {}),
        ("GET", "/breaker", None),
    ):
        _call(world, journey, method, path, body)
    _lose_an_event(world, journey, place)
    remove_an_assignment(place)  # told by an event
    world.pass_time(600)
    open_buckets(place)  # found by the sweep
    for each in _ready(world):
        hush_the_events(Place(world.machine, each, GLOBAL))
        stop_the_recorder(Place(world.machine, each, GLOBAL))
    for _ in range(2):
        _call(world, journey, "POST", "/sweeps", None)
        world.settle()
        _defer(world, account_id)
    found = _call(world, journey, "GET", "/sweeps/latest", None)
    if found.get("unseen") or found.get("drifted"):
        journey.refusals.append(f"sweep: {found}")
    return [journey]


def _lose_an_event(world: World, journey: Journey, place: Place) -> None:
    """Let an event fail until it is given up, and send it back."""
    world.arm([{"source": "avm-NoticeDrift*", "service": "dynamodb", "operation": "*", "fault": "denied"}])
    change_a_tag(place)
    world.pass_time(3600)
    world.disarm()
    for letter in _call(world, journey, "GET", "/dead-letters", None).get("items", []):
        if "Drift" in letter["queue"]:
            _call(world, journey, "POST", f"/dead-letters/{letter['id']}/replay", None)
    world.settle()


def _ready(world: World) -> list[str]:
    items = world.machine.call("GET", "/accounts?limit=100").json()["items"]
    return [each["account_id"] for each in items if each["status"] == "READY"]


def _defer(world: World, account_id: str) -> None:
    """Let the account be one of which something was deferred: the next sweep finds it ready."""
    dynamodb = world.client("dynamodb")
    (table,) = dynamodb.list_tables()["TableNames"]
    dynamodb.update_item(
        TableName=table,
        Key={"pk": {"S": f"ACCOUNT#{account_id}"}, "sk": {"S": "RECORD"}},
        UpdateExpression="SET #status = :value",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={":value": {"S": "FOUNDATION"}},
    )


def _day(world: World) -> str:
    return f"{datetime.fromtimestamp(world.emulator.clock.now() + 2 * DAY, UTC):%Y-%m-%d}"


def _call(world: World, journey: Journey, method: str, path: str, body: object) -> dict[str, Any]:
    answer = world.machine.call(method, path, body)
    if not answer.ok:
        journey.refusals.append(f"{method} {path}: {answer.status_code} {answer.text}")
        return {}
    found: dict[str, Any] = answer.json()
    return found
