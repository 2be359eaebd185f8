"""Drift and sweeps that together take every edge of their state machines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.faults.world import Journey, World

STATES = frozenset({"ObserveDrift", "RecordDrift", "ReportFinding", "PlanSweep", "SweepAccounts", "FinishSweep"})
"""States that call a function, and are no part of a vend."""
_ANY = {"service": "*", "operation": "*"}
_NEST = {
    "service": "stepfunctions", "operation": "StartExecution", "source": "avm-RepairDrift*", "fault": "denied"
}  # fmt: skip


def sweep_in_trouble(world: World, functions: Mapping[str, str]) -> Journey:
    """Let a ready account drift, and sweep: with every function in trouble, without a way to repair, with none to tell.

    The last sweep finds nothing untrue.
    """
    journey = world.journey("drifting")
    world.ask(journey)
    world.bring_home(journey)
    troubles = [rule for state in sorted(STATES) for rule in _trouble(functions[state])]
    for rules in (troubles, [{**_NEST, "nth": 1}], [_NEST], []):
        world.rest()
        _drift(world, journey)  # the event comes later than the sweep
        world.arm(rules)
        world.machine.call("POST", "/sweeps").raise_for_status()
        world.settle()
        world.disarm()
    world.pass_time(600)
    world.machine.call("POST", "/sweeps").raise_for_status()
    world.settle()
    world.look(journey)
    return journey


def _trouble(function: str) -> list[dict[str, Any]]:
    """Return rules: the function is killed at its first call, then throttled; the SDK calls five times at most."""
    throttled = [{**_ANY, "source": function, "fault": "throttle", "nth": nth} for nth in range(2, 2 + 3 * 5)]
    return [{**_ANY, "source": function, "fault": "kill_function", "nth": 1}, *throttled]


def _drift(world: World, journey: Journey) -> None:
    assert journey.last is not None
    account_id = journey.last["account_id"]
    world.client("organizations").tag_resource(ResourceId=account_id, Tags=[{"Key": "owner", "Value": "x@example.com"}])
