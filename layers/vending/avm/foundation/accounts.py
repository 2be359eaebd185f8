"""How the foundation comes to its accounts: by requests of its own, through the door that everybody takes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from avm.controls.control import Grant
from avm.domain.account_request import OPEN
from avm.domain.foundation import foundation_request_id
from avm.domain.naming import email_from_pattern
from avm.foundation.control import FoundationReach, FoundationTarget, Look, Standing, Step

SETTINGS = (
    "The catalog does not say who answers for the foundational accounts: write 'foundation: {owner: E-MAIL, "
    "cost_center: CODE}' into organization.yaml, and deploy it."
)

GRANTS = (
    Grant(
        (
            "organizations:DescribeAccount",
            "organizations:ListAccounts",
            "organizations:ListAccountsForParent",
            "organizations:ListTagsForResource",
        )
    ),
)
"""By which such a control looks."""


def look_at_account(account_type: str, target: FoundationTarget, reach: FoundationReach) -> Look:
    """Return how the organization stands to its one account of a type.

    An account that carries the type as its tag is taken as it is, whoever has made it; a closed one is not replaced
    before somebody has decided that it is given up.
    """
    account_id = reach.account_of(account_type)
    if account_id is not None:
        return Look({"ListTagsForResource": {"avm:type": account_type, "account": account_id}})
    closed_id = reach.closed_account_of(account_type)
    if closed_id is not None:
        return _closed(account_type, closed_id)
    request_id = foundation_request_id(account_type)
    standing = reach.standing(request_id)
    if standing is None:
        return _ask_for(account_type, target, reach)
    if standing.status == "READY" and standing.account_id and not reach.is_open(standing.account_id):
        return _closed(account_type, standing.account_id)
    return look_at_request(request_id, standing)


def look_at_request(request_id: str, standing: Standing, shown: Mapping[str, Any] | None = None) -> Look:
    """Return what is waited for, or to be done, until a request has brought its account; ``shown``: beside it."""
    request = {"request_id": request_id, "status": standing.status, "account_id": standing.account_id}
    seen = {**(shown or {}), "request": request}
    if standing.status in OPEN or standing.status == "READY":  # lists of accounts lag behind
        return Look(seen, waits_for=(f"request {request_id}: {standing.status}",))
    todo = f"Request {request_id} is {standing.status}: {standing.problem} Then 'avm retry {request_id}'."
    return Look(seen, by_hand=(todo,))


def request_body(account_type: str, target: FoundationTarget) -> tuple[dict[str, Any] | None, str]:
    """Return what the foundation asks for an account of a type with; else None, and who has to do what before."""
    settings = target.catalog.organization.foundation
    if settings is None:
        return None, SETTINGS
    return {
        "request_id": foundation_request_id(account_type),
        "name": account_type,
        "type": account_type,
        "owner": settings.owner,
        "cost_center": settings.cost_center,
        "purpose": target.catalog.account_type(account_type).description[:256],
    }, ""


def _ask_for(account_type: str, target: FoundationTarget, reach: FoundationReach) -> Look:
    body, todo = request_body(account_type, target)
    if body is None:
        return Look({"request": None}, by_hand=(todo,))
    request_id = body["request_id"]
    email = email_from_pattern(target.catalog.organization.email.pattern, account_type, request_id)
    holder = next((each.id for each in reach.accounts() if each.email.lower() == email.lower()), None)
    if holder is not None:
        return Look({"request": None, "ListAccounts": {email: holder}}, by_hand=(_taken(account_type, email, holder),))
    subject = f"account {account_type}, vended as request {request_id}"
    step = Step("organizations:CreateAccount", subject, partial(reach.request, body), after=account_type)
    return Look({"request": None}, (step,))


def _taken(account_type: str, email: str, holder: str) -> str:
    return (
        f"Account {account_type} would get the e-mail {email}, which account {holder} has: 'avm adopt {holder} --type "
        f"{account_type}' if that shall be it; else give account {holder} another e-mail, or change 'email.pattern' in "
        "organization.yaml and deploy it. Then apply again."
    )


def _closed(account_type: str, account_id: str) -> Look:
    todo = (
        f"Account {account_id} ({account_type}) is closed, or has left the organization: AWS Support reopens a closed "
        f"account within 90 days. If it is given up, vend another: 'avm vend' a request of type {account_type}, with a "
        "name of its own. Then apply again."
    )
    return Look({"account": account_id}, by_hand=(todo,))
