"""Try a parked or rejected request again: a new execution that looks at what is true in AWS and goes on from there."""

from __future__ import annotations

from avm.aws.dynamodb import Audit
from avm.domain.account_request import OPEN, Requester, RequestRecord
from avm.domain.errors import RequestNotRetryable
from avm.steps.gateways import Gateways

RETRYABLE = frozenset({"PARKED", "REJECTED"})


def retry_request(request_id: str, *, requester: Requester, now: str, gateways: Gateways) -> RequestRecord:
    """Start the next attempt; one that is under way already is answered as it is, since clients repeat calls.

    Raises RequestNotFound, RequestNotRetryable.
    """
    record = gateways.table.request(request_id)
    if record.status in RETRYABLE:
        try_again(gateways, record, actor=requester.principal, now=now)
        record = gateways.table.request(request_id)
    if record.status not in OPEN or record.attempt == 1:
        message = f"request '{request_id}' is {record.status}"
        raise RequestNotRetryable(message)
    gateways.workflows.start_vend(record.request_id, record.attempt)
    return record


def try_again(gateways: Gateways, record: RequestRecord, *, actor: str, now: str, interruptions: int = 0) -> bool:
    """Make the request's next attempt due; False where somebody else was faster. A refusal may be decided anew.

    ``interruptions``: how many attempts in a row have ended without recording why.
    """
    refused = record.approval is not None and record.approval.decision == "reject"
    return gateways.table.update_request(
        record.request_id,
        {
            "status": "QUEUED",
            "attempt": record.attempt + 1,
            "error": None,
            "stuck_since": None,
            "interruptions": interruptions,
            "updated_at": now,
            **({"approval": None} if refused else {}),
        },
        expected={"status": record.status, "attempt": record.attempt},
        audit=Audit(now, actor, "VendRetried", {"attempt": record.attempt + 1}),
    )
