"""RejectRequest: the requester must change something; e-mail and name are free again. Nothing was created."""

from __future__ import annotations

from avm.aws.dynamodb import Audit
from avm.domain.account_request import OPEN
from avm.domain.errors import RecordInconsistent
from avm.domain.workflow import ended_steps
from avm.steps.gateways import Gateways
from avm.steps.park_account import Input as ParkInput
from avm.steps.park_account import true_cause
from avm.steps.slots import hand_on, vacate_all
from avm.steps.step import ACTOR, StepOutput


class Input(ParkInput):
    """The ids, and what the workflow caught."""


class Output(StepOutput):
    """Nothing: the request is REJECTED."""


def run(step: Input, gateways: Gateways) -> Output:
    """Free everything that the request holds, record why, and tell it; what a later attempt holds stays its own.

    Raises RecordInconsistent where the request has an account: its name and e-mail are taken for ever.
    """
    error = true_cause(step)
    record = gateways.table.request(step.request_id)
    if record.attempt != step.attempt:
        return Output()
    if record.account_id is not None:
        message = f"request {record.request_id} has account {record.account_id} and cannot be rejected: {error}"
        raise RecordInconsistent(message)
    if record.status == "CANCELLED":
        vacate_all(gateways, record.request_id)  # this very execution ends by itself
        return Output()
    history = gateways.workflows.history(step.request_id, step.attempt) or []
    vacate_all(gateways, step.request_id)
    # before the request is closed: one that is over is not tried again, and nobody would be told
    details = {"error": error, **record.told}
    gateways.events.publish("AccountRequestRejected", request_id=step.request_id, details=details)
    gateways.table.close_request(
        record,
        {
            "status": "REJECTED",
            "updated_at": step.time,
            "error": error,
            "steps": ended_steps(history, "RejectRequest", step.time),
        },
        Audit(step.time, ACTOR, "RequestRejected", error),
        expected={"status": OPEN, "attempt": step.attempt},
    )
    hand_on(gateways, "creation", step.time)
    return Output()
