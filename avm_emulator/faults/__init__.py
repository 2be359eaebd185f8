"""Faults on demand: ``PUT|GET|DELETE /_emulator/faults`` (interfaces.md, Emulator; docs/emulator.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from avm_emulator.context import Emulator

__all__ = ["install"]


def install(emulator: Emulator) -> None:
    """Stand around every call: install it after all parts that answer or refuse calls."""
    # moto's parts must be imported in the engine's order.
    from avm_emulator.faults.control import FaultsControl  # noqa: PLC0415
    from avm_emulator.faults.injector import Faults  # noqa: PLC0415

    faults = Faults(emulator)
    emulator.boundary.wrappers.append(faults.around)
    emulator.controls["faults"] = FaultsControl(faults, emulator)
