"""ParkAccount: something failed; the account is held safe and a person is told why. Never closes anything."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from avm.aws.dynamodb import Audit
from avm.domain.errors import ERRORS, UnexpectedError, problem_details
from avm.domain.workflow import ended_steps
from avm.steps.gateways import Gateways
from avm.steps.quarantine_account import quarantine
from avm.steps.step import ACTOR, StepInput, StepOutput


class Input(StepInput):
    """The ids, and what the workflow caught, as Step Functions shows it: Error and Cause."""

    account_id: str | None = None
    failed_state: str
    error: str
    cause: str = ""


class Output(StepOutput):
    """Why the account is parked: the execution ends with it."""

    code: str
    message: str


def run(step: Input, gateways: Gateways) -> Output:
    """Make sure of the quarantine first, then record the true cause and tell it."""
    table = gateways.table
    error = true_cause(step)
    account_id = step.account_id or table.request(step.request_id).account_id
    if account_id:
        quarantine(gateways, account_id)
        account = table.account(account_id)
        if account is not None:
            table.put_account(account.model_copy(update={"status": "PARKED"}))
    gateways.events.publish(
        "AccountParked",
        request_id=step.request_id,
        account_id=account_id,
        details={"step": step.failed_state, "error": error},
    )
    history = gateways.workflows.history(step.request_id, step.attempt) or []
    table.update_request(
        step.request_id,
        {
            "status": "PARKED",
            "updated_at": step.time,
            "error": error,
            "errors": [error],
            "steps": ended_steps(history, "ParkAccount", step.time),
        },
        audit=Audit(step.time, ACTOR, "AccountParked", {"step": step.failed_state, **error}),
    )
    return Output(code=error["code"], message=error["message"])


def true_cause(step: Input) -> dict[str, Any]:
    """Return ``{code, message, hint}`` of what the workflow caught.

    A function that raises arrives as Error (the exception's class) and Cause (JSON with errorMessage); anything else
    (a time-out, a function that was killed) is UnexpectedError and says what Step Functions says.
    """
    try:
        cause = json.loads(step.cause)
    except ValueError:
        cause = None
    words = str(cause["errorMessage"]) if isinstance(cause, Mapping) and "errorMessage" in cause else step.cause
    if step.error in ERRORS:
        return problem_details(step.error, words)
    return problem_details(UnexpectedError.__name__, f"{step.failed_state}: {step.error}: {words}")
