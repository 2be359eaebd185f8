"""All foundation controls, found by looking at the modules of this package: a new file is all that a new one needs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import avm.foundation
from avm.controls.registry import kinds_in
from avm.foundation.control import FoundationControl


@cache
def all_foundation_controls() -> Mapping[str, FoundationControl]:
    """Return every foundation control by its name."""
    return {kind.name: kind() for kind in kinds_in(avm.foundation, FoundationControl)}
