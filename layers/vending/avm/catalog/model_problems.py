"""What pydantic finds wrong with data from YAML, in the words of somebody who edits YAML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from avm.catalog.source import Place, Source
from avm.domain.catalog_model import FAULT
from avm.domain.catalog_problem import CatalogProblem

REFERENCE = "docs/catalog.md describes every field"
_HINTS = {
    "missing": ("is missing", f"add it; {REFERENCE}"),
    "extra_forbidden": ("is not a field of this file", f"correct its spelling or remove it; {REFERENCE}"),
    "string_type": ("must be text", "put the value in quotes"),
    "bool_type": ("must be true or false", "write true or false, without quotes"),
    "int_type": ("must be a whole number", "write digits, without quotes"),
    "float_type": ("must be a number", "write digits, without quotes"),
    "tuple_type": ("must be a list", "write [a, b], or one '- a' a line"),
    "model_type": ("must be a group of fields", "write 'field: value' lines, indented"),
    "mapping_type": ("must be a group of 'name: value' lines", "write 'name: value' lines, indented"),
    "too_short": ("is empty", "give at least one"),
}
"""Validation errors of pydantic by type."""


def problems_of(source: Source, invalid: ValidationError, top: Place = (), takes: str = "") -> Iterator[CatalogProblem]:
    """Yield what is wrong with the data at ``top``; ``takes``: the hint at a field that is not one of its fields."""
    errors = invalid.errors(include_url=False)
    for error in errors:
        if _follows(error, errors):
            continue
        place: Place = (*top, *(part for part in error["loc"] if part != "[key]"))
        if error["type"] == FAULT:
            yield source.problem(place, error["ctx"]["reason"], error["ctx"]["hint"])
        elif error["type"] == "extra_forbidden" and takes:
            yield source.problem(place, f"is not a parameter of {top[-1]}", takes)
        else:
            yield source.problem(place, *_HINTS.get(error["type"], (_sentence(error), takes or REFERENCE)))


def _follows(error: ErrorDetails, errors: Sequence[ErrorDetails]) -> bool:
    """Return whether an error only follows from others: a list whose items are all wrong is called too short, too."""
    place = error["loc"]
    return error["type"] == "too_short" and any(
        len(other["loc"]) > len(place) and other["loc"][: len(place)] == place for other in errors
    )


def _sentence(error: ErrorDetails) -> str:
    message = error["msg"].removeprefix("Value error, ")
    given = error["input"]
    shown = f", not {given!r}" if isinstance(given, str | int | float) else ""
    return message[:1].lower() + message[1:] + shown
