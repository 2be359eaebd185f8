"""AWS's limits hold, by the emulator's own record, whatever is asked of the machine at once."""

import pytest

from tests.end_to_end import bursts
from tests.end_to_end.conftest import Machine


@pytest.mark.timeout(1800)  # real seconds: some 2,000 function calls on a busy machine
@pytest.mark.walk(2)
@pytest.mark.parametrize(
    ("accounts", "duration"),
    [
        pytest.param(8, 30, id="so short that the rate binds, not the slots"),
        pytest.param(20, 120, id="so long that the slots bind, not the rate"),
    ],
)
def test_accounts_at_once_are_ready_within_the_limits_of_creation_and_those_are_kept_busy(
    machine: Machine, accounts: int, duration: float, figure: list[str]
) -> None:
    """``make chaos`` asks for 50 at once, with three durations."""
    machine.settle_now()
    found = bursts.burst(machine, f"burst-{duration}", accounts, duration)
    figure.append(f"burst: {found}")
    assert found.problems() == []


@pytest.mark.parametrize(
    ("accounts", "duration", "seconds"),
    [
        (3, 30, 30),  # the tokens that are kept
        (5, 30, 50),  # 0, 0, 0, 10, 20
        (6, 30, 60),  # the sixth has its token at 30, when the first slot is free again
        (5, 300, 320),
        (6, 300, 600),  # it waits for a slot
    ],
)
def test_what_is_best_is_told_by_slots_rate_and_burst(accounts: int, duration: float, seconds: float) -> None:
    assert bursts.optimum(accounts, duration) == pytest.approx(seconds)
