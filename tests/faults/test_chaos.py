"""One wave of chaos, with one seed; ``make chaos`` runs many."""

from collections.abc import Callable

import pytest

from tests.faults import chaos, report
from tests.faults.world import world

RUNS, SEED = (6, 9), 20


@pytest.mark.timeout(1800)
def test_in_chaos_nothing_is_there_twice_nothing_is_lost_and_nothing_is_left(
    figure: list[str], how_many: Callable[[int, int], int]
) -> None:
    with world(brisk=False, seed=SEED) as here:
        fates = list(chaos.waves(here, how_many(*RUNS), SEED))
    figure.append(f"chaos, seed {SEED}: {report.figures_of(fates).line('vends at once')}")
    assert report.failures(fates) == []
