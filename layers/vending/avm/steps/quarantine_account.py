"""QuarantineAccount: a deny SCP on the account itself, before anything else happens in it."""

from __future__ import annotations

from avm.domain.account import RELEASED_TAG
from avm.steps.gateways import Gateways
from avm.steps.step import AccountInput, StepOutput


class Input(AccountInput):
    """The request's and the account's id."""


class Output(StepOutput):
    """Nothing: the account is quarantined, or was released before."""


def run(step: Input, gateways: Gateways) -> Output:
    """Attach the quarantine SCP, unless the account was released once; raises FoundationBehind without the SCP."""
    quarantine(gateways, step.account_id)
    return Output()


def quarantine(gateways: Gateways, account_id: str) -> bool:
    """Quarantine an account that was never released; return whether it is in quarantine now."""
    organizations = gateways.organizations
    if RELEASED_TAG in organizations.tags(account_id):
        return False
    name = gateways.catalog.quarantine.aws_name
    if name not in organizations.attached_scps(account_id):
        organizations.attach_policy(organizations.scp_id(name), account_id)
    return True
