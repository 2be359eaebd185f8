"""RejectRequest: the requester must change something; e-mail and name are free again. Nothing was created."""

from __future__ import annotations

from avm.aws.dynamodb import Audit
from avm.domain.workflow import ended_steps
from avm.steps.gateways import Gateways
from avm.steps.park_account import Input as ParkInput
from avm.steps.park_account import true_cause
from avm.steps.step import ACTOR, StepOutput


class Input(ParkInput):
    """The ids, and what the workflow caught."""


class Output(StepOutput):
    """Nothing: the request is REJECTED."""


def run(step: Input, gateways: Gateways) -> Output:
    """Record why, free name and e-mail, and tell it."""
    error = true_cause(step)
    record = gateways.table.request(step.request_id)
    gateways.events.publish("AccountRequestRejected", request_id=step.request_id, details={"error": error})
    history = gateways.workflows.history(step.request_id, step.attempt) or []
    gateways.table.close_request(
        record,
        {
            "status": "REJECTED",
            "updated_at": step.time,
            "error": error,
            "steps": ended_steps(history, "RejectRequest", step.time),
        },
        Audit(step.time, ACTOR, "RequestRejected", error),
    )
    return Output()
