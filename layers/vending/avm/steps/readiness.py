"""What becomes of an account that keeps all its promises: it is READY, and that is told."""

from __future__ import annotations

from avm.domain.account import AccountRecord
from avm.domain.account_request import RequestRecord
from avm.steps.gateways import Gateways


def tell_ready(gateways: Gateways, record: RequestRecord, account_id: str, ready_at: str) -> None:
    """Tell that the request's account is READY."""
    gateways.events.publish(
        "AccountReady",
        request_id=record.request_id,
        account_id=account_id,
        details={
            "name": record.name,
            "type": record.request.type,
            "owner": record.request.owner,
            "ready_at": ready_at,
            **record.told,
        },
    )


def mark(gateways: Gateways, account: AccountRecord, ready_at: str) -> None:
    """Give the account the status that it has earned: READY, or FOUNDATION while a control is deferred."""
    if account.status != account.outcome:
        since = ready_at if account.outcome == "READY" else None
        gateways.table.put_account(account.model_copy(update={"status": account.outcome, "ready_at": since}))
