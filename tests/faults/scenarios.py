"""Vends that together take every edge of the state machines.

What can be read from the definitions is: for each state that calls a function there are vends in which this function is
killed, throttled and denied. Only what an error's own name or a loop's end needs is told here one by one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from avm.aws.items import serialize
from tests.faults.world import BRISK, ENDED, Journey, World

FOR_EVER = 10**7
"""AWS-seconds: longer than any loop of the workflow waits."""
_BOUND = re.compile(r"< \d{2,}")
_ANY = {"service": "*", "operation": "*"}
_CREATE = {"service": "organizations", "operation": "CreateAccount"}
_EMAIL_TAKEN = {**_CREATE, "fault": "outcome", "code": "EMAIL_ALREADY_EXISTS"}


@dataclass(frozen=True)
class Scenario:
    """One vend, and what happens to it."""

    name: str
    rules: Sequence[Mapping[str, Any]] = ()
    latencies: Mapping[str, float] = field(default_factory=dict)


def walk_every_edge(world: World) -> list[Journey]:
    """Run all scenarios; return what became of each. A request that is parked is retried, without faults."""
    functions = functions_of(world)
    journeys = [_walk(world, scenario) for scenario in _scenarios(functions)]
    journeys += [reject_what_the_catalog_no_longer_takes(world), reject_what_lost_its_name(world)]
    _shorten_loops(world)
    return journeys + [_walk(world, scenario) for scenario in _LOOPS]


def functions_of(world: World) -> dict[str, str]:
    """Return state → name of the function that it calls, of all state machines."""
    workflows = world.client("stepfunctions")
    found: dict[str, str] = {}
    for machine in workflows.list_state_machines()["stateMachines"]:
        definition = workflows.describe_state_machine(stateMachineArn=machine["stateMachineArn"])["definition"]
        for name, state in json.loads(definition)["States"].items():
            called = state.get("Arguments", {}).get("FunctionName")
            if called:
                found[name] = str(called).rpartition(":function:")[2] or str(called)
    return found


def trouble(function: str) -> list[dict[str, Any]]:
    """Return rules: the function is killed at its first call; then it is throttled until it says so itself."""
    # three in a row: clients of the application's own resources try three times before they give up
    throttled = [{**_ANY, "source": function, "fault": "throttle", "nth": nth} for nth in (2, 3, 4)]
    return [{**_ANY, "source": function, "fault": "kill_function", "nth": 1}, *throttled]


def _denied(function: str) -> dict[str, Any]:
    return {**_ANY, "source": function, "fault": "denied", "nth": 1}


def _scenarios(functions: Mapping[str, str]) -> Iterator[Scenario]:
    """Yield a vend whose every function has trouble, and one for each function that is denied what it asks for."""
    yield Scenario("plain")
    yield Scenario("all-in-trouble", [rule for name in functions.values() for rule in trouble(name)])
    parking, rejecting = functions["ParkAccount"], functions["RejectRequest"]
    for state, function in functions.items():
        if state == "ParkAccount":
            yield Scenario("parking-in-trouble", [_denied(functions["MoveAccount"]), *trouble(parking)])
        elif state == "RejectRequest":
            yield Scenario("rejecting-in-trouble", [_EMAIL_TAKEN, *trouble(rejecting)])
            yield Scenario("rejecting-denied", [_EMAIL_TAKEN, _denied(rejecting)])
        else:
            yield Scenario(f"denied-{state}", [_denied(function)])
    yield Scenario("answer-lost", [{**_CREATE, "fault": "lost_response", "nth": 1}])
    yield Scenario("creation-fails-once", [{**_CREATE, "fault": "outcome", "code": "INTERNAL_FAILURE", "nth": 1}])
    yield Scenario("creation-takes-long", latencies={"organizations:CreateAccount": 60})


_LOOPS = (
    Scenario("never-an-answer", [{**_CREATE, "fault": "error_before"}]),
    Scenario("creation-always-fails", [{**_CREATE, "fault": "outcome", "code": "INTERNAL_FAILURE"}]),
    Scenario("access-never-there", latencies={"sso-admin:CreateAccountAssignment": FOR_EVER}),
    Scenario("account-never-usable", latencies={"new-account:Service": FOR_EVER}),
    Scenario("creation-never-ends", latencies={"organizations:CreateAccount": FOR_EVER}),
)


def _walk(world: World, scenario: Scenario) -> Journey:
    world.pass_time(120)
    world.emulator.latencies.change({**BRISK, **scenario.latencies})
    journey = world.journey(scenario.name)
    world.arm(scenario.rules)
    world.post(journey)
    world.settle()
    world.disarm()
    world.emulator.latencies.change(BRISK)
    world.look(journey)
    if journey.status not in ENDED:
        world.bring_home(journey)
    return journey


def reject_what_the_catalog_no_longer_takes(world: World) -> Journey:
    """Let a request that was accepted have a field, when its vend begins, that the catalog refuses."""
    journey = _stored(world, "out-of-date")
    key = {"pk": f"REQUEST#{journey.request_id}", "sk": "RECORD"}
    _change(world, key, "SET #request.cost_center = :value", {"#request": "request"}, "nonsense")
    return _started(world, journey)


def reject_what_lost_its_name(world: World) -> Journey:
    """Let another request hold the name of one that was accepted, when its vend begins."""
    journey = _stored(world, "nameless")
    key = {"pk": f"NAME#{journey.body['name'].lower()}", "sk": "RESERVATION"}
    _change(world, key, "SET #id = :value", {"#id": "request_id"}, "somebody-else")
    return _started(world, journey)


def _stored(world: World, request_id: str) -> Journey:
    """Return a request that is accepted and whose vend could not be started."""
    journey = world.journey(request_id)
    world.arm([{"service": "stepfunctions", "operation": "StartExecution", "fault": "denied"}])
    world.post(journey)
    world.settle()
    world.disarm()
    return journey


def _started(world: World, journey: Journey) -> Journey:
    """Post it again, which starts the vend that is missing."""
    journey.refusals.clear()
    world.post(journey)
    world.bring_home(journey)
    return journey


def _change(world: World, key: dict[str, str], expression: str, names: dict[str, str], value: str) -> None:
    dynamodb = world.client("dynamodb")
    (table,) = dynamodb.list_tables()["TableNames"]
    dynamodb.update_item(
        TableName=table,
        Key=serialize(key),
        UpdateExpression=expression,
        ExpressionAttributeNames=names,
        ExpressionAttributeValues=serialize({":value": value}),
    )


def _shorten_loops(world: World) -> None:
    """Let loops that are bounded by a count end after a few rounds; else the definitions stay as they are deployed."""
    workflows = world.client("stepfunctions")
    for machine in workflows.list_state_machines()["stateMachines"]:
        arn = machine["stateMachineArn"]
        definition = workflows.describe_state_machine(stateMachineArn=arn)["definition"]
        workflows.update_state_machine(stateMachineArn=arn, definition=_BOUND.sub("< 3", definition))
