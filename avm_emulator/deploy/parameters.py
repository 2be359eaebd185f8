"""The values of a template's parameters: defaults, overrides, and everything that CloudFormation refuses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_LISTS = {"CommaDelimitedList", "List<Number>"}
_TYPES = {"String", "Number", "AWS::SSM::Parameter::Name", *_LISTS}
_ATTRIBUTES = {
    "Type",
    "Default",
    "AllowedValues",
    "AllowedPattern",
    "MinLength",
    "MaxLength",
    "MinValue",
    "MaxValue",
    "NoEcho",
    "Description",
    "ConstraintDescription",
}


def parameter_values(
    declared: Mapping[str, Mapping[str, Any]], given: Mapping[str, Any]
) -> tuple[dict[str, Any], list[str]]:
    """Return the value of every declared parameter (lists split) and everything that is wrong with them.

    ``declared`` is the template's ``Parameters``, ``given`` the overrides by name.
    """
    unknown = sorted(set(given) - set(declared))
    problems = [f"parameter {name} was given, but the template does not declare it" for name in unknown]
    values: dict[str, Any] = {}
    for name, declaration in declared.items():
        found = list(_declaration_problems(name, declaration))
        if not found and name not in given and "Default" not in declaration:
            found.append(f"parameter {name} has neither a value nor a default")
        if not found:
            value = _value(declaration["Type"], given.get(name, declaration.get("Default")))
            found.extend(_value_problems(name, declaration, value))
            values[name] = value
        problems.extend(found)
    return values, problems


def _value(kind: str, raw: object) -> Any:
    if kind not in _LISTS:
        return _text(raw)
    items = raw if isinstance(raw, list) else str(raw).split(",") if raw != "" else []
    return [_text(item).strip() for item in items]


def _text(raw: object) -> str:
    return str(raw).lower() if isinstance(raw, bool) else str(raw)


def _declaration_problems(name: str, declaration: Mapping[str, Any]) -> Iterator[str]:
    if declaration.get("Type") not in _TYPES:
        yield f"parameter {name} has type {declaration.get('Type')}, which is not known here"
    for attribute in sorted(set(declaration) - _ATTRIBUTES):
        yield f"parameter {name} has attribute {attribute}, which is not known here"


def _value_problems(name: str, declaration: Mapping[str, Any], value: Any) -> Iterator[str]:
    hint = f" ({declaration['ConstraintDescription']})" if "ConstraintDescription" in declaration else ""
    allowed = [_text(one) for one in declaration.get("AllowedValues", [])]
    for item in value if isinstance(value, list) else [value]:
        shown = "****" if _text(declaration.get("NoEcho", "false")) == "true" else repr(item)
        if allowed and item not in allowed:
            yield f"parameter {name}: {shown} is not one of {', '.join(allowed)}{hint}"
        pattern = declaration.get("AllowedPattern")
        if pattern is not None and not re.fullmatch(pattern, item):
            yield f"parameter {name}: {shown} does not match {pattern}{hint}"
        if "Number" in declaration["Type"] and not _is_number(item):
            yield f"parameter {name}: {shown} is not a number{hint}"
        else:
            yield from _size_problems(name, declaration, item, shown, hint)


def _size_problems(name: str, declaration: Mapping[str, Any], item: str, shown: str, hint: str) -> Iterator[str]:
    for attribute, size, word in (
        ("Length", float(len(item)), "characters"),
        ("Value", float(item) if _is_number(item) else 0.0, ""),
    ):
        low, high = declaration.get(f"Min{attribute}"), declaration.get(f"Max{attribute}")
        if low is not None and size < float(low):
            yield f"parameter {name}: {shown} is below the minimum of {low} {word}".rstrip() + hint
        if high is not None and size > float(high):
            yield f"parameter {name}: {shown} is above the maximum of {high} {word}".rstrip() + hint


def _is_number(item: str) -> bool:
    try:
        float(item)
    except ValueError:
        return False
    return True
