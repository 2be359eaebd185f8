"""ValidateRequest: the accepted request still fits the catalog; the vend begins."""

from __future__ import annotations

from typing import Literal

from avm.aws.dynamodb import Audit
from avm.domain.errors import InvalidRequest, RequestOutdated
from avm.domain.request_rules import parse_request
from avm.steps.gateways import Gateways
from avm.steps.step import ACTOR, StepInput, StepOutput

WAITING = frozenset({"PENDING_APPROVAL", "QUEUED"})


class Input(StepInput):
    """The request's id and attempt."""


class Output(StepOutput):
    """Whether somebody has to agree first, and the account that is adopted instead of created."""

    approval: Literal["NEEDED", "NONE"]
    adopts: str | None


def run(step: Input, gateways: Gateways) -> Output:
    """Check the request against the catalog again (it may have changed since) and mark it IN_PROGRESS.

    Raises InvalidRequest, RequestNotFound; RequestOutdated where an account exists, so that nothing can be rejected.
    """
    record = gateways.table.request(step.request_id)
    try:
        parse_request(record.request.model_dump(mode="json", exclude_none=True), gateways.catalog)
    except InvalidRequest as error:
        if record.account_id is None and record.creation_called_at is None:
            raise
        message = f"the catalog no longer admits the request: {error}"
        raise RequestOutdated(message) from error
    if record.status in WAITING:
        # published first: a function that is killed in between publishes twice rather than never
        gateways.events.publish(
            "AccountRequestAccepted",
            request_id=step.request_id,
            details={"name": record.name, "type": record.request.type, "attempt": step.attempt, **record.told},
        )
    gateways.table.update_request(
        step.request_id,
        {"status": "IN_PROGRESS", "updated_at": step.time},
        expected={"status": WAITING, "attempt": step.attempt},
        audit=Audit(step.time, ACTOR, "VendStarted", {"attempt": step.attempt}),
    )
    approval = gateways.catalog.account_type(record.request.type).approval
    return Output(approval="NEEDED" if approval else "NONE", adopts=record.adopts)
