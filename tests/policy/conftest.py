"""Figures of the proofs: what the tests tell is printed at the end of the run."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from _pytest.terminal import TerminalReporter

FIGURES = pytest.StashKey[list[str]]()


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Return what takes a line for the end of the run."""
    return request.config.stash.setdefault(FIGURES, []).append


def pytest_terminal_summary(terminalreporter: TerminalReporter, config: pytest.Config) -> None:
    """Print what was told."""
    told = config.stash.get(FIGURES, [])
    if told:
        terminalreporter.section("policies")
        for line in told:
            terminalreporter.write_line(line)
