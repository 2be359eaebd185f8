"""Decides which calls a fault happens to, and counts."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from avm_emulator.faults.effects import EFFECTS, Attempt
from avm_emulator.faults.reads import Reads
from avm_emulator.faults.rules import Rule, RuleSet

if TYPE_CHECKING:
    from werkzeug import Response

    from avm_emulator.boundary import Call
    from avm_emulator.context import Emulator


class _Armed:
    """A rule in force."""

    def __init__(self, rule: Rule, seed: int, position: int) -> None:
        self.rule = rule
        self.matched = 0
        self.fired = 0
        self._random = random.Random(f"{seed}/{position}")  # noqa: S311  repeatable on purpose

    def count(self) -> bool:
        """Count one more matching call; say whether the fault happens to it."""
        self.matched += 1
        return self.rule.fires_at(self.matched, self._random.random())

    def describe(self) -> dict[str, Any]:
        """Return the rule as it was given, with its counts."""
        return {**self.rule.given, "matched": self.matched, "fired": self.fired}


class Faults:
    """The faults of one emulator; ``around`` stands around every call."""

    def __init__(self, emulator: Emulator) -> None:
        """Begin without rules."""
        self._emulator = emulator
        self._reads = Reads()
        self._lock = threading.Lock()
        self.disarm()

    def arm(self, rules: RuleSet) -> None:
        """Put rules in force in place of those before; their counts begin at 0. Without a seed: the emulator's."""
        seed = self._emulator.random_seed if rules.seed is None else rules.seed
        armed = [_Armed(rule, seed, position) for position, rule in enumerate(rules.rules)]
        with self._lock:
            self._armed, self._seed = armed, seed

    def disarm(self) -> None:
        """Let no rule be in force."""
        self.arm(RuleSet((), None))

    def describe(self) -> dict[str, Any]:
        """Return the rules in force: ``{"seed", "rules": [{..., "matched", "fired"}]}``."""
        with self._lock:
            return {"seed": self._seed, "rules": [armed.describe() for armed in self._armed]}

    def around(self, call: Call, proceed: Callable[[], Response]) -> Response:
        """Answer a call, with the fault that is due, if any (a wrapper). The emulator's own calls suffer none."""
        if call.is_internal:
            return proceed()
        attempt = Attempt(self._emulator, call, proceed, self._reads)
        armed = self._due(attempt)
        if armed is None:
            return attempt.execute()
        call.faults.append(armed.rule.fault)
        return EFFECTS[armed.rule.fault](attempt, armed.rule)

    def _due(self, attempt: Attempt) -> _Armed | None:
        """Return the rule that fires: the first of those that would. Every matching rule counts the call."""
        call = attempt.call
        matching = [
            armed
            for armed in self._armed
            if armed.rule.means(call.service, call.operation, call.account, call.time, call.source)
            and attempt.can_suffer(armed.rule.fault)
        ]
        with self._lock:
            due = [armed for armed in matching if armed.count()]
            if not due:
                return None
            due[0].fired += 1
            return due[0]
