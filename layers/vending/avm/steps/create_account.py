"""CreateAccount: ask AWS for the account, once; in doubt look before asking again (design, section 6)."""

from __future__ import annotations

from datetime import timedelta

from avm.domain.account import account_tags
from avm.domain.account_request import RequestRecord
from avm.domain.errors import RequestCancelled, VendingError
from avm.domain.time import from_iso
from avm.domain.trust import BOOTSTRAP_ROLE
from avm.steps.creation import CreationOutput, follow, forget, look, take
from avm.steps.gateways import Gateways
from avm.steps.step import StepInput

QUIET_PERIOD = timedelta(minutes=10)
"""How long AWS may show nothing of a call whose answer was lost before it is made again (design, section 6)."""


class Input(StepInput):
    """The request's id, and the turn that its slot gave it: one call may be made from then on."""

    start_at: str


class Output(CreationOutput):
    """How far the creation is."""


def run(step: Input, gateways: Gateways) -> CreationOutput:
    """Call CreateAccount, unless an earlier call of this request is known or in doubt.

    Raises AccessDenied, AccountLimitExceeded, Throttled, ConcurrentChange, UnexpectedAwsError; RequestCancelled where
    the request was cancelled meanwhile.
    """
    record = gateways.table.request(step.request_id)
    if record.account_id:
        return take(gateways, record, record.account_id, step)
    if record.create_request_id:
        return CreationOutput(creation="IN_PROGRESS")
    if record.creation_called_at:
        known = _settle_doubt(step, gateways, record)
        if known is not None:
            return known
    return _call(step, gateways, record)


def _settle_doubt(step: Input, gateways: Gateways, record: RequestRecord) -> CreationOutput | None:
    """Return what AWS shows of an earlier call without a known answer; None where it may be made again."""
    creation = look(gateways, record)
    if creation is not None:
        follow(gateways, record, creation, step)
        return CreationOutput(creation="IN_PROGRESS")
    called_at = from_iso(record.creation_called_at or step.time)
    if from_iso(step.time) - called_at < QUIET_PERIOD:
        return CreationOutput(creation="UNKNOWN")
    if called_at >= from_iso(step.start_at):
        return CreationOutput(creation="AGAIN")  # one turn, one call
    return None


def _call(step: Input, gateways: Gateways, record: RequestRecord) -> CreationOutput:
    intended = gateways.table.update_request(
        record.request_id,
        {
            "creation_intent_at": record.creation_intent_at or step.time,
            "creation_called_at": step.time,
            "updated_at": step.time,
        },
        expected={
            "status": "IN_PROGRESS",
            "account_id": None,
            "create_request_id": None,
            "creation_called_at": record.creation_called_at,
        },
    )
    if not intended and gateways.table.request(record.request_id).status == "CANCELLED":
        message = f"request {record.request_id} was cancelled before its account was created"
        raise RequestCancelled(message)
    if not intended:
        # another execution or invocation of this step got here first: its call is the one that counts
        return CreationOutput(creation="UNKNOWN")
    try:
        creation = gateways.organizations.create_account(
            name=record.name,
            email=record.email,
            role_name=BOOTSTRAP_ROLE,
            tags=account_tags(record.request, record.request_id),
        )
    except VendingError:
        # AWS has refused the call: nothing is in doubt, and a retry may call at once
        forget(gateways, record, step)
        raise
    if creation is None:
        return CreationOutput(creation="UNKNOWN")
    follow(gateways, record, creation, step)
    return CreationOutput(creation="IN_PROGRESS")
