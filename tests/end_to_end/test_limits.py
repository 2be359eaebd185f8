"""AWS's limits hold, by the emulator's own record, whatever is asked of the machine at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest

from avm_emulator.calls import CallRecord
from tests.end_to_end.conftest import Machine

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
    with ThreadPoolExecutor(ACCOUNTS) as pool:
        requests = list(pool.map(lambda number: machine.vend(f"twenty-{number}"), range(ACCOUNTS)))
    assert [request["status"] for request in requests] == ["READY"] * ACCOUNTS
    calls = machine.emulator.calls.select(since=before)

    taken = [seconds(call) for call in calls if call.operation == "CreateAccount" and not call.error]
    assert len(taken) == ACCOUNTS
    level, last = float(BURST), taken[0]
    for moment in taken:
        level = min(BURST, level + (moment - last) * RATE) - 1
        last = moment
        assert level > -1e-6, "CreateAccount was taken above its rate"

    # so many were not taken at once that the sixth waited for the first
    for first, sixth in zip(taken, taken[IN_PROGRESS:], strict=False):
        assert sixth - first >= DURATION - 1e-6, "more than five creations were in progress"
