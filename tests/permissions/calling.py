"""How drives call the API."""

from __future__ import annotations

from typing import Any

from tests.faults.world import Journey, World


def call(world: World, journey: Journey, method: str, path: str, body: object = None) -> dict[str, Any]:
    """Call the API; what it refuses is kept with the request."""
    answer = world.machine.call(method, path, body)
    if not answer.ok:
        journey.refusals.append(f"{method} {path}: {answer.status_code} {answer.text}")
        return {}
    found: dict[str, Any] = answer.json()
    return found
