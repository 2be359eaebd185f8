"""RecordOutcome: the vend has come to its end. The account is READY, or FOUNDATION where a control is deferred."""

from __future__ import annotations

from collections.abc import Mapping

from avm.aws.dynamodb import Audit
from avm.domain.account_request import OPEN
from avm.domain.time import from_iso
from avm.domain.workflow import ended_steps
from avm.steps.gateways import Gateways
from avm.steps.readiness import mark, tell_ready
from avm.steps.slots import vacate_all
from avm.steps.step import ACTOR, AccountInput, StepOutput


class Input(AccountInput):
    """The request's and the account's id."""


class Output(StepOutput):
    """The request is READY, its account as far as the foundation lets it be."""

    seconds_to_ready: float
    """Since the request was accepted, waiting for people included."""

    def measured(self) -> Mapping[str, float]:
        """Measure it."""
        return {"TimeToReady": self.seconds_to_ready}


def run(step: Input, gateways: Gateways) -> Output:
    """Say so first: a function that is killed in between says it twice rather than never. Then mark both."""
    table = gateways.table
    record = table.request(step.request_id)
    vacate_all(gateways, step.request_id)  # what could not be given up on the way
    account = table.account(step.account_id)
    outcome = account.outcome if account else "READY"
    ready_at = record.ready_at or step.time
    if outcome == "READY":
        tell_ready(gateways, record, step.account_id, ready_at)
    if account is not None:
        mark(gateways, account, ready_at)
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
        audit=Audit(
            step.time,
            ACTOR,
            "AccountReady" if outcome == "READY" else "AccountDeferred",
            {"account_id": step.account_id},
        ),
    )
    return Output(seconds_to_ready=(from_iso(ready_at) - from_iso(record.created_at)).total_seconds())
