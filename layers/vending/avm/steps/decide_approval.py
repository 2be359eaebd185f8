"""A person's decision about a request that waits for one: recorded first, then told to the workflow."""

from __future__ import annotations

from avm.aws.dynamodb import Audit
from avm.domain.account_request import Approval, ApprovalDecision, Requester, RequestRecord
from avm.domain.errors import ApprovalNotPending
from avm.steps.gateways import Gateways


def decide_approval(
    request_id: str, decision: ApprovalDecision, *, comment: str, requester: Requester, now: str, gateways: Gateways
) -> RequestRecord:
    """Record the decision and let the workflow go on; the same decision again is the same.

    Raises RequestNotFound, and ApprovalNotPending where no decision is asked for or another one was made.
    """
    approval = Approval(decision=decision, principal=requester.principal, time=now, comment=comment)
    decided = gateways.table.update_request(
        request_id,
        {"status": "IN_PROGRESS", "approval": approval.model_dump(mode="json"), "updated_at": now},
        expected={"status": "PENDING_APPROVAL", "approval": None},
        audit=Audit(now, requester.principal, "ApprovalDecided", {"decision": decision, "comment": comment}),
    )
    record = gateways.table.request(request_id)
    if record.approval is None or record.approval.decision != decision:
        state = f"was decided already: {record.approval.decision}" if record.approval else f"is {record.status}"
        message = f"request '{request_id}' waits for no decision: it {state}"
        raise ApprovalNotPending(message)
    answer(gateways, request_id, record.approval)
    if decided:
        gateways.events.publish(
            "ApprovalDecided",
            request_id=request_id,
            details={"decision": decision, "by": requester.principal, **record.told},
        )
    return record


def answer(gateways: Gateways, request_id: str, approval: Approval) -> None:
    """Tell the workflow what was decided, if it waits for it."""
    token = gateways.slots.token(request_id, "approval")
    if token is None:
        return
    outcome = {"decision": approval.decision, "principal": approval.principal, "comment": approval.comment}
    gateways.workflows.answer(token, outcome)
    gateways.slots.delete_token(request_id, "approval", token)
