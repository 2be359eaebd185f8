"""Runs of the machine that together need everything that its roles may do. Each brings its requests to rest."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from avm.aws.slots_table import SlotsTable
from avm.domain.slots import Holder, Slots
from avm.domain.time import from_epoch_ms
from tests.end_to_end.breakers import BREAKERS, MENDED_BY_FOUNDATION
from tests.end_to_end.conftest import BRISK
from tests.end_to_end.organization_breakers import swap_full_access
from tests.end_to_end.place import Place
from tests.faults.scenarios import cancel_what_cannot_be_stopped
from tests.faults.world import APPROVED, LEAD, PATIENCE, Journey, World
from tests.permissions import drift_drives, foundation_drives, product_drives, webhook_drives
from tests.permissions.calling import call
from tests.permissions.drift_drives import GLOBAL, JANE

KILLS = 9
"""Lambda tries an asynchronous event three times, within minutes in which there are more of them."""
HOLDING = 45
"""AWS-seconds for which a vend of a crowd holds its slot: the next one comes by then, and waits."""
SLOW_CREATION = 300
"""AWS-seconds: longer than a vend needs to be parked."""
INTERRUPTED = 4
"""Executions that end without a word until the watchdog parks the request."""
_HELD_BY = {"creation": "organizations:CreateAccount", "access": "sso-admin:CreateAccountAssignment"}
"""Kind of slot -> what takes AWS time while a vend holds one."""
_ANY = {"service": "*", "operation": "*"}
_CREATE = {"service": "organizations", "operation": "CreateAccount", "fault": "outcome", "nth": 1}
_API = {"source": "avm-ApiFunction*", "fault": "denied"}


@dataclass(frozen=True)
class Drive:
    """One run, by its name."""

    name: str
    run: Callable[[World, str], list[Journey]]
    """``run(world, name)``: the names of its requests begin with ``name``."""
    refuses: bool = False
    """Whether it is among what it breaks that policies refuse what functions ask for."""
    once: bool = False
    """Whether a world can be driven so only once; none of its actions is taken away."""
    resume: Callable[[World, Journey], None] | None = None
    """What an operator does, beside retries, when a run could not do its work and now can."""


def _vend(rules: tuple[Mapping[str, Any], ...] = (), **body: Any) -> Callable[[World, str], list[Journey]]:
    """Return the run of a vend with an approval, under rules."""

    def run(world: World, name: str) -> list[Journey]:
        _just_after_the_watchdog(world)
        journey = world.journey(name, type=APPROVED, access=[JANE], **body)
        world.arm(rules)
        world.ask(journey)
        world.disarm()
        world.look(journey)
        return [journey]

    return run


def _cancel(world: World, name: str) -> list[Journey]:
    """Cancel a request that waits for somebody's decision."""
    journey = world.journey(name, type=APPROVED)
    world.post(journey)
    world.settle()
    world.urge(journey, "cancel", None)
    world.settle()
    world.look(journey)
    return [journey]


def _crowd(kind: str, *rules: Mapping[str, Any]) -> Callable[[World, str], list[Journey]]:
    """Return the run of two vends of which the second gets the only slot when the first has done with it."""

    def run(world: World, name: str) -> list[Journey]:
        other = world.journey(f"{name}-other", type=APPROVED)  # waits for its approval, and is left its slots
        world.post(other)
        world.settle()
        _just_after_the_watchdog(world)
        world.emulator.latencies.change({**BRISK, _HELD_BY[kind]: HOLDING})
        slots = SlotsTable(world.client("dynamodb"), _table(world))
        limits = world.catalog.organization.limits
        others = (limits.creations_at_once if kind == "creation" else limits.assignments_at_once) - 1
        slots.change(kind, lambda held: _with_others(held, [other.request_id] * others, world.emulator.clock.now()))  # type: ignore[arg-type]
        journeys = [world.journey(f"{name}-{number}") for number in range(2)]
        clock = world.emulator.clock
        clock.hold(held=True)
        world.arm(rules)
        for journey in journeys:
            world.post(journey)
        clock.hold(held=False)
        world.settle()
        world.disarm()
        world.emulator.latencies.change(BRISK)
        slots.change(kind, lambda held: _without(held, other.request_id))  # type: ignore[arg-type]
        world.urge(other, "cancel", None)
        world.settle()
        for journey in (*journeys, other):
            world.look(journey)
        return [*journeys, other]

    return run


def _with_others(slots: Slots, others: Sequence[str], now: float) -> Slots:
    start_at = from_epoch_ms(int(now * 1000))
    more = (Holder(request_id=other, name=other, start_at=start_at) for other in others)
    return slots.model_copy(update={"holders": (*slots.holders, *more)})


def _without(slots: Slots, other: str) -> Slots:
    return slots.model_copy(update={"holders": tuple(each for each in slots.holders if each.request_id != other)})


def _not_stopped(world: World, name: str) -> list[Journey]:
    return [cancel_what_cannot_be_stopped(world, name)]


def _not_started(world: World, name: str) -> list[Journey]:
    """Let the watchdog start what the API could not."""
    journey = world.journey(name)
    world.arm([{**_API, "service": "stepfunctions", "operation": "StartExecution"}])
    world.post(journey)
    return _left_to_the_watchdog(world, journey)


def _not_answered(world: World, name: str) -> list[Journey]:
    """Let the watchdog tell the workflow what was decided: the API could not."""
    journey = world.journey(name, type=APPROVED)
    world.arm([{**_API, "service": "stepfunctions", "operation": "SendTaskSuccess"}])
    world.ask(journey)
    return _left_to_the_watchdog(world, journey)


def _left_to_the_watchdog(world: World, journey: Journey) -> list[Journey]:
    world.settle()
    world.disarm()
    journey.refusals.clear()  # what was injected
    world.pass_time(PATIENCE)
    world.look(journey)
    return [journey]


def _interrupted(world: World, name: str) -> list[Journey]:
    """Stop each execution of a request that waits for a decision, until the watchdog parks it."""
    journey = world.journey(name, type=APPROVED)
    world.post(journey)
    world.settle()
    workflows = world.client("stepfunctions")
    machines = workflows.list_state_machines()["stateMachines"]
    machine = next(each["stateMachineArn"] for each in machines if each["name"] == "avm-vend-account")
    for attempt in range(1, INTERRUPTED + 1):
        arn = f"{machine.replace(':stateMachine:', ':execution:')}:{name}-{attempt}"
        try:
            workflows.stop_execution(executionArn=arn)
        except workflows.exceptions.ExecutionDoesNotExist:
            break  # the watchdog could not start it
        world.pass_time(240)
    world.look(journey)
    return [journey]


def _undecided(world: World, name: str) -> list[Journey]:
    """Park a request while AWS still makes its account; the watchdog quarantines that."""
    latencies = world.emulator.latencies
    latencies.change({**BRISK, "organizations:CreateAccount": SLOW_CREATION})
    journey = world.journey(name)
    world.arm([{**_ANY, "service": "organizations", "source": "avm-AwaitCreation*", "fault": "denied", "nth": 1}])
    world.post(journey)
    world.settle()
    world.disarm()
    latencies.change(BRISK)
    world.look(journey)
    world.pass_time(PATIENCE)
    return [journey]


def _watchdog_killed(world: World, _: str) -> list[Journey]:
    """Kill the watchdog at every try of one event, at least."""
    world.arm([{**_ANY, "source": "avm-WatchVends*", "fault": "kill_function", "times": KILLS}])
    world.pass_time(PATIENCE)
    world.disarm()
    return []


def _queue(world: World, name: str) -> list[Journey]:
    """Send a message that becomes a request, the same once more, and one that does not; send that back."""
    sqs: Any = world.machine.application_client("sqs")
    (url,) = sqs.list_queues(QueueNamePrefix="avm-RequestQueue")["QueueUrls"]
    journey = world.journey(name)
    message = json.dumps({**journey.body, "request_id": name})
    for body in (message, message, json.dumps({"name": name, "nonsense": str(uuid.uuid4())})):
        sqs.send_message(QueueUrl=url, MessageBody=body)
    world.settle()
    world.look(journey)
    _replay(world, journey)
    return [journey]


def _events(world: World, name: str) -> list[Journey]:
    """Put an event that becomes a request, the same once more, and one that does not; send that back."""
    journey = world.journey(name)
    detail = json.dumps({**journey.body, "request_id": name})
    for each in (detail, detail, json.dumps({"name": name, "nonsense": str(uuid.uuid4())})):
        world.put_event(each)
    world.settle()
    world.look(journey)
    _replay(world, journey)
    return [journey]


def _replay(world: World, journey: Journey) -> None:
    """Send back what could not be taken."""
    letters = call(world, journey, "GET", "/dead-letters")
    for letter in letters.get("items", []):
        if journey.request_id in letter["body"]:
            call(world, journey, "POST", f"/dead-letters/{letter['id']}/replay")
    world.settle()
    world.look(journey)


def _reads(world: World, name: str) -> list[Journey]:
    """Ask the API for everything that it shows."""
    journey = world.journey(name, type=APPROVED)
    world.post(journey)
    world.settle()
    world.look(journey)
    for path in ("/requests", f"/requests/{name}", f"/requests/{name}/audit", "/accounts", "/account-types", "/health"):
        call(world, journey, "GET", path)
    world.urge(journey, "cancel", None)
    world.look(journey)
    return [journey]


def _repaired(*breakers: Callable[[Place], None]) -> Callable[[World, str], list[Journey]]:
    """Return the run in which what is promised of a ready account is broken, looked at and repaired."""

    def run(world: World, name: str) -> list[Journey]:
        journey = world.journey(name)
        world.ask(journey)
        world.look(journey)
        if journey.status != "READY":
            return [journey]  # its vend is parked, for want of what was taken away: there is nothing to break
        place = Place(world.machine, _account_id(journey), GLOBAL)
        for break_it in breakers:
            break_it(place)
        for path in ("observations", "repair"):
            _look_at_account(world, journey, path)
        for path in ("", "/report"):
            call(world, journey, "GET", f"/accounts/{_account_id(journey)}{path}")
        return [journey]

    return run


def _repair(world: World, journey: Journey) -> None:
    """Let the machine mend what it could not."""
    _look_at_account(world, journey, "repair")


def _look_at_account(world: World, journey: Journey, path: str) -> None:
    """Observe or repair an account; what cannot be known or mended is kept as what was refused."""
    answer = world.machine.call("POST", f"/accounts/{_account_id(journey)}/{path}", {})
    if not answer.ok:
        journey.refusals.append(f"POST {path}: {answer.status_code} {answer.text}")
    world.settle()
    rows = call(world, journey, "GET", f"/accounts/{_account_id(journey)}/drift").get("controls", [])
    journey.refusals += [json.dumps(row) for row in rows if path == "repair" or row["status"] == "unknown"]


def _account_id(journey: Journey) -> str:
    return str((journey.last or {}).get("account_id"))


def swap_an_assignment(place: Place) -> None:
    """Give somebody a permission set that another one loses."""
    account_id = place.account_id
    center, store = place.machine.client("sso-admin"), place.machine.client("identitystore")
    instance = center.list_instances()["Instances"][0]
    arn = instance["InstanceArn"]
    sets = center.list_permission_sets_provisioned_to_account(InstanceArn=arn, AccountId=account_id)
    permission_set = sets["PermissionSets"][0]
    target = {
        "InstanceArn": arn, "TargetId": account_id, "TargetType": "AWS_ACCOUNT", "PermissionSetArn": permission_set
    }  # fmt: skip
    held = center.list_account_assignments(InstanceArn=arn, AccountId=account_id, PermissionSetArn=permission_set)
    principal = {name: held["AccountAssignments"][0][name] for name in ("PrincipalType", "PrincipalId")}
    center.delete_account_assignment(**target, **principal)
    place.machine.settle_now()
    user = store.list_users(IdentityStoreId=instance["IdentityStoreId"])["Users"][0]["UserId"]
    center.create_account_assignment(**target, PrincipalType="USER", PrincipalId=user)
    place.machine.settle_now()


def _adopted(world: World, name: str) -> list[Journey]:
    """Plan the adoption of an account that was made by hand, adopt it, and read what was found."""
    journey = world.journey(name, access=[JANE])
    account_id = world.by_hand(journey.body["name"])
    for plan in (True, False):
        world.adopt(journey, account_id, plan=plan)
    world.look(journey)
    found = call(world, journey, "GET", f"/accounts/{account_id}/adoption")
    if found.get("plan", {}).get("status") != "DONE":
        journey.refusals.append(f"plan: {found.get('plan')}")
    return [journey]


def _planned(world: World, name: str) -> list[Journey]:
    """Plan a vend, read the plan, and ask for it."""
    journey = world.journey(name, access=[JANE])
    world.plan(journey)
    world.ask(journey)
    world.look(journey)
    return [journey]


def _just_after_the_watchdog(world: World) -> None:
    """Let the watchdog come, so that it leaves what follows alone for most of a minute."""
    world.rest()
    world.pass_time(LEAD + 1)


def _table(world: World) -> str:
    (table,) = world.client("dynamodb").list_tables()["TableNames"]
    return str(table)


_AWAIT_CREATION = {"source": "avm-AwaitCreation*", "service": "dynamodb", "operation": "TransactWriteItems"}
_TOKEN_KEPT = {**_API, "service": "dynamodb", "operation": "DeleteItem"}
_DENIED_MOVE = {"service": "organizations", "operation": "MoveAccount", "fault": "denied", "nth": 1}
_ACCESS_TOKEN_KEPT = {
    "source": "avm-AcquireAccessSlot*",
    "service": "dynamodb",
    "operation": "DeleteItem",
    "fault": "kill_function",
    "when": "before",
    "nth": 1,
}

_BROKEN = {**BREAKERS, "access-assignments": swap_an_assignment}
_MENDED = [break_it for control, break_it in _BROKEN.items() if control not in MENDED_BY_FOUNDATION]

DRIVES = (
    Drive("laid", foundation_drives.lay, once=True),
    Drive("vend", _vend()),
    Drive("parked", _vend((_DENIED_MOVE, _TOKEN_KEPT))),
    Drive("rejected", _vend(({**_CREATE, "code": "EMAIL_ALREADY_EXISTS"},))),
    Drive("tokens", _vend((_TOKEN_KEPT, _ACCESS_TOKEN_KEPT))),
    Drive("half-taken", _vend(({**_AWAIT_CREATION, "fault": "denied", "nth": 2},))),
    Drive("cancelled", _cancel),
    Drive("reads", _reads),
    Drive("repaired", _repaired(*_MENDED), resume=_repair),
    Drive("reopened", _repaired(swap_full_access), refuses=True, resume=_repair),
    Drive("swept", drift_drives.sweep, once=True),
    Drive("queue", _queue, resume=_replay),
    Drive("events", _events, resume=_replay),
    Drive("tickets", webhook_drives.ticket, resume=webhook_drives.again),
    Drive("products", product_drives.product, resume=product_drives.again),
    Drive("stacks", product_drives.stack),
    Drive("crowd", _crowd("creation")),
    Drive("crowd-parked", _crowd("creation", {**_CREATE, "code": "ACCOUNT_LIMIT_EXCEEDED"})),
    Drive("crowd-rejected", _crowd("creation", {**_CREATE, "code": "EMAIL_ALREADY_EXISTS"})),
    Drive("crowd-access", _crowd("access")),
    Drive("not-stopped", _not_stopped),
    Drive("not-started", _not_started),
    Drive("not-answered", _not_answered),
    Drive("interrupted", _interrupted),
    Drive("undecided", _undecided),
    Drive("watchdog-killed", _watchdog_killed),
    Drive("foundation", foundation_drives.mend, once=True),
    Drive("its-own", foundation_drives.keep_its_own, once=True),
    Drive("adopted", _adopted, once=True),
    Drive("planned", _planned, once=True),
)
