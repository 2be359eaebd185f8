"""Drift and sweeps that together take every edge of their state machines."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from tests.end_to_end.account_breakers import forget_a_contact
from tests.end_to_end.place import Place
from tests.faults.world import APPROVED, Journey, World

STATES = frozenset({"ObserveDrift", "RequestRepairApproval", "RecordDrift", "ReportFinding"}) | {
    *("PlanSweep", "SweepAccounts", "FinishSweep"),
}
"""States that call a function, and are no part of a vend."""
_ANY = {"service": "*", "operation": "*"}
_NEST = {
    "service": "stepfunctions", "operation": "StartExecution", "source": "avm-RepairDrift*", "fault": "denied"
}  # fmt: skip
_COOLED = 600
_HURRIED = 3600
"""AWS-seconds for which a proposal is waited for in the end: in seven days the schedule would sweep 28 times."""


def sweep_in_trouble(world: World, functions: Mapping[str, str]) -> Journey:
    """Let a ready account drift, and sweep: with every function in trouble, without a way to repair, with none to tell.

    What is proposed is approved, rejected, and forgotten. The last sweep finds nothing untrue.
    """
    journey = world.journey("drifting", type=APPROVED)
    world.ask(journey)
    world.bring_home(journey)
    forget_a_contact(_place(world, journey))
    troubles = [rule for state in sorted(STATES) for rule in _trouble(functions[state])]
    for rules in (troubles, [{**_NEST, "nth": 1}], [_NEST], []):
        world.rest()
        _drift(world, journey)  # the event comes later than the sweep
        _sweep(world, rules)
    _decide(world, "approve")
    for decision in ("reject", "approve", None):
        if decision is None:
            _hurry(world)
        _name_a_contact(_place(world, journey))
        forget_a_contact(_place(world, journey))
        world.arm(_trouble(functions["RequestRepairApproval"]) if decision == "reject" else [])
        world.pass_time(_COOLED)  # the event comes
        world.disarm()
        if decision is None:
            world.pass_time(2 * _HURRIED)
        else:
            _decide(world, decision)
    _name_a_contact(_place(world, journey))
    world.pass_time(_COOLED)
    _sweep(world)
    world.look(journey)
    return journey


def _sweep(world: World, rules: Sequence[Mapping[str, Any]] = ()) -> None:
    """Sweep under rules, which end when the sweep has."""
    world.arm(list(rules))
    answer = world.machine.call("POST", "/sweeps")
    answer.raise_for_status()
    path = f"/sweeps/{answer.json()['observation_id']}"
    world.settle()
    while (status := world.machine.call("GET", path).json()["status"]) == "RUNNING":
        world.pass_time(1)
    world.disarm()
    if status != "SUCCEEDED":
        raise RuntimeError(f"the sweep under {len(rules)} rules is {status}")


def _hurry(world: World) -> None:
    """Let a proposal be waited for no longer than _HURRIED; else the definition stays as it is deployed."""
    workflows = world.client("stepfunctions")
    for machine in workflows.list_state_machines()["stateMachines"]:
        arn = machine["stateMachineArn"]
        definition = json.loads(workflows.describe_state_machine(stateMachineArn=arn)["definition"])
        if "RequestRepairApproval" in definition["States"]:
            definition["States"]["RequestRepairApproval"]["TimeoutSeconds"] = _HURRIED
            workflows.update_state_machine(stateMachineArn=arn, definition=json.dumps(definition))


def _name_a_contact(place: Place) -> None:
    """Say whom AWS turns to about security, whoever that is."""
    contact = {"Name": "x", "Title": "x", "EmailAddress": "x@example.com", "PhoneNumber": "+491234567"}
    place.inside("account").put_alternate_contact(AlternateContactType="SECURITY", **contact)


def _decide(world: World, decision: str) -> None:
    """Decide about the one repair that was proposed."""
    (proposal,) = world.machine.call("GET", "/proposals").json()["items"]
    path = f"/proposals/{proposal['observation_id']}/approval"
    world.machine.call("POST", path, {"decision": decision}).raise_for_status()
    world.settle()


def _trouble(function: str) -> list[dict[str, Any]]:
    """Return rules: the function is killed at its first call, then throttled; the SDK calls five times at most."""
    throttled = [{**_ANY, "source": function, "fault": "throttle", "nth": nth} for nth in range(2, 2 + 3 * 5)]
    return [{**_ANY, "source": function, "fault": "kill_function", "nth": 1}, *throttled]


def _place(world: World, journey: Journey) -> Place:
    assert journey.last is not None
    return Place(world.machine, journey.last["account_id"])


def _drift(world: World, journey: Journey) -> None:
    account_id = _place(world, journey).account_id
    world.client("organizations").tag_resource(ResourceId=account_id, Tags=[{"Key": "owner", "Value": "x@example.com"}])
