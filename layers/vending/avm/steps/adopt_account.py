"""AdoptAccount: an account that is there already takes the place of one that would have been created.

It is in use. So it is marked as released before anything else is done with it: what carries the mark is never
quarantined, whatever fails later.
"""

from __future__ import annotations

from avm.aws.dynamodb import Audit
from avm.domain.account import RELEASED_TAG, AccountRecord
from avm.domain.account_request import RequestRecord
from avm.domain.errors import RecordInconsistent, RequestCancelled
from avm.steps.adoption import check_adoptable, enter, find_account
from avm.steps.gateways import Gateways
from avm.steps.step import ACTOR, StepInput, StepOutput


class Input(StepInput):
    """The request's id."""


class Output(StepOutput):
    """The account, which is the request's from now on."""

    account_id: str


def run(step: Input, gateways: Gateways) -> Output:
    """Take the account for the request, once; the same again changes nothing.

    Raises AccountNotFound, AccountNotAdoptable and RequestCancelled while nothing has been taken.
    """
    record = gateways.table.request(step.request_id)
    if record.adopts is None:
        message = f"request {record.request_id} adopts no account"
        raise RecordInconsistent(message)
    if record.account_id is None:
        parent = check_adoptable(find_account(record.adopts, gateways), gateways, record.request_id)
        enter(gateways, record.adopts, record.request_id)
        _mark_released(record.adopts, step, gateways)
        _take(record, record.adopts, parent, step, gateways)
    _put_account(record, record.adopts, step, gateways)
    return Output(account_id=record.adopts)


def _mark_released(account_id: str, step: Input, gateways: Gateways) -> None:
    if RELEASED_TAG not in gateways.organizations.tags(account_id):
        gateways.organizations.tag(account_id, {RELEASED_TAG: step.time})


def _take(record: RequestRecord, account_id: str, parent: str, step: Input, gateways: Gateways) -> None:
    """Record the account as the request's, unless the request was cancelled meanwhile."""
    taken = gateways.table.update_request(
        record.request_id,
        {"account_id": account_id, "adopted_from": parent, "updated_at": step.time},
        expected={"status": "IN_PROGRESS", "account_id": None},
        audit=Audit(step.time, ACTOR, "AccountAdopted", {"account_id": account_id, "from": parent}),
    )
    if not taken and gateways.table.request(record.request_id).account_id is None:
        message = f"request {record.request_id} was cancelled before its account was taken"
        raise RequestCancelled(message)


def _put_account(record: RequestRecord, account_id: str, step: Input, gateways: Gateways) -> None:
    """Keep the account's record; of two runs of this step, one tells of it."""
    if gateways.table.account(account_id) is not None:
        return
    gateways.table.put_account(
        AccountRecord(
            account_id=account_id,
            name=record.name,
            email=record.email,
            type=record.request.type,
            ou=gateways.catalog.account_type(record.request.type).ou,
            status="VENDING",
            request_id=record.request_id,
            created_at=step.time,
            catalog_version=record.catalog_version,
        )
    )
    gateways.events.publish(
        "AccountAdopted",
        request_id=record.request_id,
        account_id=account_id,
        details={"name": record.name, **record.told},
    )
