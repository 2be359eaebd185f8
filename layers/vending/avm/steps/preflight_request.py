"""Check a request as a door would, and change nothing: what it would become, or why it would be refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from avm.domain.account_request import Requester
from avm.steps.accept_request import parse_body, record_of, refuse_another, stored_request
from avm.steps.gateways import Gateways


def preflight_request(
    body: object,
    *,
    idempotency_key: str | None,
    requester: Requester,
    now: str,
    new_id: Callable[[], str],
    gateways: Gateways,
) -> dict[str, Any]:
    """Return what accepting ``body`` would do; ``status``: null where it was not accepted before.

    Without an id of its own, ``request_id`` and the e-mail that is made from it are not known yet: null.
    Raises what accepting it would now: InvalidRequest, RequestConflict, NameTaken, EmailTaken.
    """
    request = parse_body(body, idempotency_key, gateways)
    given = request.request_id or idempotency_key
    record = record_of(request, given or new_id(), requester, now, gateways)
    stored = stored_request(record.request_id, gateways)
    if stored is None:
        gateways.table.check_free(record)
    else:
        refuse_another(record, stored)
    account_type = gateways.catalog.account_type(request.type)
    return {
        "request_id": given,
        "status": None if stored is None else stored.status,
        "name": record.name,
        "type": request.type,
        "ou": account_type.ou,
        "email": record.email if given or request.email else None,
        "regions": list(record.regions),
        "approval": account_type.approval,
    }
