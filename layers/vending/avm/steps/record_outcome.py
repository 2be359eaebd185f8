"""RecordOutcome: the account is READY."""

from __future__ import annotations

from avm.aws.dynamodb import Audit
from avm.domain.account_request import OPEN
from avm.domain.workflow import ended_steps
from avm.steps.gateways import Gateways
from avm.steps.slots import vacate_all
from avm.steps.step import ACTOR, AccountInput, StepOutput


class Input(AccountInput):
    """The request's and the account's id."""


class Output(StepOutput):
    """Nothing: request and account are READY."""


def run(step: Input, gateways: Gateways) -> Output:
    """Mark account and request READY and say so."""
    table = gateways.table
    record = table.request(step.request_id)
    vacate_all(gateways, step.request_id)  # what could not be given up on the way
    account = table.account(step.account_id)
    ready_at = record.ready_at or step.time
    if account is not None and account.status != "READY":
        table.put_account(account.model_copy(update={"status": "READY", "ready_at": ready_at}))
    gateways.events.publish(
        "AccountReady",
        request_id=step.request_id,
        account_id=step.account_id,
        details={"name": record.name, "type": record.request.type, "owner": record.request.owner, "ready_at": ready_at},
    )
    history = gateways.workflows.history(step.request_id, step.attempt) or []
    table.update_request(
        step.request_id,
        {
            "status": "READY",
            "ready_at": ready_at,
            "updated_at": step.time,
            "error": None,
            "errors": [],
            "stuck_since": None,
            "steps": ended_steps(history, "RecordOutcome", step.time),
        },
        expected={"status": OPEN, "attempt": step.attempt},
        audit=Audit(step.time, ACTOR, "AccountReady", {"account_id": step.account_id}),
    )
    return Output()
