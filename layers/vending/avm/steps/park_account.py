"""ParkAccount: something failed; the account is held safe and a person is told why. Never closes anything.

An account that was adopted had a life before: it is not quarantined, its controls are as far as they have come.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from avm.aws.dynamodb import Audit
from avm.domain.account_request import OPEN, RequestRecord
from avm.domain.errors import (
    ERRORS,
    NotYetVisible,
    StillPending,
    Transient,
    UnexpectedError,
    VendingError,
    problem_details,
)
from avm.domain.workflow import ended_steps
from avm.steps.control_rounds import NOT_TRIED, Failure
from avm.steps.creation import account_made, take
from avm.steps.gateways import Gateways
from avm.steps.quarantine_account import is_open, quarantine
from avm.steps.slots import SLOT_KINDS, hand_on, vacate_all
from avm.steps.step import ACTOR, StepInput, StepOutput

PATIENCE = 10
"""Retries after which what cannot be done is written down instead of tried again: the record matters more."""


class Input(StepInput):
    """The ids, and what the workflow caught, as Step Functions shows it: Error and Cause.

    ``failures``: what each control has failed with, where it were controls that failed.
    """

    account_id: str | None = None
    adopts: str | None = None
    failed_state: str
    error: str
    cause: str = ""
    failures: tuple[Failure, ...] = ()
    retry_count: int = 0


class Output(StepOutput):
    """Why the account is parked: the execution ends with it."""

    code: str
    message: str


@dataclass
class Troubles:
    """What failed, the true cause first, and whether the step may still be tried again."""

    errors: list[dict[str, Any]]
    patient: bool = field(default=True)

    def attempt(self, action: Callable[[], Any]) -> Any:
        """Return what ``action`` returns; where it fails for good, note its error and return None."""
        try:
            return action()
        except VendingError as error:
            if self.patient and isinstance(error, Transient):
                raise
            self.errors.append(problem_details(error.code, str(error)))
            return None


def run(step: Input, gateways: Gateways) -> Output:
    """Make sure of the quarantine first, then give up what is held, record the true cause and tell it."""
    failures = [failure for failure in step.failures if failure.status != NOT_TRIED]
    causes = [_cause_of(step, failure) for failure in failures] or [true_cause(step)]
    troubles = Troubles(causes, patient=step.retry_count < PATIENCE)
    # even where the record cannot be read
    held = step.adopts is not None or (step.account_id is not None and hold(gateways, step.account_id, troubles))
    _name_what_failed_before(step, gateways, troubles)
    record = gateways.table.request(step.request_id)
    if step.account_id is None:
        record, held = hold_unrecorded(gateways, record, step, troubles)
    if record.attempt == step.attempt:
        park(gateways, record, troubles, held=held, failed_state=step.failed_state, now=step.time)
    return Output(code=troubles.errors[0]["code"], message=troubles.errors[0]["message"])


def hold(gateways: Gateways, account_id: str, troubles: Troubles) -> bool:
    """Quarantine the account, unless it was released once; return whether it is so.

    No turn is waited for: safety comes before the rate.
    """

    def quarantined() -> bool:
        quarantine(gateways, account_id)
        return True

    if troubles.attempt(lambda: is_open(gateways, account_id)) is False:
        return True
    return troubles.attempt(quarantined) is True


def hold_unrecorded(
    gateways: Gateways, record: RequestRecord, step: StepInput, troubles: Troubles
) -> tuple[RequestRecord, bool]:
    """Quarantine an account that AWS has made although the workflow did not get to know it, and record it.

    Returns the record, and whether AWS has decided and what it has made is held: the rest stays for the watchdog. For
    an adoption AWS makes none.
    """
    if record.adopts is not None:
        return record, True
    try:
        account_id = account_made(gateways, record)
    except NotYetVisible:
        return record, False
    except VendingError as error:
        troubles.errors.append(problem_details(error.code, str(error)))
        return record, False
    if account_id is None:
        return record, True
    held = hold(gateways, account_id, troubles)
    if record.account_id is None:
        troubles.attempt(lambda: take(gateways, record, account_id, step))
    return gateways.table.request(record.request_id), held


def park(
    gateways: Gateways, record: RequestRecord, troubles: Troubles, *, held: bool, failed_state: str, now: str
) -> None:
    """Record that the request is parked, and why; a request that is over otherwise stays as it is.

    ``held``: whether its account is, or there is none. Else the watchdog tries again, until it is.
    """
    table = gateways.table
    if record.status not in OPEN | {"PARKED"}:
        return
    if record.account_id is not None:
        account = table.account(record.account_id)
        if account is not None:
            table.put_account(account.model_copy(update={"status": "PARKED"}))
    history = troubles.attempt(lambda: gateways.workflows.history(record.request_id, record.attempt)) or []
    vacate_all(gateways, record.request_id)
    error, *_ = troubles.errors
    undecided = record.account_id is None and record.creation_called_at is not None
    unfinished = undecided or (record.account_id is not None and not held)
    table.update_request(
        record.request_id,
        {
            "status": "PARKED",
            "open": "yes" if unfinished else None,  # the watchdog holds what is open, or what AWS may still make
            "updated_at": now,
            "error": error,
            "errors": troubles.errors,
            "steps": ended_steps(history, "ParkAccount", now),
        },
        expected={"status": OPEN, "attempt": record.attempt},
        audit=Audit(now, ACTOR, "AccountParked", {"step": failed_state, **error}),
    )
    gateways.events.publish(
        "AccountParked",
        request_id=record.request_id,
        account_id=record.account_id,
        details={"step": failed_state, "error": error, **record.told},
    )
    for kind in SLOT_KINDS:
        hand_on(gateways, kind, now)


def true_cause(step: Input) -> dict[str, Any]:
    """Return ``{code, message, hint}`` of what the workflow caught."""
    return problem_of(step.error, step.cause, step.failed_state)


def _name_what_failed_before(step: Input, gateways: Gateways, troubles: Troubles) -> None:
    """Where a state has waited in vain, say what has failed in it on the way: that may be why."""
    if step.error != StillPending.__name__ or step.failures:
        return
    workflows = gateways.workflows
    failure = troubles.attempt(lambda: workflows.last_failure(step.request_id, step.attempt, step.failed_state))
    if failure is not None:
        error, cause = failure
        first = troubles.errors[0]
        words = f"{first['message']}; the last that failed in it: {error}: {words_of(cause)}"
        troubles.errors[0] = {**first, "message": words}


def _cause_of(step: Input, failure: Failure) -> dict[str, Any]:
    """Return ``{code, message, hint}`` of a control that is not true; the message names it."""
    problem = problem_of(failure.error, failure.cause, step.failed_state)
    where = f"{failure.control} in {failure.region}" if failure.region else failure.control
    known = problem["message"].startswith(where)
    return problem if known else {**problem, "message": f"{where}: {problem['message']}"}


def problem_of(error: str, cause: str, state: str) -> dict[str, Any]:
    """Return ``{code, message, hint}`` of an error as Step Functions shows it.

    A function that raises arrives as Error (the exception's class) and Cause (JSON with errorMessage); anything else
    (a time-out, a function that was killed) is UnexpectedError and says what Step Functions says.
    """
    words = words_of(cause)
    if error in ERRORS:
        return problem_details(error, words)
    return problem_details(UnexpectedError.__name__, f"{state}: {error}: {words}")


def words_of(cause: str) -> str:
    """Return what a cause, as Step Functions has it, says: of a function that raised, the exception's words."""
    try:
        read = json.loads(cause)
    except ValueError:
        return cause
    return str(read["errorMessage"]) if isinstance(read, Mapping) and "errorMessage" in read else cause
