"""For all tests: the longest first, time for a busy machine, and figures of proofs in pytest's summary."""

from collections.abc import Callable, Iterator
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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest files, so that no process of several is left with one of them at the end."""

    def turn(item: pytest.Item) -> int:
        folder = item.path.relative_to(Path(__file__).parent).parts[0]
        return _LONG.index(folder) if folder in _LONG else len(_LONG)

    items.sort(key=turn)


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
