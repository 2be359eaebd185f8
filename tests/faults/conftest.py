"""What the tests of this folder share: an emulator for each module."""

from collections.abc import Iterator

import pytest

from tests.faults.world import World
from tests.faults.world import world as running_world


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """The application in an emulator where each thing is waited for once."""
    with running_world() as here:
        yield here
