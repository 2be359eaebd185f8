"""AwaitCreation: how far CreateAccount is; one look a call, the waiting is the workflow's."""

from __future__ import annotations

from avm.aws.organizations import Creation
from avm.domain.account_request import RequestRecord
from avm.domain.errors import AccountCreationFailed, AccountLimitExceeded, EmailTaken, NotYetVisible
from avm.steps.creation import CreationOutput, follow, forget, is_ours, look, take
from avm.steps.gateways import Gateways
from avm.steps.step import StepInput


class Input(StepInput):
    """The request's id."""


class Output(CreationOutput):
    """How far the creation is."""


def run(step: Input, gateways: Gateways) -> CreationOutput:
    """Look at the CreateAccount request; take the account when it is there.

    Raises EmailTaken, AccountLimitExceeded, AccountCreationFailed for what AWS says of a creation that failed.
    """
    record = gateways.table.request(step.request_id)
    if record.account_id:
        return take(gateways, record, record.account_id, step)
    if record.create_request_id is None:
        return CreationOutput(creation="AGAIN")
    creation = gateways.organizations.creation(record.create_request_id)
    if creation.state == "IN_PROGRESS":
        return CreationOutput(creation="IN_PROGRESS")
    if creation.state == "SUCCEEDED" and creation.account_id:
        return take(gateways, record, creation.account_id, step)
    return _failed(step, gateways, record, creation)


def _failed(step: Input, gateways: Gateways, record: RequestRecord, creation: Creation) -> CreationOutput:
    reason = creation.failure_reason or "no reason given"
    if reason in {"EMAIL_ALREADY_EXISTS", "CONCURRENT_ACCOUNT_MODIFICATION"}:
        # "a request with the same information was already submitted": perhaps by an earlier call of ours
        adopted = _adopt(step, gateways, record, reason)
        if adopted is not None:
            return adopted
    forget(gateways, record, step)
    if reason in {"INTERNAL_FAILURE", "CONCURRENT_ACCOUNT_MODIFICATION"}:
        return CreationOutput(creation="AGAIN")
    cause = f"CreateAccount ended with {reason} (request {creation.id}, e-mail {record.email})"
    if reason == "EMAIL_ALREADY_EXISTS":
        raise EmailTaken(cause)
    if reason == "ACCOUNT_LIMIT_EXCEEDED":
        raise AccountLimitExceeded(cause)
    raise AccountCreationFailed(cause)


def _adopt(step: Input, gateways: Gateways, record: RequestRecord, reason: str) -> CreationOutput | None:
    """Take the account, or follow the creation, that an earlier call of this request has led to; None without one."""
    other = look(gateways, record)
    if other is not None and other.state != "FAILED":
        follow(gateways, record, other, step)
        return CreationOutput(creation="IN_PROGRESS")
    if reason == "EMAIL_ALREADY_EXISTS":
        account = gateways.organizations.account_with_email(record.email)
        if account is not None:
            if account.state == "ACTIVE" and is_ours(gateways, account.id, record):
                return take(gateways, record, account.id, step)
            if account.state == "PENDING_ACTIVATION":
                message = f"account {account.id} is being activated"
                raise NotYetVisible(message)
    return None
