"""QuarantineAccount: a deny SCP on the account itself, before anything else happens in it."""

from __future__ import annotations

from avm.domain.account import RELEASED_TAG
from avm.steps.gateways import Gateways
from avm.steps.slots import next_turn
from avm.steps.step import TurnInput, TurnOutput, due


class Input(TurnInput):
    """The ids, and the turn for the policy write, if it was taken."""


class Output(TurnOutput):
    """When the turn is; without one the account is quarantined, or was released before."""


def run(step: Input, gateways: Gateways) -> Output:
    """Attach the quarantine SCP, unless the account was released once; raises FoundationBehind without the SCP."""
    if not is_open(gateways, step.account_id):
        return Output()
    turn = due(step, lambda: next_turn(gateways, "policy-writes", step.time))
    if turn is None:
        quarantine(gateways, step.account_id)
    return Output(start_at=turn)


def is_open(gateways: Gateways, account_id: str) -> bool:
    """Return whether the account is neither quarantined nor released: it has to be quarantined."""
    organizations = gateways.organizations
    if RELEASED_TAG in organizations.tags(account_id):
        return False
    return gateways.catalog.quarantine.aws_name not in organizations.attached_scps(account_id)


def quarantine(gateways: Gateways, account_id: str) -> None:
    """Attach the quarantine SCP."""
    organizations = gateways.organizations
    organizations.attach_policy(organizations.scp_id(gateways.catalog.quarantine.aws_name), account_id)
