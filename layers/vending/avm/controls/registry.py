"""All controls, found by looking at the modules of this package: a new file is all that a new control needs here."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from types import ModuleType
from typing import Protocol, TypeVar, cast

import avm.controls
from avm.controls.control import Control

VENDING_ROLES = "vending-roles"
"""What every control that works inside the account needs: it works in those roles."""

_Kind = TypeVar("_Kind")


class _Needing(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def needs(self) -> tuple[str, ...]: ...


_Ordered = TypeVar("_Ordered", bound=_Needing)


@cache
def all_controls() -> Mapping[str, Control]:
    """Return every control by its name."""
    return {kind.name: kind() for kind in kinds_in(avm.controls, Control)}


@cache
def kept_by_foundation() -> frozenset[str]:
    """Return the names of the controls that are about what all accounts share."""
    return frozenset(name for name, control in all_controls().items() if control.kept_by_foundation)


def kinds_in(package: ModuleType, base: Callable[..., _Kind]) -> list[type[_Kind]]:
    """Return the concrete classes of a package's modules that are kinds of ``base``, an abstract class."""
    modules = [
        importlib.import_module(f"{package.__name__}.{module.name}")
        for module in pkgutil.iter_modules(package.__path__)
    ]
    return [
        kind
        for module in modules
        for kind in vars(module).values()
        if isinstance(kind, type)
        and issubclass(kind, cast("type[_Kind]", base))
        and kind.__module__ == module.__name__
        and not inspect.isabstract(kind)
    ]


def needs_of(control: _Needing) -> tuple[str, ...]:
    """Return the controls that must be true before this one can be made true."""
    inside = isinstance(control, Control) and control.plane == "member" and VENDING_ROLES not in control.needs
    return (*control.needs, VENDING_ROLES) if inside else control.needs


def waves(controls: Iterable[_Ordered]) -> list[list[_Ordered]]:
    """Return the controls in the order in which they can be enforced: each wave needs earlier ones only.

    A control that is needed but not among them counts as there: the account type does without it. Raises ValueError
    where controls need each other in a circle.
    """
    left = {control.name: control for control in controls}
    order: list[list[_Ordered]] = []
    while left:
        wave = [control for control in left.values() if not left.keys() & set(needs_of(control))]
        if not wave:
            message = f"these controls need each other: {', '.join(sorted(left))}"
            raise ValueError(message)
        order.append(sorted(wave, key=lambda control: control.name))
        left = {name: control for name, control in left.items() if control not in wave}
    return order
