"""A person's decision about a proposed repair: recorded first, then told to the run that waits for it."""

from __future__ import annotations

from typing import Any

from avm.domain.account_request import ApprovalDecision, Requester
from avm.domain.errors import ApprovalNotPending
from avm.steps.gateways import Gateways


def proposals_view(now: str, gateways: Gateways) -> dict[str, Any]:
    """Return the proposals that wait for a decision, as the API shows them."""
    items = [proposal.model_dump(mode="json") for proposal in gateways.proposals.open(now)]
    return {"items": items, "cursor": None}


def decide_repair(
    observation_id: str, decision: ApprovalDecision, *, comment: str, requester: Requester, now: str, gateways: Gateways
) -> dict[str, Any]:
    """Let the repair be made, or not; return the proposal with what was decided.

    Raises ApprovalNotPending where nothing waits by this id, or another decision was made.
    """
    found = gateways.proposals.decide(observation_id, decision, now)
    if found is None:
        message = f"no proposed repair '{observation_id}' waits for this decision: it was decided, or its time is over"
        raise ApprovalNotPending(message)
    proposal, token = found
    said = {"decision": decision, "principal": requester.principal, "comment": comment}
    gateways.workflows.answer(token, said)
    gateways.events.publish(
        "RepairDecided",
        request_id=proposal.request_id,
        account_id=proposal.account_id,
        details={"control": proposal.control, "run": observation_id, **said, "time": now},
    )
    gateways.proposals.delete(observation_id)
    return {**proposal.model_dump(mode="json"), "decision": decision}
