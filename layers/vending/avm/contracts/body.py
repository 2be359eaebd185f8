"""The bodies of calls about something that is there already: what is refused of them."""

from __future__ import annotations

from pydantic import ValidationError

from avm.domain.errors import FieldProblem, InvalidRequest
from avm.domain.field_problems import field_of, reason_of


def refused(error: ValidationError, hint: str) -> InvalidRequest:
    """Return the error of a body that pydantic has refused, with all its problems; ``hint``: what to send."""
    return InvalidRequest(
        [
            FieldProblem(
                field_of(entry),
                reason_of(entry, "this call") if entry["loc"] else "the body must be a JSON object",
                hint,
            )
            for entry in error.errors(include_url=False)
        ]
    )


def check_empty(body: object) -> None:
    """Raise InvalidRequest where a call that takes no fields is given some."""
    hint = "send no body, or {}"
    if not isinstance(body, dict):
        raise InvalidRequest([FieldProblem("", "the body must be an empty JSON object", hint)])
    if body:
        raise InvalidRequest([FieldProblem(name, "is not a field of this call", hint) for name in body])
