"""Many requests at once, and what the emulator's own record says of AWS's limits meanwhile."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tests.end_to_end.conftest import GOOD, Machine

IN_PROGRESS = 5
"""Creations that AWS takes at once."""
RATE, BURST = 0.1, 3
"""CreateAccount: tokens a second, and how many of them are kept."""
_ROUNDING = 1e-3
"""Seconds: AWS-times are told in milliseconds."""
_THROTTLED = ("Throttl", "TooManyRequests", "LimitExceeded")


@dataclass(frozen=True)
class Burst:
    """What became of requests that came at once; times in AWS-seconds."""

    accounts: int
    duration: float
    """Of each creation."""
    statuses: dict[str, int]
    begins: list[float]
    """When each creation began, in the order of the requests."""
    ends: list[float]
    throttled: list[str]
    """Operations of Organizations that were refused by a rate or a limit."""
    compute: float
    """Seconds of the processor: emulator and functions, all of the burst."""

    @property
    def makespan(self) -> float:
        """From the first creation's begin to the last one's end."""
        return max(self.ends) - min(self.begins)

    @property
    def optimum(self) -> float:
        """The same of a schedule that is never idle while AWS would take more."""
        return optimum(self.accounts, self.duration)

    @property
    def at_once(self) -> int:
        """How many were in progress at the most."""
        return max(
            sum(begin <= moment < end - _ROUNDING for begin, end in zip(self.begins, self.ends, strict=True))
            for moment in self.begins
        )

    @property
    def created(self) -> int:
        """How many calls of CreateAccount were refused."""
        return self.throttled.count("CreateAccount")

    def problems(self) -> list[str]:
        """Return what does not hold."""
        found = {
            f"not all are READY: {self.statuses}": self.statuses == {"READY": self.accounts},
            f"{self.at_once} creations were in progress": self.at_once <= IN_PROGRESS,
            "CreateAccount was taken above its rate": _within_rate(self.begins),
            "not first come, first served": self.begins == sorted(self.begins),
            f"CreateAccount was throttled {self.created} times": not self.created,
            f"AWS's limits were not kept busy: {self.makespan:.0f} s": self.makespan <= 1.05 * self.optimum,
        }
        return [problem for problem, holds in found.items() if not holds]

    def __str__(self) -> str:
        """Return the figures as a line."""
        return (
            f"{self.accounts} requests at once, creations of {self.duration:.0f} s: all in {self.makespan:.1f} s, "
            f"at best {self.optimum:.1f} s; at most {self.at_once} in progress; CreateAccount throttled "
            f"{self.created} times"
        )

    def row(self) -> str:
        """Return the figures as a row of a table."""
        return (
            f"| {self.accounts} | {self.duration:.0f} s | {self.makespan:.1f} s | {self.optimum:.1f} s "
            f"| {self.makespan / self.optimum:.3f} | {self.at_once} | "
            f"{'kept' if self.begins == sorted(self.begins) else '**broken**'} | {self.created} | "
            f"{len(self.throttled) - self.created} | {self.compute:.0f} s |"
        )


HEAD = (
    "| requests | a creation takes | all took | at best | ratio | in progress | order | throttled | others | compute |",
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
)

"""``throttled``: calls of CreateAccount; ``others``: other calls of Organizations, which are tried again."""


def burst(machine: Machine, name: str, accounts: int, duration: float) -> Burst:
    """Post so many requests while the clock is held, let it go, and return what became of them."""
    emulator = machine.emulator
    emulator.latencies.change({"organizations:CreateAccount": duration})
    since = max(call.seq for call in emulator.calls)
    before = emulator.clock.compute.table()["total_cpu_ms"]
    ids = [f"{name}-{number}" for number in range(accounts)]
    emulator.clock.hold(held=True)
    for request_id in ids:
        answer = machine.call("POST", "/requests", {"name": request_id, **GOOD, "type": "sandbox"}, key=request_id)
        assert answer.status_code == 202, answer.text
    emulator.clock.hold(held=False)
    statuses = [machine.outcome(request_id)["status"] for request_id in ids]
    calls = [call for call in emulator.calls.select(since=since) if call.service == "organizations"]
    pages = emulator.clients.client("organizations").get_paginator("list_create_account_status").paginate()
    creations = {each["AccountName"]: each for page in pages for each in page["CreateAccountStatuses"]}
    return Burst(
        accounts=accounts,
        duration=duration,
        statuses={status: statuses.count(status) for status in statuses},
        begins=[_seconds(creations[request_id]["RequestedTimestamp"]) for request_id in ids],
        ends=[_seconds(creations[request_id]["CompletedTimestamp"]) for request_id in ids],
        throttled=[call.operation for call in calls if call.error and any(word in call.error for word in _THROTTLED)],
        compute=(emulator.clock.compute.table()["total_cpu_ms"] - before) / 1000,
    )


def optimum(accounts: int, duration: float) -> float:
    """Return how long so many creations take at least, with the slots, rate and burst of AWS."""
    level, last, ends = float(BURST), 0.0, [0.0] * IN_PROGRESS
    for _ in range(accounts):
        begin = max(last, heapq.heappop(ends))
        level = min(BURST, level + (begin - last) * RATE)
        begin += max(0.0, 1 - level) / RATE
        level, last = max(level, 1.0) - 1, begin
        heapq.heappush(ends, begin + duration)
    return max(ends)


def _within_rate(begins: Sequence[float]) -> bool:
    level, last = float(BURST), min(begins)
    for moment in sorted(begins):
        level = min(BURST, level + (moment - last) * RATE) - 1
        last = moment
        if level < -_ROUNDING:
            return False
    return True


def _seconds(moment: datetime) -> float:
    return moment.timestamp()
