"""An emulator without any part, and interceptors for one test."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from avm_emulator.boundary import Interceptor
from avm_emulator.context import Emulator
from avm_emulator.engine import Options


@pytest.fixture(scope="module")
def options() -> Options:
    return Options(speed="max", prepare=False, deploy=False, parts=())


@pytest.fixture
def intercept(emulator: Emulator) -> Iterator[Callable[[Interceptor], None]]:
    before = list(emulator.boundary.interceptors)
    yield emulator.boundary.interceptors.append
    emulator.boundary.interceptors[:] = before
