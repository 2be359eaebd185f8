"""For all tests: the longest first, slices of the long walks, and figures of proofs in pytest's summary."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import hypothesis
import pytest

# On a busy machine an example may take as long as it likes: by default hypothesis fails slow ones.
hypothesis.settings.register_profile(
    "busy machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("busy machine")

_FIGURE = "figure"
_LONG = ("faults", "end_to_end")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--whole", action="store_true", help="walk the long walks to their end, not a slice of them")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "walk(every): a walk over many cases; without --whole, each such one is taken")
    config.addinivalue_line("markers", "whole: takes long; only with --whole")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is long; begin with the longest files, so that no process is left with one of them at the end."""
    if not config.getoption("whole"):
        left_out = [item for item in items if item.get_closest_marker("whole")] + list(_between_steps(items))
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]

    def turn(item: pytest.Item) -> int:
        folder = item.path.relative_to(Path(__file__).parent).parts[0]
        return _LONG.index(folder) if folder in _LONG else len(_LONG)

    items.sort(key=turn)


def _between_steps(items: Iterable[pytest.Item]) -> Iterator[pytest.Item]:
    """Yield the cases of walks that a slice steps over."""
    seen: Counter[str] = Counter()
    for item in items:
        if (walk := item.get_closest_marker("walk")) is not None:
            test = item.nodeid.partition("[")[0]
            if seen[test] % walk.args[0]:
                yield item
            seen[test] += 1


@pytest.fixture(scope="session")
def how_many(request: pytest.FixtureRequest) -> Callable[[int, int], int]:
    """Return what chooses between the number of cases in a slice and that in the whole."""
    return lambda some, all_of_them: all_of_them if request.config.getoption("whole") else some


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Iterator[list[str]]:
    """Lines that pytest shows in its summary, whatever becomes of the test."""
    lines: list[str] = []
    yield lines
    for line in lines:
        record_property(_FIGURE, line)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [report for group in terminalreporter.stats.values() for report in group]
    properties = [each for report in reports for each in getattr(report, "user_properties", ())]
    lines = dict.fromkeys(str(line) for name, line in properties if name == _FIGURE)
    if lines:
        terminalreporter.section("proofs")
        for line in lines:
            terminalreporter.write_line(line)
