"""AWS's limits hold, by the emulator's own record, whatever is asked of the machine at once."""

import heapq
from datetime import datetime
from typing import Any

import pytest

from avm_emulator.calls import CallRecord
from tests.end_to_end.conftest import GOOD, Machine

ACCOUNTS = 20
IN_PROGRESS = 5
RATE, BURST = 0.1, 3
DURATION = 120
"""So long that the slots bind, not the rate."""


def seconds(call: CallRecord) -> float:
    return datetime.fromisoformat(call.time).timestamp()


@pytest.mark.timeout(400)  # real seconds: some 2,000 function calls on a busy machine
def test_twenty_accounts_at_once_are_ready_within_the_limits_of_creation(machine: Machine) -> None:
    machine.emulator.latencies.change({"organizations:CreateAccount": DURATION})
    before = max(call.seq for call in machine.emulator.calls)
    clock = machine.emulator.clock
    clock.hold(held=True)
    for number in range(ACCOUNTS):
        body = {"name": f"twenty-{number}", **GOOD, "type": "sandbox"}
        assert machine.call("POST", "/requests", body, key=f"twenty-{number}").status_code == 202
    clock.hold(held=False)
    requests = [machine.outcome(f"twenty-{number}") for number in range(ACCOUNTS)]
    assert [request["status"] for request in requests] == ["READY"] * ACCOUNTS
    calls = machine.emulator.calls.select(since=before)

    taken = [seconds(call) for call in calls if call.operation == "CreateAccount" and not call.error]
    assert len(taken) == ACCOUNTS
    assert not [call for call in calls if call.operation == "CreateAccount" and call.error], "a creation was throttled"
    level, last = float(BURST), taken[0]
    for moment in taken:
        level = min(BURST, level + (moment - last) * RATE) - 1
        last = moment
        assert level > -1e-6, "CreateAccount was taken above its rate"

    # so many were not taken at once that the sixth waited for the first
    for first, sixth in zip(taken, taken[IN_PROGRESS:], strict=False):
        assert sixth - first >= DURATION - 1e-6, "more than five creations were in progress"

    assert taken[-1] + DURATION - taken[0] <= 1.05 * optimal(ACCOUNTS), "AWS's limits were not kept busy"
    first_come = sorted(requests, key=lambda request: step(request, "CreateAccount")["started_at"])
    assert first_come == requests, "not first come, first served"


def optimal(accounts: int) -> float:
    """Return how long so many creations take at least, with the slots, rate and burst of AWS."""
    level, last, ends = float(BURST), 0.0, [0.0] * IN_PROGRESS
    for _ in range(accounts):
        begin = max(last, heapq.heappop(ends))
        level = min(BURST, level + (begin - last) * RATE)
        begin += max(0.0, 1 - level) / RATE
        level, last = max(level, 1.0) - 1, begin
        heapq.heappush(ends, begin + DURATION)
    return max(ends)


def step(request: dict[str, Any], name: str) -> dict[str, Any]:
    return next(each for each in request["steps"] if each["name"] == name)
