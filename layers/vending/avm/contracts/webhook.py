"""What the payload of a webhook asks for, by the expressions that the catalog has for its source."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError
from pydantic import BaseModel

from avm.domain.errors import FieldProblem, InvalidRequest
from avm.domain.webhook import WebhookSource

MAX_CHARACTERS = 256
"""Of what a payload names: a delivery, a person."""


class WebhookAnswer(BaseModel):
    """The answer to a webhook, and to the same one again."""

    request_id: str
    delivery_id: str


@dataclass(frozen=True)
class Delivery:
    """What one webhook asks for."""

    id: str
    requested_by: str
    body: Mapping[str, Any]
    """The request, with its ticket."""
    own_id: str
    """The request's id where the payload gives none: the same for the same delivery."""


def delivery_of(source: WebhookSource, payload: object) -> Delivery:
    """Return what a payload asks for; raises InvalidRequest for one that the source's expressions do not fit."""
    body = _without_nulls(_search(source, "request", payload))
    if not isinstance(body, dict):
        reason = f"the payload is none that source '{source.name}' makes a request of"
        raise _misfit("", reason, "send only what its description in the catalog says")
    delivery_id = _text(source, "delivery", payload)
    requested_by = _text(source, "requested_by", payload)
    ticket = {"system": source.ticket_system, "id": _search(source, "ticket", payload)}
    digest = hashlib.sha256(f"{source.name}#{delivery_id}".encode()).hexdigest()[:26]
    return Delivery(delivery_id, requested_by, {**body, "ticket": ticket}, f"{source.name}-{digest}")


def _search(source: WebhookSource, field: str, payload: object) -> Any:
    try:
        return jmespath.search(getattr(source, field), payload)
    except JMESPathError as error:
        raise _misfit(field, f"the payload does not fit the expression: {error}") from error


def _text(source: WebhookSource, field: str, payload: object) -> str:
    """Return what must be a short text: it is kept, and shown to people."""
    found = _search(source, field, payload)
    if not isinstance(found, str) or not found.isprintable() or not 1 <= len(found) <= MAX_CHARACTERS:
        raise _misfit(field, f"the payload names none, or not as 1 to {MAX_CHARACTERS} printable characters")
    return found


def _without_nulls(value: Any) -> Any:
    """Return a value without what an expression has not found; raises InvalidRequest for what is no number of JSON."""
    if isinstance(value, dict):
        return {name: _without_nulls(each) for name, each in value.items() if each is not None}
    if isinstance(value, list):
        return [_without_nulls(each) for each in value if each is not None]
    if isinstance(value, float) and not math.isfinite(value):
        raise _misfit("request", f"{value} is no number of JSON")
    return value


def _misfit(
    field: str, reason: str, hint: str = "compare the payload with the source's file in the catalog"
) -> InvalidRequest:
    return InvalidRequest([FieldProblem(field, reason, hint)])
