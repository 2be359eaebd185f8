"""Time to ready is AWS's time only: runs with one seed agree, whatever else this machine does."""

from datetime import datetime

import pytest

from avm_emulator.engine import Options, start
from tests.end_to_end.conftest import Machine


def time_to_ready() -> float:
    with start(Options(speed="max", random_seed=3)) as running:
        request = Machine(running).vend("RITMREPEAT")
    began, ended = (datetime.fromisoformat(request[name]) for name in ("created_at", "ready_at"))
    return (ended - began).total_seconds()


@pytest.mark.whole
def test_three_runs_with_one_seed_agree_within_five_per_cent() -> None:
    times = [time_to_ready() for _ in range(3)]
    assert max(times) <= 1.05 * min(times), times
