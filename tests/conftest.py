"""Figures of proofs in pytest's summary, whichever process a test ran in."""

from collections.abc import Callable, Iterator

import pytest

_FIGURE = "figure"


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
