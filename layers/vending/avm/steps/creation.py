"""What CreateAccount and AwaitCreation share: finding out what has become of a request to AWS, and taking the account.

One request has one e-mail, and AWS keeps e-mails unique: that is what makes a second account impossible (design,
section 6). Here is how the first one is found again when an answer was lost.
"""

from __future__ import annotations

import contextlib
from datetime import timedelta
from typing import Literal

from avm.aws.dynamodb import Audit
from avm.aws.organizations import Creation
from avm.domain.account import REQUEST_ID_TAG, AccountRecord
from avm.domain.account_request import RequestRecord
from avm.domain.errors import NotYetVisible, RecordInconsistent, VendingError
from avm.domain.time import from_iso
from avm.steps.gateways import Gateways
from avm.steps.step import ACTOR, StepInput, StepOutput

CLOCK_SKEW = timedelta(minutes=2)
"""Between the clock of Step Functions, which dates the intent, and that of Organizations, which dates the request."""


class CreationOutput(StepOutput):
    """How far the creation is."""

    creation: Literal["IN_PROGRESS", "SUCCEEDED", "UNKNOWN", "AGAIN"]
    """UNKNOWN: an answer was lost and AWS shows nothing yet. AGAIN: CreateAccount is due again, in another turn."""
    account_id: str | None = None


def is_ours(gateways: Gateways, account_id: str, record: RequestRecord) -> bool:
    """Tell whether the account was made for this request: its e-mail is the request's, and it carries its tag."""
    account = gateways.organizations.account(account_id)
    if account.email.lower() != record.email.lower():
        return False
    return gateways.organizations.tags(account_id).get(REQUEST_ID_TAG) == record.request_id


def look(gateways: Gateways, record: RequestRecord) -> Creation | None:
    """Return AWS's CreateAccount request that belongs to this record, if AWS shows one; the best one wins.

    Entries in progress show neither account id nor e-mail: they are known by name (reserved by this request) and time.
    """
    if record.creation_intent_at is None:
        return None
    since = from_iso(record.creation_intent_at) - CLOCK_SKEW
    failed = None
    for creation in gateways.organizations.creations(record.name, since):
        if creation.id in record.failed_creations:
            continue
        if creation.state == "IN_PROGRESS":
            return creation
        if creation.state == "SUCCEEDED" and creation.account_id and is_ours(gateways, creation.account_id, record):
            return creation
        if creation.state == "FAILED" and failed is None:
            failed = creation
    return failed


def account_made(gateways: Gateways, record: RequestRecord) -> str | None:
    """Return the id of the account that AWS has made for a request, known to its record or not; None without one.

    Raises NotYetVisible where AWS is still making it, or may have taken the call and shows nothing of it yet.
    """
    if record.account_id is not None or record.creation_called_at is None:
        return record.account_id
    creation = None
    if record.create_request_id is not None:
        with contextlib.suppress(VendingError):  # the list tells it, too
            creation = gateways.organizations.creation(record.create_request_id)
    creation = creation or look(gateways, record)
    if creation is None or creation.state == "IN_PROGRESS":
        message = f"AWS does not show yet what became of CreateAccount for request {record.request_id}"
        raise NotYetVisible(message)
    return creation.account_id


def take(gateways: Gateways, record: RequestRecord, account_id: str, step: StepInput) -> CreationOutput:
    """Record the account as this request's; the same again changes nothing.

    Raises RecordInconsistent where the request has another account already.
    """
    account_type = gateways.catalog.account_type(record.request.type)
    taken = gateways.table.update_request(
        record.request_id,
        {"account_id": account_id, "updated_at": step.time},
        expected={"account_id": None},
        audit=Audit(step.time, ACTOR, "AccountCreated", {"account_id": account_id}),
    )
    if not taken and gateways.table.request(record.request_id).account_id != account_id:
        message = f"request {record.request_id} has an account already, and AWS shows {account_id} for it"
        raise RecordInconsistent(message)
    if gateways.table.account(account_id) is None:
        gateways.table.put_account(
            AccountRecord(
                account_id=account_id,
                name=record.name,
                email=record.email,
                type=record.request.type,
                ou=account_type.ou,
                status="VENDING",
                request_id=record.request_id,
                created_at=step.time,
                catalog_version=record.catalog_version,
            )
        )
        gateways.events.publish(
            "AccountCreated",
            request_id=record.request_id,
            account_id=account_id,
            details={"name": record.name, **record.told},
        )
    return CreationOutput(creation="SUCCEEDED", account_id=account_id)


def follow(gateways: Gateways, record: RequestRecord, creation: Creation, step: StepInput) -> None:
    """Record which CreateAccount request of AWS is this request's."""
    gateways.table.update_request(
        record.request_id,
        {"create_request_id": creation.id, "updated_at": step.time},
        expected={"account_id": None},
    )


def forget(gateways: Gateways, record: RequestRecord, step: StepInput) -> None:
    """Forget the last call: AWS has said that it made nothing, so the next CreateAccount is free to call again.

    What failed is remembered, so that it is not taken for a later call whose answer gets lost.
    """
    ended = [*record.failed_creations, *([record.create_request_id] if record.create_request_id else [])]
    gateways.table.update_request(
        record.request_id,
        {
            "create_request_id": None,
            "creation_called_at": None,
            "failed_creations": ended,
            "updated_at": step.time,
        },
        expected={"account_id": None},
    )
