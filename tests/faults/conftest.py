"""What the tests of this folder share: emulators, and a place for figures in pytest's summary."""

from collections.abc import Iterator

import pytest

from tests.faults.world import World
from tests.faults.world import world as running_world

_FIGURES = pytest.StashKey[list[str]]()


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """The application in an emulator where each thing is waited for once."""
    with running_world() as here:
        yield here


@pytest.fixture
def figure(pytestconfig: pytest.Config) -> Iterator[list[str]]:
    """Lines that pytest shows in its summary, whatever becomes of the test."""
    lines: list[str] = []
    yield lines
    pytestconfig.stash.setdefault(_FIGURES, []).extend(lines)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    lines = config.stash.get(_FIGURES, [])
    if lines:
        terminalreporter.section("proofs")
        for line in lines:
            terminalreporter.write_line(line)
