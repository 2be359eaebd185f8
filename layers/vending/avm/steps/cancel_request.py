"""Cancel a request before an account is created for it: everything that it holds is free again."""

from __future__ import annotations

from avm.aws.dynamodb import Audit
from avm.domain.account_request import OPEN, Requester, RequestRecord
from avm.domain.errors import RequestCancelled, RequestNotCancellable
from avm.steps.gateways import Gateways
from avm.steps.slots import vacate_all

CANCELLABLE = OPEN | {"PARKED"}
"""As long as no account is asked for."""


def cancel_request(request_id: str, *, requester: Requester, now: str, gateways: Gateways) -> RequestRecord:
    """Cancel the request, and tell it; one that is cancelled already is told again and answered as it is.

    CreateAccount is called only for a request that is not cancelled, and what was called cannot be cancelled: one
    conditional write decides. Raises RequestNotFound, RequestNotCancellable.
    """
    record = gateways.table.request(request_id)
    if record.status != "CANCELLED":
        cancelled = gateways.table.close_request(
            record,
            # open for the watchdog: what a function writes that was under way just now is given up by it
            {"status": "CANCELLED", "open": "yes", "updated_at": now},
            Audit(now, requester.principal, "RequestCancelled"),
            expected={"status": CANCELLABLE, "attempt": record.attempt, "account_id": None, "creation_called_at": None},
        )
        record = gateways.table.request(request_id)
        if not cancelled and record.status != "CANCELLED":
            in_creation = record.status in OPEN
            state = "its account is being created" if in_creation else f"it is {record.status}"
            message = f"request '{request_id}' cannot be cancelled: {state}"
            raise RequestNotCancellable(message)
    gateways.events.publish(
        "AccountRequestCancelled", request_id=request_id, details={"by": requester.principal, **record.told}
    )
    give_up(gateways, record)
    return record


def give_up(gateways: Gateways, record: RequestRecord) -> None:
    """End the execution of a cancelled request, and give up what it holds; the same again changes nothing."""
    cause = f"request {record.request_id} was cancelled"
    gateways.workflows.stop(record.request_id, record.attempt, code=RequestCancelled.__name__, cause=cause)
    vacate_all(gateways, record.request_id)
