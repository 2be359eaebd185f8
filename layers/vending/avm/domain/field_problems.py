"""What pydantic finds wrong with a document that somebody has sent: where, and in words for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_REASONS = {
    "missing": "is required",
    "literal_error": "must be {expected}",
    "string_type": "must be a text",
    "string_too_long": "has more than {max_length} characters",
    "string_too_short": "has less than {min_length} characters",
    "string_pattern_mismatch": "does not have the form that is asked for",
    "greater_than": "must be above {gt}",
    "less_than_equal": "must be at most {le}",
    "float_type": "must be a number",
    "finite_number": "must be a finite number",
    "dict_type": "must be a mapping",
    "model_type": "must be a mapping",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "too_short": "must have at least {min_length} entry",
    "too_long": "has more than {max_length} entries",
}
"""By the type of pydantic's error; none of them shows a name of ours."""


def dotted(place: tuple[str | int, ...]) -> str:
    """Return a place as people write it: ``assignments[0].permission_set``."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return "".join(parts).removeprefix(".")


def field_of(entry: Mapping[str, Any]) -> str:
    """Return the field that an error of pydantic is about; a key that is wrong is the field of that name."""
    place = tuple(entry["loc"])
    return dotted(place[:-1] if place[-1:] == ("[key]",) else place)


def reason_of(entry: Mapping[str, Any], document: str) -> str:
    """Return what is wrong there; ``document``: what has no such field, ``an account request``."""
    if entry["type"] == "extra_forbidden":
        return f"is not a field of {document}"
    reason = _REASONS.get(entry["type"], "").format(**entry.get("ctx", {}))
    return reason or str(entry["msg"]).removeprefix("Value error, ")
