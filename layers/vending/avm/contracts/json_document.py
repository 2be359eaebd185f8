"""A request as the doors get it: text that must be one plain JSON document, no larger than a request can be."""

from __future__ import annotations

import json
from typing import Any

from avm.domain.errors import FieldProblem, InvalidRequest, RequestTooLarge

MAX_BODY_BYTES = 64 * 1024


def json_document(text: str) -> object:
    """Return what ``text`` holds.

    Raises RequestTooLarge, and InvalidRequest for what is not one plain JSON document.
    """
    check_size(text.encode())
    try:
        return json.loads(text, object_pairs_hook=_no_duplicates, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise not_json(f"{error.msg} in line {error.lineno}, column {error.colno}") from error
    except ValueError as error:
        # a whole number of thousands of digits: Python itself refuses to read it
        raise not_json("a number has too many digits") from error
    except RecursionError as error:
        raise not_json("it is nested too deeply") from error


def check_size(body: bytes) -> None:
    """Raise RequestTooLarge for a body that no request needs."""
    if len(body) > MAX_BODY_BYTES:
        message = f"the body has {len(body)} bytes, at most {MAX_BODY_BYTES} are taken"
        raise RequestTooLarge(message)


def not_json(reason: str) -> InvalidRequest:
    """Return the error of a body that is no JSON document."""
    return InvalidRequest([FieldProblem("", f"the body is not JSON: {reason}", "send one JSON object")])


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) < len(pairs):
        names = [name for name, _ in pairs]
        twice = sorted({name for name in names if names.count(name) > 1})
        raise InvalidRequest([FieldProblem(name, "is given twice", "give each field once") for name in twice])
    return document


def _no_constant(name: str) -> Any:
    raise not_json(f"{name} is no JSON number")
