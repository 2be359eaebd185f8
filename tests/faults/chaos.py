"""Seeded chaos: many vends at once, any fault at any call, processes killed at random; then the same invariants."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from tests.faults import recording
from tests.faults.invariants import Audit, Violation
from tests.faults.world import ENDED, Journey, World

WATCHED = 130
"""AWS-seconds in which the watchdog comes twice: what could not be held under faults is held then, without help."""
AT_ONCE = 20
"""Vends of one wave."""
DOORS = ("api", *recording.DOORS)
ANYTHING = {"service": "*", "operation": "*"}
LIKELIHOODS: tuple[tuple[float, dict[str, Any]], ...] = (
    (0.02, {"fault": "throttle"}),
    (0.01, {"fault": "error_before"}),
    (0.01, {"fault": "lost_response"}),
    (0.01, {"fault": "slow", "seconds": 30}),
    (0.002, {"fault": "denied"}),
    (0.005, {"fault": "kill_function", "when": "before"}),
    (0.005, {"fault": "kill_function", "when": "after"}),
    (0.02, {"fault": "stale_read"}),
    (0.05, {"fault": "duplicate_delivery"}),
    (0.02, {"fault": "outcome"}),
)
"""How likely each fault is at a call. A vend makes some hundred calls: about one of ten meets one."""


@dataclass
class Fate:
    """What became of one vend of a wave."""

    journey: Journey
    untouched: str
    """Its status when the wave had come to rest, before anybody helped."""
    violations: list[Violation] = field(default_factory=list)


def rules(generator: random.Random) -> list[dict[str, Any]]:
    """Return rules for one wave: all kinds, each about as likely as ``LIKELIHOODS`` says."""
    return [{**ANYTHING, **fault, "probability": round(p * generator.uniform(0.3, 2), 4)} for p, fault in LIKELIHOODS]


def wave(world: World, name: str, count: int, generator: random.Random, **body: Any) -> Iterator[Fate]:
    """Post ``count`` requests at once under random faults; clear them; bring every request home; audit each."""
    journeys = [world.journey(f"{name}-{number}", DOORS[number % len(DOORS)], **body) for number in range(count)]
    world.arm(rules(generator), generator.randrange(2**31))
    with ThreadPoolExecutor(count) as pool:
        list(pool.map(world.post, journeys))
    world.settle()
    world.disarm()
    world.pass_time(WATCHED)
    fates = [Fate(journey, world.look(journey)) for journey in journeys]
    for fate in fates:
        fate.violations += Audit(world, fate.journey).always()
        if fate.untouched == "PARKED":
            fate.violations += Audit(world, fate.journey).parked(fate.journey.parked[0])
    for fate in fates:
        if fate.untouched not in ENDED:
            world.bring_home(fate.journey)
    for fate in fates:
        audit = Audit(world, fate.journey)
        fate.violations += [*audit.always(), *audit.at_the_end()]
        fate.violations = list(dict.fromkeys(fate.violations))
        yield fate


def waves(world: World, runs: int, seed: int) -> Iterator[Fate]:
    """Yield the fates of ``runs`` vends, some at once; the same seed draws the same likelihoods and faults."""
    generator = random.Random(seed)  # noqa: S311  repeatable on purpose
    for first in range(0, runs, AT_ONCE):
        yield from wave(world, f"chaos-{first}", min(AT_ONCE, runs - first), generator)
