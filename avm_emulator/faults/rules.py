"""Fault rules: read from JSON, with the reason for every field that makes no sense."""

from __future__ import annotations

import fnmatch
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from avm_emulator.faults import models
from avm_emulator.faults.kinds import KINDS, Kind

_COUNTS = ("nth", "from_nth", "times", "probability")
FIELDS = ("service", "operation", "fault", *_COUNTS, "account", "source", "seconds", "code", "when")
"""All fields of a rule; the first three must be there, at most one of those that count may."""
PHASES = ("before", "after")
_ACCOUNT = re.compile(r"\d{12}")


@dataclass(frozen=True)
class Problem:
    """Why one field of one rule makes no sense."""

    rule: int | None
    """Position in the list, from 0; None: of the document itself."""
    field: str
    reason: str

    def __str__(self) -> str:
        """Return it as one sentence."""
        where = "" if self.rule is None else f"rule {self.rule}: "
        return f"{where}{self.field}: {self.reason}"


class InvalidRulesError(Exception):
    """Rules that are refused, all of them; ``problems`` says why."""

    def __init__(self, problems: list[Problem]) -> None:
        """Take what is wrong."""
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems


@dataclass(frozen=True)
class Rule:
    """Which calls a fault happens to; times in AWS epoch seconds."""

    given: Mapping[str, Any]
    """As it was set."""
    service: str
    operation: str
    fault: str
    account: str | None = None
    source: str | None = None
    """A pattern of what the record of calls shows as ``source``: ``*`` stands for any text."""
    nth: int | None = None
    from_nth: int | None = None
    times: int | None = None
    probability: float | None = None
    seconds: float = 0.0
    code: str | None = None
    phase: str = "after"
    since: float = -math.inf
    until: float = math.inf

    def means(self, service: str, operation: str, account: str, time: float, source: str = "") -> bool:
        """Say whether a call is one that the rule is about; its place in their order does not count here."""
        return (
            self.service in (models.ANY, service)
            and self.operation in (models.ANY, operation)
            and self.account in (None, account)
            and (self.source is None or fnmatch.fnmatchcase(source, self.source))
            and self.since <= time < self.until
            and self._can_happen(service, operation)
        )

    def _can_happen(self, service: str, operation: str) -> bool:
        """Say whether the fault can happen to an operation, which matters where the rule is about many."""
        kind = KINDS[self.fault]
        if kind.why_not(service, operation) is not None:
            return False
        return not (self.code and kind.code_problem and kind.code_problem(service, operation, self.code))

    def fires_at(self, number: int, draw: float) -> bool:
        """Say whether the fault happens to the call with this number (from 1); ``draw`` is between 0 and 1."""
        if self.nth is not None:
            return number == self.nth
        if self.from_nth is not None:
            return number >= self.from_nth
        if self.times is not None:
            return number <= self.times
        return self.probability is None or draw < self.probability


@dataclass(frozen=True)
class RuleSet:
    """What is set at once."""

    rules: tuple[Rule, ...]
    seed: int | None


def parse(document: Any, now: float, seed: int | None = None) -> RuleSet:
    """Return the rules of a document: a list of them, or ``{"seed": N, "rules": [...]}``.

    Args:
        document: parsed JSON.
        now: AWS epoch seconds; times in rules may be relative to it.
        seed: the seed, where it is given elsewhere.

    Raises:
        InvalidRulesError: names every problem.
    """
    problems: list[Problem] = []
    if isinstance(document, Mapping):
        problems += [Problem(None, str(name), "unknown") for name in document.keys() - {"seed", "rules"}]
        if "seed" in document and seed is not None:
            problems.append(Problem(None, "seed", "given twice"))
        seed = document.get("seed", seed)
        document = document.get("rules")
    if seed is not None and not _is_whole(seed):
        problems.append(Problem(None, "seed", f"a whole number, not {seed!r}"))
    if not isinstance(document, list):
        reason = 'send a list of rules, or {"seed": N, "rules": [...]}'
        raise InvalidRulesError([*problems, Problem(None, "rules", reason)])
    rules = []
    for number, given in enumerate(document):
        if isinstance(given, Mapping):
            reader = _Reader(given, now)
            rules.append(reader.read())
            problems += [Problem(number, field, reason) for field, reason in reader.problems]
        else:
            problems.append(Problem(number, "rule", f"an object, not {given!r}"))
    if problems:
        raise InvalidRulesError(problems)
    return RuleSet(tuple(rules), seed)


class _Reader:
    """Reads one rule and collects what is wrong with it."""

    def __init__(self, given: Mapping[str, Any], now: float) -> None:
        self.problems: list[tuple[str, str]] = []
        self._given = given
        self._now = now

    def read(self) -> Rule:
        """Return the rule; it makes sense only if there are no problems."""
        for name in self._given.keys() - set(FIELDS):
            self._refuse(str(name), f"unknown; rules have {', '.join(FIELDS)}")
        kind = self._kind()
        service, operation = self._call(kind)
        counts = [name for name in _COUNTS if self._given.get(name) is not None]
        for name in counts[1:]:
            self._refuse(name, f"{counts[0]} is given, too: a rule has at most one of {', '.join(_COUNTS)}")
        phase, since, until = self._when(kind)
        return Rule(
            given=dict(self._given),
            service=service,
            operation=operation,
            fault=str(self._given.get("fault")),
            account=self._checked("account", _is_account, "twelve digits, the account that calls"),
            source=self._checked("source", _is_text, "a pattern of who calls, as the record of calls names it"),
            nth=self._checked("nth", _is_position, "a whole number from 1: the nth matching call from now on"),
            from_nth=self._checked("from_nth", _is_position, "a whole number from 1: that matching call and all after"),
            times=self._checked("times", _is_position, "a whole number from 1: the first matching calls from now on"),
            probability=self._checked("probability", _is_probability, "a number from 0 to 1"),
            seconds=self._seconds(kind),
            code=self._code(kind, service, operation),
            phase=phase,
            since=since,
            until=until,
        )

    def _kind(self) -> Kind | None:
        fault = self._given.get("fault")
        kind = KINDS.get(fault) if isinstance(fault, str) else None
        if kind is None:
            reason = "missing" if fault is None else f"unknown fault {fault!r}"
            self._refuse("fault", f"{reason}; one of {', '.join(KINDS)}")
        return kind

    def _call(self, kind: Kind | None) -> tuple[str, str]:
        """Return service and operation, ``*`` where they are of no use."""
        service = self._given.get("service")
        operation = self._given.get("operation")
        if operation is None:
            self._refuse("operation", 'missing; the API name, or "*"')
        if not isinstance(service, str) or service not in {models.ANY, *models.services()}:
            reason = "missing" if service is None else f"botocore knows no service {service!r}"
            self._refuse("service", f'{reason}; the boto3 client name, or "*"')
            return models.ANY, models.ANY
        if service == models.ANY:
            if operation not in (None, models.ANY):
                self._refuse("operation", 'with service "*" it is "*", too')
            return service, models.ANY
        operations = models.operations(service)
        if operation is not None and operation not in {models.ANY, *operations}:
            self._refuse("operation", f"{service} has no operation {operation!r} in botocore's model")
            return service, models.ANY
        meant = [operation] if operation in operations else sorted(operations)
        reasons = [kind.why_not(service, name) for name in meant] if kind else [None]
        if None not in reasons:
            self._refuse("operation" if operation != models.ANY else "service", str(reasons[0]))
        return service, operation or models.ANY

    def _seconds(self, kind: Kind | None) -> float:
        wanted = kind is not None and kind.has_seconds
        if wanted and self._given.get("seconds") is None:
            self._refuse("seconds", "missing; how many AWS-seconds later the answer comes")
        if not wanted and kind is not None and "seconds" in self._given:
            self._refuse("seconds", f"{self._given['fault']} has none")
        return float(self._checked("seconds", _is_duration, "a number of AWS-seconds above 0") or 0.0)

    def _code(self, kind: Kind | None, service: str, operation: str) -> str | None:
        code = self._checked("code", _is_text, "an error code")
        if code is None or kind is None:
            return None
        if kind.code_problem is None:
            self._refuse("code", f"{self._given['fault']} has none: the service's own is answered")
        elif not any(field in ("service", "operation") for field, _ in self.problems):
            problem = kind.code_problem(service, operation, code)
            if problem:
                self._refuse("code", problem)
        return str(code)

    def _when(self, kind: Kind | None) -> tuple[str, float, float]:
        when = self._given.get("when")
        window: Any = when if isinstance(when, Mapping) else {} if when is None else {"phase": when}
        unknown = window.keys() - {"phase", "from", "until"}
        if unknown:
            self._refuse("when", f"unknown: {', '.join(map(str, unknown))}; it has phase, from, until")
        phase = window.get("phase", "after")
        if phase not in PHASES:
            self._refuse("when", f'"before" or "after", or {{"from": ..., "until": ...}}, not {phase!r}')
        elif "phase" in window and kind is not None and not kind.has_phase:
            self._refuse("when", f"{self._given['fault']} has no phase: before and after are for kill_function")
        since, until = self._time(window, "from", -math.inf), self._time(window, "until", math.inf)
        if since >= until:
            self._refuse("when", "from is not earlier than until")
        return str(phase), since, until

    def _time(self, window: Mapping[str, Any], name: str, default: float) -> float:
        """Return AWS epoch seconds of ISO 8601 text, or of a number of AWS-seconds from now on."""
        value = window.get(name)
        if value is None:
            return default
        if _is_number(value) and value >= 0:
            return self._now + float(value)
        try:
            time = datetime.fromisoformat(value)
        except (TypeError, ValueError):
            time = None
        if time is None or time.tzinfo is None:
            self._refuse("when", f"{name} is AWS-seconds from now on, or ISO 8601 with a time zone, not {value!r}")
            return default
        return time.timestamp()

    def _checked(self, name: str, is_right: Any, expected: str) -> Any:
        value = self._given.get(name)
        if value is None or is_right(value):
            return value
        self._refuse(name, f"{expected}, not {value!r}")
        return None

    def _refuse(self, field: str, reason: str) -> None:
        self.problems.append((field, reason))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_position(value: Any) -> bool:
    return _is_whole(value) and value >= 1


def _is_probability(value: Any) -> bool:
    return _is_number(value) and 0 <= value <= 1


def _is_duration(value: Any) -> bool:
    return _is_number(value) and value > 0


def _is_account(value: Any) -> bool:
    return isinstance(value, str) and _ACCOUNT.fullmatch(value) is not None


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())
