"""What a property may hold, and how it becomes a parameter of an API call.

CloudFormation's properties mostly have the shape of the service's own API, with three differences that botocore's
model settles: the case of the first letter, the type of scalars (a parameter's value is always a string), and
documents that the API takes as JSON text.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple


class Api(NamedTuple):
    """The nested shape of a property is that of a parameter of an API operation."""

    service: str
    operation: str
    parameter: str


Spec = Mapping[str, Any] | Api | None
"""What is known inside a property: named fields (each with its own Spec), an API's shape, or None: anything."""

ShapeOf = Callable[[Api], Any]
"""Api → the botocore shape of the parameter."""


def unknown_fields(value: Any, spec: Spec, shape_of: ShapeOf, path: str = "") -> Iterator[str]:
    """Yield the dotted path of every field in ``value`` that ``spec`` does not know; functions are passed over."""
    if isinstance(spec, Api):
        yield from _unknown_members(value, shape_of(spec), path)
    elif spec is not None and isinstance(value, list):
        for item in value:
            yield from unknown_fields(item, spec, shape_of, path)
    elif spec is not None and isinstance(value, dict) and not _is_function(value):
        for name, part in value.items():
            if name not in spec:
                yield f"{path}{name}"
            else:
                yield from unknown_fields(part, spec[name], shape_of, f"{path}{name}.")


def to_api(value: Any, shape: Any) -> Any:
    """Return ``value`` (a resolved property) in the names and types of the botocore ``shape``."""
    kind = shape.type_name
    if kind == "structure" and isinstance(value, dict):
        members = ((_member(shape, name), name, part) for name, part in value.items())
        return {known or name: to_api(part, shape.members[known]) if known else part for known, name, part in members}
    if kind == "list" and isinstance(value, list):
        return [to_api(part, shape.member) for part in value]
    if kind == "map" and isinstance(value, dict):
        return {name: to_api(part, shape.value) for name, part in value.items()}
    return _scalar(value, kind)


def _scalar(value: Any, kind: str) -> Any:
    if kind == "string":
        if isinstance(value, bool | dict | list):
            return json.dumps(value)
        return value if isinstance(value, str) else str(value)
    if isinstance(value, str):
        if kind == "boolean" and value in ("true", "false"):
            return value == "true"
        if kind in ("integer", "long") and value.lstrip("-").isdigit():
            return int(value)
        if kind in ("float", "double"):
            return float(value)
    return value


def _unknown_members(value: Any, shape: Any, path: str) -> Iterator[str]:
    if shape.type_name == "list" and isinstance(value, list):
        for item in value:
            yield from _unknown_members(item, shape.member, path)
    elif isinstance(value, dict) and not _is_function(value):
        if shape.type_name == "map":
            for name, part in value.items():
                yield from _unknown_members(part, shape.value, f"{path}{name}.")
        elif shape.type_name == "structure":
            for name, part in value.items():
                known = _member(shape, name)
                if known is None:
                    yield f"{path}{name}"
                else:
                    yield from _unknown_members(part, shape.members[known], f"{path}{name}.")


def _member(shape: Any, name: str) -> str | None:
    for candidate in (name, name[:1].lower() + name[1:]):
        if candidate in shape.members:
            return candidate
    return None


def _is_function(value: Mapping[str, Any]) -> bool:
    return len(value) == 1 and next(iter(value)).split("::")[0] in ("Ref", "Fn")
