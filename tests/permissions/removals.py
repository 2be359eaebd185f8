"""One observed action taken away from one role of the running machine: what becomes of what it was needed for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from avm_emulator.calls import CallRecord
from tests.faults.invariants import Audit, Violation
from tests.faults.world import ENDED, Journey, World
from tests.permissions.drives import DRIVES
from tests.permissions.granted import BROKER, principal_of
from tests.permissions.recording import Recording
from tests.permissions.taken_away import taken_away

Promise = Literal["parked", "answered", "left to time", "does without", "followed", "mended", "reported"]
PROMISES: Mapping[str, Promise] = {
    "ApiFunction": "answered",
    "TakeEventFunction": "left to time",
    "TakeWebhookFunction": "answered",
    "TakeMessageFunction": "left to time",
    "NotifyTicketFunction": "left to time",
    "TakeProvisioningFunction": "left to time",
    "TakeStackFunction": "left to time",
    "NotifyProvisioningFunction": "left to time",
    "ParseParametersFunction": "answered",
    "WatchVendsFunction": "left to time",
    "ReleaseCreationSlotFunction": "does without",
    "ReleaseAccessSlotFunction": "does without",
    "ParkAccountFunction": "followed",
    "VendAccountStateMachine": "followed",
    "avm-enforce": "mended",
    "avm-observe": "mended",
}
"""What is promised of a principal that lacks an action; of all others that the vend is parked."""
MEANING: Mapping[Promise, str] = {
    "parked": "the request is PARKED, its error names the action, and a retry brings it to its end when it is back",
    "answered": "the API answers 500 with a problem that names the action, or the watchdog does what the API could not",
    "left to time": "nothing is lost or opened meanwhile; when it is back, the watchdog or a replay brings all on",
    "does without": "the vend goes on, or ends, without it: what is left undone, its end or the watchdog does",
    "followed": "the execution ends without a record; the watchdog follows it by another and, after three, parks the "
    "request itself, and says how the last one ended",
    "reported": "what cannot be looked at or mended stays in the account's report, with the action; when it is back, a "
    "repair mends it",
    "mended": "the vend puts the action back itself: at once, or in the retry of a parked request that names it",
}
_KEPT = frozenset({"organizations:ListAccountsForParent"})
"""What a vend asks only where nothing is kept of an earlier one: in which drive that is, is chance."""
_SCHEDULE = "Schedule"
"""What the clock starts is needed in whichever drive it has come round."""
_DENIED = "AccessDenied", "UnauthorizedOperation"
_AFTER_THE_END = frozenset({"crowd-rejected", "not-stopped"})
"""Drives that need something first when a request has ended already."""
_REPAIRS = frozenset({"repaired", "reopened"})
"""Drives of which nothing is parked: an account is there already."""
_INJECTING = frozenset(
    {"parked", "half-taken", "tokens", "crowd-parked", "not-started", "not-answered", "interrupted", "undecided"}
)
"""Drives whose own faults are what a parked request tells of."""


@dataclass(frozen=True, order=True)
class Removal:
    """An action that is taken from a principal, and the drive that needs it."""

    principal: str
    action: str
    drive: str

    def __str__(self) -> str:
        """Return it as one line."""
        return f"{self.principal} without {self.action} ({self.drive})"

    @property
    def promise(self) -> Promise:
        """What is promised."""
        if self.drive in _AFTER_THE_END:
            return "does without"
        if self.drive in _REPAIRS:
            return "reported"
        return PROMISES.get(self.principal, "parked")


@dataclass
class Outcome:
    """What became of a run with an action taken away."""

    removal: Removal
    journeys: list[Journey]
    refused: int
    """Calls that were refused for want of the action."""
    told: list[str] = field(default_factory=list)
    """The errors of parked requests, and what the API refused, while the action was away."""
    violations: list[Violation] = field(default_factory=list)

    @property
    def named(self) -> bool:
        """Whether somebody was told the action's name."""
        return any(self.removal.action in text for text in self.told)

    @property
    def held(self) -> bool:
        """Whether all that is promised was true."""
        return not self.violations

    @property
    def way(self) -> str:
        """How the requests came to their ends."""
        return ", ".join(" → ".join(journey.statuses) for journey in self.journeys) or "no request"


def removals(recording: Recording) -> list[Removal]:
    """Return each action that was observed of a role, with the first drive that has needed it.

    Of the watchdog with the last one: it comes to every drive, and to those that were made for it after the others.
    """
    order = {drive.name: number for number, drive in enumerate(DRIVES)}
    own = {grant.role_arn for grant in recording.grants}
    found: dict[tuple[str, str], str] = {}
    once = {drive.name for drive in DRIVES if drive.once}
    for need, shown in recording.needs.items():
        if need.role_arn not in own or need.action == "sts:GetCallerIdentity":  # which nobody can be refused
            continue
        if not (drives := [drive for drive in shown if drive not in once]) or need.action in _KEPT:
            continue
        key = (principal_of(need.role_arn), need.action)
        if key[0].endswith(_SCHEDULE):
            continue
        choose = max if key[0] == "WatchVendsFunction" else min
        chosen = choose(drives, key=order.__getitem__)
        found[key] = choose(chosen, found.get(key, chosen), key=order.__getitem__)
    return sorted(Removal(*key, drive) for key, drive in found.items())


def run(world: World, chosen: Iterable[Removal]) -> Iterator[Outcome]:
    """Yield what becomes of each, one after the other on one emulator."""
    for number, removal in enumerate(chosen):
        yield run_one(world, removal, f"without-{number}")


def run_one(world: World, removal: Removal, name: str) -> Outcome:
    """Take the action away, drive, look; put it back, bring every request to its end, look again."""
    drive = next(drive for drive in DRIVES if drive.name == removal.drive)
    # what a process remembers it asks for only once; the broker is whoever comes by it
    world.cool("*" if removal.principal == BROKER else f"avm-{removal.principal}-*")
    since = max((call.seq for call in world.emulator.calls), default=0)
    with taken_away(world, removal.principal, removal.action):
        journeys = drive.run(world, name)
        outcome = Outcome(removal, journeys, len(_refused(world, removal, since)))
        if not outcome.refused:  # it is needed on the way home, or by the watchdog
            for journey in journeys:
                world.bring_home(journey, steps=1)
            world.rest()
            outcome.refused = len(_refused(world, removal, since))
        for journey in journeys:
            outcome.told += [str((request.get("error") or {}).get("message")) for request in journey.parked]
            outcome.told += journey.refusals
        outcome.violations += _meanwhile(world, outcome)
    for journey in journeys:
        journey.refusals.clear()
        if drive.resume is not None:
            drive.resume(world, journey)
        world.bring_home(journey)
        audit = Audit(world, journey)
        outcome.violations += [*audit.always(), *audit.at_the_end()]
    outcome.violations = list(dict.fromkeys(outcome.violations))
    return outcome


def _meanwhile(world: World, outcome: Outcome) -> Iterator[Violation]:
    """Yield what does not hold while the action is away."""
    removal = outcome.removal
    if not outcome.refused:
        yield Violation("untrue", "no call was refused")
    for journey in outcome.journeys:
        audit = Audit(world, journey)
        yield from audit.always()
        if journey.status == "PARKED" and not _needed_to_hold(removal):
            yield from audit.parked(journey.parked[-1])
    yield from (Violation("untrue", sentence) for sentence in _not_as_promised(outcome))


def _not_as_promised(outcome: Outcome) -> Iterator[str]:
    """Yield what is not as the principal's promise says."""
    removal, parked = outcome.removal, any(journey.parked for journey in outcome.journeys)
    unnamed = f"{removal.action} is named nowhere: {outcome.told}"
    match removal.promise:
        case "parked" if removal.drive not in _INJECTING:
            if not parked:
                yield f"nothing is parked: {outcome.way}"
            elif not outcome.named:
                yield unnamed
        case "answered" if not outcome.named:
            if any(journey.status not in ENDED for journey in outcome.journeys):
                yield unnamed
        case "mended" | "followed" if parked and not outcome.named and removal.drive not in _INJECTING:
            yield unnamed
        case "reported" if outcome.told and not outcome.named:  # nothing told: all has become true without it
            yield unnamed
        case "does without" if parked:
            yield f"a vend is parked: {outcome.told}"


def _needed_to_hold(removal: Removal) -> bool:
    """Say whether an account cannot be quarantined without the action: it has no access then, and is not held."""
    return removal.principal in {BROKER, "ParkAccountFunction", "VendAccountStateMachine", "WatchVendsFunction"}


def _refused(world: World, removal: Removal, since: int) -> list[CallRecord]:
    """Return the calls of the principal that were refused by policies, not by a fault."""
    return [
        call
        for call in world.emulator.calls.select(since=since, fault=None)
        if (call.error or "").startswith(_DENIED) and principal_of(_role_name(call.principal)) == removal.principal
    ]


def _role_name(principal: str) -> str:
    """Return the role's name of ``arn:…:assumed-role/ROLE/SESSION``."""
    return principal.split("/")[1] if ":assumed-role/" in principal else principal


def sample(all_of_them: Sequence[Removal], size: int) -> list[Removal]:
    """Return few that have something of everything: each promise, drive, service; the same for the same."""
    chosen: list[Removal] = []
    shown: set[str] = set()
    left = list(all_of_them)
    while left and len(chosen) < size:
        best = max(left, key=lambda removal: (len(_features(removal) - shown), str(removal)))
        left.remove(best)
        shown |= _features(best)
        chosen.append(best)
    return chosen


def _features(removal: Removal) -> set[str]:
    return {
        f"promise {removal.promise}",
        f"service {removal.action.partition(':')[0]}",
        f"principal {removal.principal}",
        f"drive {removal.drive}",
    }
