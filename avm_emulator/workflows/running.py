"""The emulator that the repaired interpreter works for.

moto keeps its state machines in dictionaries of the process, and its interpreter has no place to hand an emulator in:
one process runs one emulator at a time, and the repairs ask here for it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from avm_emulator.clock import Clock
    from avm_emulator.context import Emulator

_bound: list[Emulator] = []


def bind(emulator: Emulator) -> None:
    """Make the repaired interpreter work for ``emulator`` from now on."""
    _bound[:] = [emulator]


def emulator() -> Emulator:
    """Return the emulator in charge; raise RuntimeError before ``avm_emulator.workflows.install``."""
    if not _bound:
        message = "no emulator: call avm_emulator.workflows.install(emulator) first"
        raise RuntimeError(message)
    return _bound[0]


def clock() -> Clock:
    """Return the clock of the emulator in charge."""
    return emulator().clock


def now() -> datetime:
    """Return the AWS time as an aware datetime."""
    return datetime.fromtimestamp(clock().now(), UTC)


def iso8601(moment: datetime) -> str:
    """Return a time as Step Functions shows it in the context object: UTC, milliseconds, ``Z``."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
