"""The cells of the fault matrix: every call of a recorded vend, with every fault that can happen to it.

Nobody lists them. One vend is recorded; another one runs under rules that never fire, one for each caller, operation
and fault: how many calls each rule has matched says which faults can happen to which of them. All of it once with warm
functions and once with cold ones: what a process remembers it asks for only once.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import botocore.session

from avm_emulator.calls import CallRecord
from avm_emulator.faults.kinds import KINDS
from avm_emulator.faults.outcomes import OUTCOMES
from avm_emulator.faults.partial import PARTIAL, UNPROCESSED
from tests.faults.world import APPROVED, BODY, PROOF, World

LASTING = frozenset({"throttle", "error_before", "lost_response", "denied", "kill_function", "outcome"})
"""Faults that may be there for good; the others are those of a moment by their nature."""
_RACED = frozenset({("iam", "CreateServiceLinkedRole")})
"""Calls that the first of several Regions makes for all of them: how many more come too early is chance."""
SLOW_SECONDS = 30
_NAME = "recorded-"
"""How the ids of recorded requests begin."""
_CHANCE = re.compile(r"-[A-Za-z0-9]{12}(?=$|[/ ])")
"""What CloudFormation appends to the names of functions and roles."""


@dataclass(frozen=True, order=True)
class Target:
    """What makes calls: who, and which operation of which service."""

    source: str
    """A pattern of ``source`` in the record of calls."""
    service: str
    operation: str
    mutating: bool
    own: bool

    @property
    def caller(self) -> str:
        """The caller's short name: ``MoveAccount``, ``VendAccount`` of a state machine, or of a role."""
        name = self.source.split("/")[0].removeprefix("avm-").removesuffix("-*")
        return name.removesuffix("Function").removesuffix("StateMachineRole")

    @property
    def kind(self) -> str:
        """Return what sort of a call it is."""
        return ("own " if self.own else "") + ("mutating" if self.mutating else "read")


@dataclass(frozen=True)
class Cell:
    """One fault at one call of a vend."""

    target: Target
    fault: str
    nth: int
    """Of the caller's calls of the operation that the fault can happen to, from 1."""
    lasting: bool = False
    """Whether it happens to all later ones, too."""
    when: str | None = None
    code: str | None = None
    cold: bool = False
    """Whether only a new process of the function makes the call."""
    account_type: str = BODY["type"]
    """What is vended."""
    door: str = "api"
    """Where the request comes in."""

    @property
    def rule(self) -> dict[str, Any]:
        """Return the rule that injects it."""
        return {**_rule(self.target, self.fault, self.when, self.code), "from_nth" if self.lasting else "nth": self.nth}

    @property
    def variant(self) -> str:
        """Return the fault in words."""
        parts = [self.fault, self.when, self.code, "lasting" if self.lasting else None]
        return " ".join(part for part in parts if part)

    def __str__(self) -> str:
        """Return it as one line."""
        place = f"{self.target.caller}: {self.target.service}:{self.target.operation} #{self.nth}"
        notes = ["cold"] * self.cold + [self.account_type] * (self.account_type != BODY["type"])
        notes += [self.door] * (self.door != "api")
        return " ".join([f"{place}: {self.variant}", *(f"({note})" for note in notes)])


DOORS = "queue", "events", "ticketing", "service-catalog", "stack"
"""Beside the API."""


def record(world: World) -> list[Cell]:
    """Return the cells of a vend, and those that one with an approval and those of the other doors have beside them."""
    cells: dict[Cell, Cell] = {}
    for account_type, door in [(BODY["type"], "api"), (APPROVED, "api"), *((BODY["type"], door) for door in DOORS)]:
        for cell in _record(world, account_type, door):
            cells.setdefault(cell, replace(cell, account_type=account_type, door=door))
    return list(cells.values())


def _record(world: World, account_type: str, door: str) -> list[Cell]:
    """Return the cells of a vend of a type, without the type and the door."""
    vend = functools.partial(_vend, world, account_type=account_type, door=door)
    vend("warming")
    warm = _targets(vend, "warm")
    world.cool("*")
    cold = _targets(vend, "cold") - warm
    cells = _probe(world, vend, "probed-warm", warm)
    world.cool("*")
    return cells + [replace(cell, cold=True) for cell in _probe(world, vend, "probed-cold", cold)]


def _targets(vend: _Vend, name: str) -> set[Target]:
    """Return what the calls of a vend can be aimed at: those of AWS's APIs."""
    calls, _ = vend(name)
    return {
        Target(_source(call), *described)
        for call in calls
        if (described := (call.service, call.operation, call.mutating, call.own))[0] in _services()
        and f"/{PROOF} " not in call.source
    }


def _source(call: CallRecord) -> str:
    """Return a pattern of who calls: without what is only of this deployment or this request."""
    return re.sub(rf"{_NAME}[a-z-]+", "*", _CHANCE.sub("-*", call.source))


def _probe(world: World, vend: _Vend, name: str, targets: set[Target]) -> list[Cell]:
    candidates = [candidate for target in sorted(targets) for candidate in _candidates(target)]
    rules = [{**_rule(*candidate), "probability": 0} for candidate in candidates]
    possible = _possible(world, rules)
    _, counted = vend(name, rules=[rules[index] for index in possible])
    return [
        cell
        for index, rule in zip(possible, counted, strict=True)
        for cell in _cells_of(candidates[index], rule["matched"])
    ]


def _vend(
    world: World, name: str, account_type: str, door: str, rules: Sequence[dict[str, Any]] = ()
) -> tuple[list[CallRecord], list[dict[str, Any]]]:
    """Vend under rules; return its calls, and the rules as they stand at its end."""
    world.rest()
    since = max((call.seq for call in world.emulator.calls), default=0)
    journey = world.journey(f"{_NAME}{name}-{account_type}-{door}", door, type=account_type)
    world.arm(rules)
    world.ask(journey)
    counted = world.disarm()
    calls = world.emulator.calls.select(since=since)
    world.bring_home(journey)
    if journey.status != "READY":
        raise RuntimeError(f"the vend to be recorded is {journey.statuses}: {journey.last}")
    return calls, counted


@functools.cache
def _services() -> frozenset[str]:
    return frozenset(botocore.session.get_session().get_available_services())


_Vend = Callable[..., tuple[list[CallRecord], list[dict[str, Any]]]]
_Candidate = tuple[Target, str, str | None, str | None]


def _candidates(target: Target) -> Iterator[_Candidate]:
    for fault in KINDS:
        if fault == "kill_function":
            yield from ((target, fault, phase, None) for phase in ("before", "after"))
        elif fault == "outcome":
            yield from ((target, fault, None, code) for code in _codes(target))
        else:
            yield target, fault, None, None


def _codes(target: Target) -> tuple[str | None, ...]:
    key = (target.service, target.operation)
    if key in PARTIAL:
        return (UNPROCESSED,)
    if key in OUTCOMES:
        return OUTCOMES[key].codes or (None,)
    return ()


def _rule(target: Target, fault: str, when: str | None, code: str | None) -> dict[str, Any]:
    rule = {"service": target.service, "operation": target.operation, "source": target.source, "fault": fault}
    seconds = {"seconds": SLOW_SECONDS} if KINDS[fault].has_seconds else {}
    return {**rule, **seconds, **({"when": when} if when else {}), **({"code": code} if code else {})}


def _possible(world: World, rules: list[dict[str, Any]]) -> list[int]:
    """Return the positions of the rules that make sense: not every fault can happen to every operation."""
    try:
        world.arm(rules)
    except ValueError as refusal:
        (problems,) = refusal.args
        refused = {problem["rule"] for problem in problems}
        return [index for index in range(len(rules)) if index not in refused]
    world.disarm()
    return list(range(len(rules)))


def _cells_of(candidate: _Candidate, count: int) -> Iterator[Cell]:
    target, fault, when, code = candidate
    steady = min(count, 1) if (target.service, target.operation) in _RACED else count
    for nth in range(1, steady + 1):
        yield Cell(target, fault, nth, when=when, code=code)
    if count and fault in LASTING:
        yield Cell(target, fault, 1, lasting=True, when=when, code=code)
