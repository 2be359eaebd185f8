"""RequestApproval: somebody has to agree before an account is spent; the state waits on a task token that expires."""

from __future__ import annotations

from avm.aws.dynamodb import Audit
from avm.domain.account_request import OPEN
from avm.steps.decide_approval import answer
from avm.steps.gateways import Gateways
from avm.steps.step import ACTOR, StepInput, StepOutput


class Input(StepInput):
    """The request's id and the task token."""

    token: str


class Output(StepOutput):
    """Nothing: the answer comes by the task token."""


def run(step: Input, gateways: Gateways) -> Output:
    """Ask for the decision, unless it was made before: by an earlier attempt, or while this function was killed."""
    record = gateways.table.request(step.request_id)
    gateways.slots.put_token(step.request_id, "approval", step.token)
    if record.approval is None:
        gateways.events.publish(
            "ApprovalRequested",
            request_id=step.request_id,
            details={"name": record.name, "type": record.request.type, "owner": record.request.owner, **record.told},
        )
        gateways.table.update_request(
            step.request_id,
            {"status": "PENDING_APPROVAL", "updated_at": step.time},
            expected={"status": OPEN, "attempt": step.attempt, "approval": None},
            audit=Audit(step.time, ACTOR, "ApprovalRequested"),
        )
        record = gateways.table.request(step.request_id)
    if record.approval is not None:
        answer(gateways, record.request_id, record.approval)
    return Output()
