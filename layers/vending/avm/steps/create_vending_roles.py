"""CreateVendingRoles: the account gets the roles in which the machine works there from now on.

They are made by the broker's way, the bootstrap role, and this step is not done before both can be used: only then may
the bootstrap role be shut.
"""

from __future__ import annotations

from functools import partial

from avm.aws.iam import Roles
from avm.aws.probes import not_ready
from avm.controls.control import Reach
from avm.controls.registry import all_controls
from avm.controls.vending_roles import ENFORCE, OBSERVE, VendingRoles
from avm.domain.errors import StillPending
from avm.domain.trust import BOOTSTRAP_ROLE
from avm.steps.control_rounds import Failure, RoundOutput, reach_of
from avm.steps.gateways import Gateways
from avm.steps.step import AccountInput
from avm.steps.targets import aim


class Input(AccountInput):
    """The ids."""


def run(step: Input, gateways: Gateways) -> RoundOutput:
    """Make the roles where they are not as they should be; in a later round, look whether they can be used."""
    account = aim(gateways, step.account_id, step.request_id)
    control = all_controls()[VendingRoles.name]
    changes = control.enforce(account.target, reach_of(gateways, account, ENFORCE))
    if changes:
        operations = ", ".join(f"{change.operation} {change.resource}" for change in changes)
        return _waiting(f"what was changed: {operations}")
    for name in (ENFORCE, OBSERVE):
        reach = reach_of(gateways, account, name)
        reason = not_ready(partial(_use, reach))
        if reason is not None:
            return _waiting(f"{name}: {reason}")
    return RoundOutput(status="DONE")


def _use(reach: Reach) -> None:
    """Take the role and make a call in it: IAM may know it before its policy."""
    Roles(reach.member().client("iam")).trust(BOOTSTRAP_ROLE)


def _waiting(what: str) -> RoundOutput:
    failure = Failure(
        control=VendingRoles.name, status="pending", error=StillPending.__name__, cause=f"waits for {what}"
    )
    return RoundOutput(status="PENDING", failures=(failure,))
