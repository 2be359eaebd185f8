"""Accept a request, whichever door it comes through: check, fix its e-mail, reserve, start the vend. Exactly once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from avm.aws.dynamodb import Audit
from avm.domain.account_request import REQUEST_ID_PATTERN, AccountRequest, Requester, RequestRecord
from avm.domain.errors import FieldProblem, InvalidRequest, RequestConflict, RequestNotFound
from avm.domain.naming import email_from_pattern
from avm.domain.request_rules import parse_request
from avm.steps.gateways import Gateways


@dataclass(frozen=True)
class Accepted:
    """The request's record, and whether this call has made it."""

    record: RequestRecord
    is_new: bool


def accept_request(
    body: object,
    *,
    idempotency_key: str | None,
    requester: Requester,
    now: str,
    new_id: Callable[[], str],
    gateways: Gateways,
    event_id: str | None = None,
) -> Accepted:
    """Accept ``body`` (a decoded document) as a request, or find that it was accepted before.

    ``now``: ISO 8601, of the door's trigger. ``new_id``: makes a request id where neither body nor key gives one.
    ``event_id``: the sender's event, where it came by one.
    Raises InvalidRequest, RequestConflict, NameTaken, EmailTaken.
    """
    request = parse_body(body, idempotency_key, gateways)
    request_id = request.request_id or idempotency_key or new_id()
    record = record_of(request, request_id, requester, now, gateways)
    return settle(record.model_copy(update={"event_id": event_id}), gateways)


def settle(record: RequestRecord, gateways: Gateways) -> Accepted:
    """Store the record of a request, or find that it was stored before, and start its vend.

    Raises RequestConflict, NameTaken, EmailTaken.
    """
    stored = stored_request(record.request_id, gateways)
    is_new = stored is None
    if stored is None:
        record = record.model_copy(update={"arrival": gateways.table.next_arrival()})
        who = record.requester
        audit = Audit(record.created_at, who.principal, "RequestAccepted", {"door": who.door, **record.told})
        stored = gateways.table.accept(record, audit)
        is_new = stored is None
        stored = stored or record
    if not is_new:
        refuse_another(record, stored)
    if stored.status == "QUEUED":
        # also for one accepted before: the door may have died between the record and the start
        gateways.workflows.start_vend(stored.request_id, stored.attempt)
    return Accepted(stored, is_new)


def parse_body(body: object, idempotency_key: str | None, gateways: Gateways) -> AccountRequest:
    """Return the request that a body and an Idempotency-Key are; raises InvalidRequest with all problems."""
    problems: list[FieldProblem] = []
    if idempotency_key is not None:
        if not re.match(REQUEST_ID_PATTERN, idempotency_key):
            hint = "1-64 letters, digits, '_' or '-'"
            problems.append(FieldProblem("Idempotency-Key", "does not have the form that is asked for", hint))
        given = body.get("request_id") if isinstance(body, Mapping) else None
        if given is not None and given != idempotency_key:
            hint = "give one of them, or the same in both"
            problems.append(FieldProblem("request_id", "differs from the header Idempotency-Key", hint))
    try:
        request = parse_request(body, gateways.catalog)
    except InvalidRequest as error:
        raise InvalidRequest([*problems, *error.problems]) from error
    if problems:
        raise InvalidRequest(problems)
    return request


def stored_request(request_id: str, gateways: Gateways) -> RequestRecord | None:
    """Return the record of a request, None where there is none."""
    try:
        return gateways.table.request(request_id)
    except RequestNotFound:
        return None


def record_of(
    request: AccountRequest, request_id: str, requester: Requester, now: str, gateways: Gateways
) -> RequestRecord:
    """Return the record of a request that has just been accepted."""
    catalog = gateways.catalog
    return RequestRecord(
        request_id=request_id,
        status="QUEUED",
        request=request,
        digest=request.digest(),
        email=request.email or email_from_pattern(catalog.organization.email.pattern, request.name, request_id),
        regions=request.regions or catalog.regions(request.type),
        requester=requester,
        catalog_version=catalog.version,
        created_at=now,
        updated_at=now,
    )


def refuse_another(record: RequestRecord, stored: RequestRecord) -> None:
    """Raise RequestConflict unless both are the same request; only its own maker is told where they differ."""
    if (record.digest, record.adopts) == (stored.digest, stored.adopts):
        return
    message = f"request id '{stored.request_id}' stands for another request"
    if stored.requester.principal == record.requester.principal:
        # only its own first request is shown to a caller, never somebody else's
        before, after = dict(stored.request), dict(record.request)
        fields = sorted(name for name in after if name != "request_id" and before[name] != after[name])
        if record.adopts != stored.adopts:
            fields.append("the account that is adopted")
        message += f"; it differs in: {', '.join(fields)}"
    raise RequestConflict(message)
