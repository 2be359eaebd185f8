"""Drift and sweeps: what the machine does when nobody asks it to."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.end_to_end.account_breakers import forget_a_contact, hush_the_events, open_buckets, stop_the_recorder
from tests.end_to_end.foundation_breakers import delete_an_ou
from tests.end_to_end.organization_breakers import change_a_tag, remove_an_assignment
from tests.end_to_end.place import Place
from tests.faults.world import APPROVED, Journey, World
from tests.permissions.calling import call

EXCEPTION = {"control": "account-tags", "reason": "a proof"}
DAY = 24 * 3600
SOON = 300
"""AWS-seconds after which a closed account is gone."""
GLOBAL = "us-east-1"
"""The Region that is governed beside the home Region: this world has no other."""
JANE = {"user": "jane.doe@example.com", "permission_set": "ReadOnlyAccess"}


def sweep(world: World, name: str) -> list[Journey]:
    """Let accounts drift, stop and allow repairs, make and end an exception, lose an event, and sweep.

    A repair is proposed, and approved; the foundation drifts, too, and is mended;
    an account leaves the organization, another is thought to have left.
    """
    journey = world.journey(name, access=[JANE], type=APPROVED)
    world.ask(journey)
    world.bring_home(journey)
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
        call(world, journey, method, path, body)
    world.machine.sweep_by_schedule(on=True)
    world.pass_time(DAY)
    world.machine.sweep_by_schedule(on=False)
    _lose_an_event(world, journey, place)
    remove_an_assignment(place)  # told by an event
    forget_a_contact(place)
    world.pass_time(600)
    for proposal in call(world, journey, "GET", "/proposals").get("items", []):
        path = f"/proposals/{proposal['observation_id']}/approval"
        call(world, journey, "POST", path, {"decision": "approve"})
    world.settle()
    open_buckets(place)  # found by the sweep
    for each in _ready(world):
        hush_the_events(Place(world.machine, each, GLOBAL))
        stop_the_recorder(Place(world.machine, each, GLOBAL))
    delete_an_ou(world.machine)  # the foundation's: the sweep finds it, and an apply mends it
    _leave(world, f"{name}-leaves")
    for status in ("FOUNDATION", "DEPARTED", "FOUNDATION"):
        call(world, journey, "POST", "/sweeps")
        world.settle()
        _set_status(world, account_id, status)
    call(world, journey, "POST", "/foundation/apply")
    world.settle()
    found = call(world, journey, "GET", "/sweeps/latest").get("report", {})
    if found.get("unseen") or found.get("drifted"):
        journey.refusals.append(f"sweep: {found}")
    return [journey]


def _lose_an_event(world: World, journey: Journey, place: Place) -> None:
    """Let an event fail until it is given up, and send it back."""
    world.arm([{"source": "avm-NoticeDrift*", "service": "dynamodb", "operation": "*", "fault": "denied"}])
    change_a_tag(place)
    world.pass_time(3600)
    world.disarm()
    for letter in call(world, journey, "GET", "/dead-letters").get("items", []):
        if "Drift" in letter["queue"]:
            call(world, journey, "POST", f"/dead-letters/{letter['id']}/replay")
    world.settle()


def _ready(world: World) -> list[str]:
    items = world.machine.call("GET", "/accounts?limit=100").json()["items"]
    return [each["account_id"] for each in items if each["status"] == "READY"]


def _leave(world: World, name: str) -> None:
    """Vend an account, and close it; AWS cleans it up soon."""
    journey = world.journey(name)
    world.ask(journey)
    world.look(journey)
    world.emulator.latencies.change({"organizations:PurgeAccount": SOON})
    world.client("organizations").close_account(AccountId=str((journey.last or {}).get("account_id")))
    world.pass_time(4 * SOON)


def _set_status(world: World, account_id: str, status: str) -> None:
    """Let the account be one of which something was deferred, or that had left: the next sweep finds it ready."""
    dynamodb = world.client("dynamodb")
    (table,) = dynamodb.list_tables()["TableNames"]
    dynamodb.update_item(
        TableName=table,
        Key={"pk": {"S": f"ACCOUNT#{account_id}"}, "sk": {"S": "RECORD"}},
        UpdateExpression="SET #status = :value",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={":value": {"S": status}},
    )


def _day(world: World) -> str:
    return f"{datetime.fromtimestamp(world.emulator.clock.now() + 2 * DAY, UTC):%Y-%m-%d}"
