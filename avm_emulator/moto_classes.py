"""moto's classes get back what an emulator replaced in them: moto lives as long as the process, an emulator not."""

from __future__ import annotations

from functools import partial
from typing import Any

from avm_emulator.context import Emulator


def restore_on_stop(emulator: Emulator, *classes: type[Any]) -> None:
    """Remember the classes as they are now, and make them so again when the emulator stops."""
    for owner in classes:
        emulator.on_stop.append(partial(_restore, owner, dict(vars(owner))))


def _restore(owner: type[Any], before: dict[str, Any]) -> None:
    for name in set(vars(owner)) - set(before):
        delattr(owner, name)
    for name, value in before.items():
        if vars(owner)[name] is not value:
            setattr(owner, name, value)
