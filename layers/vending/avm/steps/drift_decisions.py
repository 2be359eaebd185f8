"""What people decide about drift: exceptions, and whether repairs go on."""

from __future__ import annotations

from typing import Any

from avm.contracts.exemption import BreakerBody, ExemptionBody
from avm.domain.account_request import Requester
from avm.domain.breaker import MACHINE, Breaker, Opening
from avm.domain.errors import FieldProblem, InvalidRequest
from avm.domain.exemption import Exemption, check_until
from avm.steps.gateways import Gateways
from avm.steps.observe_account import account_of


def make_exemption(
    account_id: str, wanted: ExemptionBody, *, requester: Requester, now: str, gateways: Gateways
) -> Exemption:
    """Let a control of an account be untrue for a while; raises AccountNotFound, InvalidRequest."""
    promised = gateways.catalog.account_type(account_of(account_id, gateways).type).controls
    if wanted.control not in promised:
        reason, hint = f"{wanted.control!r} is no control of the account", f"one of: {', '.join(sorted(promised))}"
        raise InvalidRequest([FieldProblem("control", reason, hint)])
    check_until(wanted.until, now, gateways.catalog.organization.remediation.exceptions)
    exemption = Exemption(
        account_id=account_id,
        control=wanted.control,
        until=wanted.until,
        reason=wanted.reason,
        owner=requester.on_behalf_of or requester.principal,
        created_at=now,
    )
    gateways.drift.put_exemption(exemption)
    return exemption


def end_exemption(account_id: str, control: str, gateways: Gateways) -> None:
    """End an exception, if there is one; raises AccountNotFound."""
    account_of(account_id, gateways)
    gateways.drift.delete_exemption(account_id, control)


def exemptions_of(account_id: str, now: str, gateways: Gateways) -> list[Exemption]:
    """Return the exceptions of an account that hold; raises AccountNotFound."""
    account_of(account_id, gateways)
    found = gateways.drift.exemptions(account_id)
    return [exemption for _, exemption in sorted(found.items()) if exemption.holds(now)]


def stop_repairs(wanted: BreakerBody, *, requester: Requester, now: str, gateways: Gateways) -> Breaker:
    """Open the breaker by hand, without a scope for everything; raises InvalidRequest where no reason is given."""
    if wanted.reason is None:
        raise InvalidRequest([FieldProblem("reason", "is missing", "say why, for those who find repairs stopped")])
    opening = Opening(since=now, reason=f"{wanted.reason} ({requester.principal})")
    return gateways.drift.breaker.change(lambda breaker: breaker.stopped(wanted.scope or MACHINE, opening))[1]


def let_repairs_go_on(wanted: BreakerBody, gateways: Gateways) -> Breaker:
    """Close the breaker, without a scope all of it, and count anew."""
    return gateways.drift.breaker.change(lambda breaker: breaker.reset(wanted.scope))[1]


def breaker_view(breaker: Breaker) -> dict[str, Any]:
    """Return the breaker as the API shows it."""
    opened = [{"scope": scope, **opening.model_dump()} for scope, opening in sorted(breaker.open.items())]
    return {"open": opened, "repairs": [repair.model_dump() for repair in breaker.repairs]}
