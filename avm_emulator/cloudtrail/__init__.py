"""CloudTrail: a record of every management call, as an event on the caller's default bus and in the event history.

``install(emulator)`` stands around every call. Where nobody listens a call costs a few microseconds: its record is
written only when a rule matches it or LookupEvents asks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from avm_emulator.context import Emulator


def install(emulator: Emulator) -> None:
    """Record calls from now on; install it before what refuses, loses or delays calls."""
    # moto takes a second to import, and its parts must be imported in the engine's order.
    from avm_emulator.cloudtrail.history import History  # noqa: PLC0415
    from avm_emulator.cloudtrail.lookup import Lookup  # noqa: PLC0415
    from avm_emulator.cloudtrail.organization_trails import Trails  # noqa: PLC0415
    from avm_emulator.cloudtrail.trail import Trail  # noqa: PLC0415

    history = History(emulator)
    emulator.boundary.interceptors += [Lookup(history).answer, Trails().answer]
    emulator.boundary.wrappers.append(Trail(history).record)
