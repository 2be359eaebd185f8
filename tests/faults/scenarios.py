"""Vends that together take every edge of the state machines.

What can be read from the definitions is: for each state that calls a function there are vends in which this function is
killed, throttled and denied. Only what an error's own name or a loop's end needs is told here one by one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from werkzeug import Response

from avm.aws.items import serialize
from avm.domain.time import iso
from avm_emulator.boundary import Call
from tests.end_to_end.conftest import BRISK
from tests.faults import drift_scenarios
from tests.faults.world import APPROVED, BODY, ENDED, Journey, World

TOO_LONG = 1800
"""AWS-seconds: longer than a shortened loop of the workflow waits."""
TURN = 120
"""AWS-seconds: longer than a vend needs from one turn to the next."""
_BOUND = re.compile(r"< \d{2,}")
_ANY = {"service": "*", "operation": "*"}
_CREATE = {"service": "organizations", "operation": "CreateAccount"}
_GET_ROLE = {"service": "iam", "operation": "GetRole", "fault": "stale_read"}
_NEST = {
    "service": "stepfunctions", "operation": "StartExecution", "source": "avm-VendAccount*", "fault": "denied"
}  # fmt: skip
_EMAIL_TAKEN = {**_CREATE, "fault": "outcome", "code": "EMAIL_ALREADY_EXISTS"}


@dataclass(frozen=True)
class Scenario:
    """One vend, and what happens to it."""

    name: str
    rules: Sequence[Mapping[str, Any]] = ()
    latencies: Mapping[str, float] = field(default_factory=dict)
    account_type: str = APPROVED


def walk_every_edge(world: World) -> list[Journey]:
    """Run all scenarios, where nothing is laid yet; return what became of each.

    A request that is parked is retried, without faults.
    """
    functions = functions_of(world)
    apply_the_foundation(world)
    journeys = [_walk(world, scenario) for scenario in _scenarios(functions)]
    journeys += [story(world) for story in _STORIES]
    journeys.append(drift_scenarios.sweep_in_trouble(world, functions))
    _shorten(world)
    journeys += [_walk(world, scenario) for scenario in _LOOPS]
    return [*journeys, leave_the_bootstrap_open(world), let_the_approval_expire(world)]


def functions_of(world: World, *only: str) -> dict[str, str]:
    """Return state → name of the function that it calls, and so of what is inside states.

    Of all state machines, or ``only`` of those named.
    """
    workflows = world.client("stepfunctions")
    found: dict[str, str] = {}
    for machine in workflows.list_state_machines()["stateMachines"]:
        if only and machine["name"] not in only:
            continue
        definition = workflows.describe_state_machine(stateMachineArn=machine["stateMachineArn"])["definition"]
        found |= dict(_calls(json.loads(definition)))
    return found


def _calls(definition: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, state in definition["States"].items():
        called = state.get("Arguments", {}).get("FunctionName")
        if called:
            yield name, str(called).rpartition(":function:")[2] or str(called)
        if "ItemProcessor" in state:
            yield from _calls(state["ItemProcessor"])


def trouble(function: str) -> list[dict[str, Any]]:
    """Return rules: the function is killed at its first call; then it is throttled until it says so itself."""
    # three in a row: clients of the application's own resources try three times before they give up; and a function may
    # work on an account and its Regions at once
    throttled = [{**_ANY, "source": function, "fault": "throttle", "nth": nth} for nth in range(2, 2 + 3 * 4)]
    return [{**_ANY, "source": function, "fault": "kill_function", "nth": 1}, *throttled]


def _denied(function: str) -> dict[str, Any]:
    return {**_ANY, "source": function, "fault": "denied", "nth": 1}


def _scenarios(functions: Mapping[str, str]) -> Iterator[Scenario]:
    """Yield a vend whose every function has trouble, and one for each function that is denied what it asks for."""
    yield Scenario("plain")
    yield Scenario("without-approval", account_type=BODY["type"])
    yield Scenario("all-in-trouble", [rule for name in functions.values() for rule in trouble(name)])
    parking, rejecting = functions["ParkAccount"], functions["RejectRequest"]
    for state, function in functions.items():
        if state in _FOUNDATION or state in drift_scenarios.STATES:
            continue
        if state == "ParkAccount":
            yield Scenario("parking-in-trouble", [_denied(functions["MoveAccount"]), *trouble(parking)])
        elif state == "RejectRequest":
            yield Scenario("rejecting-in-trouble", [_EMAIL_TAKEN, *trouble(rejecting)])
            yield Scenario("rejecting-denied", [_EMAIL_TAKEN, _denied(rejecting)])
        else:
            yield Scenario(f"denied-{state}", [_denied(function)])
    late = {"service": "sso-admin", "operation": "ListAccountAssignments", "fault": "stale_read", "nth": 1}
    yield Scenario("assignments-seen-late", [{**late, "source": functions["VerifyAccount"]}])
    late = {"service": "organizations", "operation": "ListPoliciesForTarget", "fault": "stale_read", "nth": 1}
    yield Scenario("release-seen-late", [{**late, "source": functions["ReleaseAccount"]}])
    tags = {"service": "organizations", "operation": "ListTagsForResource"}
    attach, verify = functions["AttachGuardrails"], functions["VerifyAccount"]
    yield Scenario("control-throttled", [{**tags, "source": attach, "fault": "throttle", "nth": 1}])
    yield Scenario("control-denied", [{**tags, "source": attach, "fault": "denied", "nth": 1}])
    yield Scenario("verification-denied", [{**tags, "source": verify, "fault": "denied"}])
    yield Scenario("nothing-verified", [{**_ANY, "source": verify, "fault": "denied"}])
    yield Scenario("controls-begun-late", [{**_NEST, "nth": 1}, {**_NEST, "nth": 3}])
    yield Scenario("controls-not-begun", [{**_NEST, "from_nth": 1}])
    yield Scenario("verification-not-begun", [{**_NEST, "from_nth": 2}])
    yield Scenario("refused-without-a-word", [{**_CREATE, "fault": "error_before", "nth": 1}])
    yield Scenario("answer-lost", [{**_CREATE, "fault": "lost_response", "nth": 1}])
    yield Scenario("creation-fails-once", [{**_CREATE, "fault": "outcome", "code": "INTERNAL_FAILURE", "nth": 1}])
    yield Scenario("creation-takes-long", latencies={"organizations:CreateAccount": 60})


_LOOPS = (
    Scenario("never-an-answer", [{**_CREATE, "fault": "error_before"}]),
    Scenario("creation-always-fails", [{**_CREATE, "fault": "outcome", "code": "INTERNAL_FAILURE"}]),
    Scenario("access-never-there", latencies={"sso-admin:CreateAccountAssignment": TOO_LONG}),
    Scenario("account-never-usable", latencies={"new-account:Service": TOO_LONG}),
    Scenario("roles-never-seen", [{**_GET_ROLE, "source": "avm-CreateVendingRoles*"}]),
    Scenario("creation-never-ends", latencies={"organizations:CreateAccount": TOO_LONG}),
)


def _walk(world: World, scenario: Scenario) -> Journey:
    world.pass_time(120)
    world.emulator.latencies.change({**BRISK, **scenario.latencies})
    journey = world.journey(scenario.name, type=scenario.account_type)
    world.arm(scenario.rules)
    world.ask(journey)
    world.disarm()
    world.emulator.latencies.change(BRISK)
    world.look(journey)
    if journey.status not in ENDED:
        world.bring_home(journey)
    return journey


def refuse(world: World) -> Journey:
    """Let the approver say no."""
    journey = world.journey("refused", type=APPROVED)
    world.post(journey)
    world.settle()
    world.urge(journey, "approval", {"decision": "reject", "comment": "a proof"})
    world.bring_home(journey)
    return journey


def leave_the_bootstrap_open(world: World) -> Journey:
    """Let IAM say yes to a new trust of the bootstrap role, and never show it."""

    def say_yes(call: Call) -> Response | None:
        return call.answer({}) if call.operation == "UpdateAssumeRolePolicy" else None

    interceptors = world.emulator.boundary.interceptors
    interceptors.insert(0, say_yes)
    journey = world.journey("never-shut")
    world.ask(journey)
    interceptors.remove(say_yes)
    world.look(journey)
    world.bring_home(journey)
    return journey


def let_the_approval_expire(world: World) -> Journey:
    """Let nobody decide for as long as a decision is waited for."""
    journey = world.journey("nobody-decides", type=APPROVED)
    world.post(journey)
    world.settle()
    world.pass_time(2 * TOO_LONG)
    world.bring_home(journey)
    return journey


def wait_for_turns(world: World) -> Journey:
    """Vend while others use up the rates of AWS that vends share: before the quarantine, the move, and the release."""
    _use_up(world, "policy-writes", TURN)
    _use_up(world, "move-account", 2 * TURN)
    clock = world.emulator.clock
    clock.hold(held=True)
    journey = world.journey("no-turn-yet")
    world.post(journey)
    clock.advance(1.5 * TURN)
    _use_up(world, "policy-writes", 10 * TURN)
    clock.hold(held=False)
    world.bring_home(journey)
    return journey


def cancel_what_cannot_be_stopped(world: World, name: str = "not-stopped") -> Journey:
    """Cancel a request that waits for its turn, while the execution cannot be stopped: it must find out by itself."""
    _use_up(world, "creation", TURN)
    clock = world.emulator.clock
    clock.hold(held=True)
    journey = world.journey(name)
    world.post(journey)
    clock.advance(TURN / 2)
    world.arm([{"service": "stepfunctions", "operation": "StopExecution", "fault": "denied"}])
    world.urge(journey, "cancel", None)
    journey.refusals.clear()
    clock.hold(held=False)
    world.settle()
    world.disarm()
    world.bring_home(journey)
    return journey


def repair_in_trouble(world: World) -> Journey:
    """Repair a ready account: with every function in trouble, then with each of them denied what it asks for."""
    journey = world.journey("repaired")
    world.ask(journey)
    world.bring_home(journey)
    functions = functions_of(world)
    duties = [functions[state] for state in _DUTIES]
    troubles = [[rule for name in (*duties, functions["VerifyAccount"]) for rule in trouble(name)]]
    for rules in (*troubles, *([_denied(name)] for name in duties)):
        world.rest()
        world.arm(rules)
        world.urge_path(journey, f"/accounts/{journey.last['account_id'] if journey.last else ''}/repair", {})
        world.settle()
        world.disarm()
    return journey


def adopt_what_was_made_by_hand(world: World) -> Journey:
    """Adopt accounts: with the functions in trouble, denied, and without a way in; plan it in the same troubles."""
    functions = functions_of(world)
    adopting, planning = functions["AdoptAccount"], functions["PlanAdoption"]
    shut = world.journey("adopted-without-a-way-in")
    world.adopt(shut, world.by_hand(shut.body["name"], RoleName="SomebodyElses"))
    journey = world.journey("adopted")
    account_id = world.by_hand(journey.body["name"])
    denied = {**_ANY, "source": planning, "fault": "denied"}
    for rules in (trouble(planning), [denied], [{**denied, "nth": 1}]):
        world.rest()
        world.arm(rules)
        world.adopt(journey, account_id, plan=True)
        world.disarm()
    world.rest()
    world.arm([_denied(adopting)])
    world.adopt(journey, account_id)
    world.disarm()
    world.look(journey)  # parked, and not quarantined
    world.arm(trouble(adopting))
    world.step(journey)
    world.settle()
    world.disarm()
    world.look(journey)
    world.bring_home(journey)
    return journey


def plan_what_is_vended(world: World) -> Journey:
    """Plan a vend with the function in trouble, and denied; then ask for it."""
    planning = functions_of(world)["PlanAccount"]
    journey = world.journey("planned")
    denied = {**_ANY, "source": planning, "fault": "denied"}
    for rules in (trouble(planning), [denied], [{**denied, "nth": 1}]):
        world.rest()
        world.arm(rules)
        world.plan(journey)
        world.disarm()
    journey.refusals.clear()
    world.plan(journey)
    world.ask(journey)
    world.look(journey)
    return journey


def apply_the_foundation(world: World) -> None:
    """Lay it with every function in trouble; apply it again with no way to keep a report, and with each denied."""
    functions = functions_of(world)
    world.emulator.latencies.change({"ce:DiscoverTagKey": 0})  # billing takes a day
    aimed = {"source": functions["ObserveFoundation"]}
    unkept = {**aimed, "service": "s3", "operation": "PutObject", "fault": "denied", "nth": 1}
    late = {**aimed, "service": "cloudtrail", "operation": "DescribeTrails", "fault": "throttle"}
    troubles = [rule for state in _FOUNDATION for rule in trouble(functions[state])]
    denied = ([_denied(functions[state])] for state in _FOUNDATION)
    for rules in (troubles, [unkept], [{**late, "nth": nth} for nth in (1, 2, 3)], *denied):
        world.rest()
        world.arm(rules)
        world.machine.call("POST", "/foundation/apply").raise_for_status()
        world.settle()
        world.disarm()


_FOUNDATION = (
    "PlanFoundation",
    "ShapeOrganization",
    "PrepareAccess",
    "RequestAccounts",
    "PrepareLogging",
    "PrepareSecurity",
    "ObserveFoundation",
)
"""States of prepare-organization that call a function."""
_DUTIES = (
    "CreateVendingRoles",
    "RestrictBootstrap",
    "AttachGuardrails",
    "HardenAccount",
    "EnrollLogging",
    "EnrollSecurity",
    "AssignAccess",
)
"""States that make controls true."""


def _use_up(world: World, kind: str, seconds: float) -> None:
    """Let the next turn of a rate be some time from now."""
    later = iso(datetime.fromtimestamp(world.emulator.clock.now() + seconds, UTC))
    _change(world, {"pk": f"SLOTS#{kind}", "sk": "STATE"}, "SET #free = :value", {"#free": "free_at"}, later)


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


def _shorten(world: World) -> None:
    """Let loops of the vend that are bounded by a count end after a few rounds, and people have less time to decide.

    Else the definitions stay as they are deployed. A round of controls that is the last ends as one that is done.
    """
    workflows = world.client("stepfunctions")
    for machine in workflows.list_state_machines()["stateMachines"]:
        arn = machine["stateMachineArn"]
        text = workflows.describe_state_machine(stateMachineArn=arn)["definition"]
        if "Approval" not in text:
            continue
        definition = json.loads(_BOUND.sub("< 3", text))
        for state in definition["States"].values():
            if "Approval" in json.dumps(state.get("Arguments", {})) and "TimeoutSeconds" in state:
                state["TimeoutSeconds"] = TOO_LONG
        workflows.update_state_machine(stateMachineArn=arn, definition=json.dumps(definition))


_STORIES = (
    refuse,
    reject_what_the_catalog_no_longer_takes,
    reject_what_lost_its_name,
    wait_for_turns,
    cancel_what_cannot_be_stopped,
    repair_in_trouble,
    adopt_what_was_made_by_hand,
    plan_what_is_vended,
)
