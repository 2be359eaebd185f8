"""An adoption at the door: the account of the organization that it is about, its plan, and its request.

An adoption is a request as any other, with the account's own name and e-mail: they are reserved, so nobody vends them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from avm.aws.organizations import Account
from avm.contracts.adoption_plan import AdoptionPlan
from avm.domain.account_request import AccountRequest, Requester, RequestRecord
from avm.domain.errors import FieldProblem, InvalidRequest, ReportNotFound
from avm.steps.accept_request import Accepted, parse_body, record_of, settle, stored_request
from avm.steps.adoption import adoption_request_id, check_adoptable, find_account
from avm.steps.gateways import Gateways

OWN_FIELDS = ("name", "email")
"""What an account has already."""


def accept_adoption(
    account_id: str,
    body: object,
    *,
    idempotency_key: str | None,
    requester: Requester,
    now: str,
    gateways: Gateways,
) -> Accepted:
    """Accept the adoption of an account, or find that it was accepted before; ``body``: a request without its name.

    Raises AccountNotFound, AccountNotAdoptable, InvalidRequest, RequestConflict, NameTaken, EmailTaken.
    """
    account = find_account(account_id, gateways)
    request = _request_of(account, body, idempotency_key, gateways)
    request_id = request.request_id or idempotency_key or adoption_request_id(account_id)
    if stored_request(request_id, gateways) is None:
        check_adoptable(account, gateways)
    record = record_of(request, request_id, requester, now, gateways)
    return settle(record.model_copy(update={"email": account.email, "adopts": account_id}), gateways)


def plan_adoption(
    account_id: str, body: object, *, now: str, new_id: Callable[[], str], gateways: Gateways
) -> dict[str, Any]:
    """Begin to plan an adoption; return ``{"observation_id", "account_id", "status"}``. Raises as an adoption does."""
    account = find_account(account_id, gateways)
    request = _request_of(account, body, None, gateways)
    check_adoptable(account, gateways)
    plan = AdoptionPlan(
        observation_id=f"adoption-{new_id()}",
        account_id=account_id,
        status="PENDING",
        catalog_version=gateways.catalog.version,
        time=now,
        email=account.email,
        request=request,
    )
    gateways.reports.put_adoption_plan(plan)
    run = {"observation_id": plan.observation_id, "account_id": account_id}
    gateways.adoption_runs.start(plan.observation_id, run)
    return {**run, "status": plan.status}


def adoption_of(account_id: str, gateways: Gateways) -> tuple[RequestRecord | None, AdoptionPlan | None]:
    """Return the request that adopts, or has adopted, an account, and the latest plan; raises ReportNotFound."""
    account = gateways.table.account(account_id)
    request_id = account.request_id if account else adoption_request_id(account_id)
    record = stored_request(request_id, gateways)
    if record is not None and record.adopts != account_id:
        record = None
    plan = _plan_of(account_id, gateways)
    if record is None and plan is None:
        message = f"no adoption of account {account_id} was asked for or planned"
        raise ReportNotFound(message)
    return record, plan


def _plan_of(account_id: str, gateways: Gateways) -> AdoptionPlan | None:
    try:
        return gateways.reports.adoption_plan(account_id)
    except ReportNotFound:
        return None


def _request_of(account: Account, body: object, idempotency_key: str | None, gateways: Gateways) -> AccountRequest:
    if not isinstance(body, Mapping):
        return parse_body(body, idempotency_key, gateways)  # which says so
    problems = [
        FieldProblem(name, "is the account's own", "leave it out: an adoption takes it from AWS Organizations")
        for name in OWN_FIELDS
        if name in body
    ]
    own = {name: value for name, value in body.items() if name not in OWN_FIELDS}
    try:
        request = parse_body({**own, "name": account.name}, idempotency_key, gateways)
    except InvalidRequest as error:
        raise InvalidRequest([*problems, *error.problems]) from error
    if problems:
        raise InvalidRequest(problems)
    return request
