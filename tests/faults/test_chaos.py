"""One wave of chaos, with one seed; ``make chaos`` runs many."""

import pytest

from tests.faults import chaos, report
from tests.faults.world import world

RUNS, SEED = 12, 20


@pytest.mark.timeout(1800)
def test_in_chaos_nothing_is_there_twice_nothing_is_lost_and_nothing_is_left(figure: list[str]) -> None:
    with world(brisk=False, seed=SEED) as here:
        fates = list(chaos.waves(here, RUNS, SEED))
    figure.append(f"chaos, seed {SEED}: {report.figures_of(fates).line('vends at once')}")
    assert report.failures(fates) == []
