"""How the foundation comes to its accounts: by requests of its own, through the door that everybody takes."""

from __future__ import annotations

from functools import partial

from avm.domain.account_request import OPEN
from avm.domain.foundation import foundation_request_id
from avm.foundation.control import FoundationReach, FoundationTarget, Look, Step

SETTINGS = (
    "The catalog does not say who answers for the foundational accounts: write 'foundation: {owner: E-MAIL, "
    "cost_center: CODE}' into organization.yaml, and deploy it."
)


def look_at_account(account_type: str, target: FoundationTarget, reach: FoundationReach) -> Look:
    """Return how the organization stands to its one account of a type.

    An account that carries the type as its tag is taken as it is, whoever has made it.
    """
    account_id = reach.account_of(account_type)
    if account_id is not None:
        return Look({"ListTagsForResource": {"avm:type": account_type, "account": account_id}})
    request_id = foundation_request_id(account_type)
    standing = reach.standing(request_id)
    if standing is None:
        return _ask_for(account_type, request_id, target, reach)
    shown = {"request": {"request_id": request_id, "status": standing.status, "account_id": standing.account_id}}
    if standing.status in OPEN or standing.status == "READY":  # lists of accounts lag behind
        return Look(shown, waits_for=(f"request {request_id}: {standing.status}",))
    todo = f"Request {request_id} is {standing.status}: {standing.problem} Then 'avm retry {request_id}'."
    return Look(shown, by_hand=(todo,))


def _ask_for(account_type: str, request_id: str, target: FoundationTarget, reach: FoundationReach) -> Look:
    settings = target.catalog.organization.foundation
    if settings is None:
        return Look({"request": None}, by_hand=(SETTINGS,))
    body = {
        "request_id": request_id,
        "name": account_type,
        "type": account_type,
        "owner": settings.owner,
        "cost_center": settings.cost_center,
        "purpose": target.catalog.account_type(account_type).description[:256],
    }
    subject = f"account {account_type}, vended as request {request_id}"
    step = Step("organizations:CreateAccount", subject, partial(reach.request, body), after=account_type)
    return Look({"request": None}, (step,))
