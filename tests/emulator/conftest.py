"""An emulator in this process for each test module: fixtures ``options``, ``running``, ``emulator``."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from avm_emulator.context import Emulator
from avm_emulator.engine import Options, RunningEmulator, start


@pytest.fixture(scope="module")
def options() -> Options:
    """Discrete time, all parts, an empty world; a module's own fixture of this name chooses otherwise."""
    return Options(speed="max", prepare=False, deploy=False)


@pytest.fixture(scope="module")
def running(options: Options) -> Iterator[RunningEmulator]:
    with start(options) as emulator:
        yield emulator


@pytest.fixture(scope="module")
def emulator(running: RunningEmulator) -> Emulator:
    """``emulator.clients.client(service, region, role_arn=...)`` is a boto3 client."""
    return running.emulator
