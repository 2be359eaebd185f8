"""Drift and sweeps: what the machine does when nobody asks it to."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.end_to_end.breakers import Place, change_a_tag, open_buckets
from tests.faults.world import Journey, World

EXCEPTION = {"control": "account-tags", "reason": "a proof"}
DAY = 24 * 3600


def sweep(world: World, name: str) -> list[Journey]:
    """Let an account drift, stop and allow repairs, make and end an exception, and sweep."""
    journey = world.journey(name)
    world.ask(journey)
    world.look(journey)
    account_id = str((journey.last or {}).get("account_id"))
    place = Place(world.machine, account_id)
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
    change_a_tag(place)  # told by an event
    world.pass_time(600)
    open_buckets(place)  # found by the sweep
    _call(world, journey, "POST", "/sweeps", None)
    world.settle()
    found = _call(world, journey, "GET", "/sweeps/latest", None)
    if found.get("unseen"):
        journey.refusals.append(f"sweep: {found['unseen']}")
    drift = _call(world, journey, "GET", f"/accounts/{account_id}/drift", None)
    journey.refusals += [str(row) for row in drift.get("controls", [])]
    return [journey]


def _day(world: World) -> str:
    return f"{datetime.fromtimestamp(world.emulator.clock.now() + 2 * DAY, UTC):%Y-%m-%d}"


def _call(world: World, journey: Journey, method: str, path: str, body: object) -> dict[str, Any]:
    answer = world.machine.call(method, path, body)
    if not answer.ok:
        journey.refusals.append(f"{method} {path}: {answer.status_code} {answer.text}")
        return {}
    found: dict[str, Any] = answer.json()
    return found
