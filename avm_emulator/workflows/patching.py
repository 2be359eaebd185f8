"""How a name of moto's interpreter is replaced: never silently, so that a new moto fails with the name.

Every replacement is made here and noted in ``SEAMS``.
"""

from __future__ import annotations

import inspect
import sys
from typing import Any

_INTERPRETER = "moto.stepfunctions."

SEAMS: dict[str, tuple[Any, str]] = {}
"""What has been replaced: a name for people -> owner (class or module) and attribute."""


def replace(owner: Any, attribute: str, replacement: Any) -> None:
    """Replace an attribute of a class or module of moto.

    Raise LookupError when there is none, and TypeError when a function is called otherwise than its replacement: then
    moto has changed, and the repair must be looked at.
    """
    name = f"{owner.__name__}.{attribute}"
    original = inspect.getattr_static(owner, attribute, None)
    if original is None:
        message = f"moto has no {name} any more"
        raise LookupError(message)
    theirs, ours = _parameters(owner, original), _parameters(owner, replacement)
    if theirs is not None and ours is not None and theirs != ours:
        message = f"moto's {name} takes {theirs}, its replacement {ours}"
        raise TypeError(message)
    setattr(owner, attribute, replacement)
    SEAMS[name] = owner, attribute


def replace_everywhere(original: Any, replacement: Any) -> None:
    """Put ``replacement`` into every module of moto's Step Functions that has imported ``original`` by name.

    Raise LookupError when no module holds it.
    """
    holders = [
        (module, name)
        for module_name, module in list(sys.modules.items())
        if module_name.startswith(_INTERPRETER)
        for name, value in list(vars(module).items())
        if value is original
    ]
    if not holders:
        message = f"moto has no {original!r} any more"
        raise LookupError(message)
    for module, name in holders:
        replace(module, name, replacement)


def _parameters(owner: Any, function: Any) -> list[str] | None:
    """Return the names of what a caller hands over; None when it is no function, or one that takes anything."""
    plain = getattr(function, "__func__", function)
    if not inspect.isfunction(plain):
        return None
    parameters = inspect.signature(plain).parameters
    if any(parameter.kind is inspect.Parameter.VAR_POSITIONAL for parameter in parameters.values()):
        return None
    receives_instance = inspect.isclass(owner) and not isinstance(function, staticmethod)
    return list(parameters)[1 if receives_instance else 0 :]
