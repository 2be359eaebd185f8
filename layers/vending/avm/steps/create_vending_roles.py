"""CreateVendingRoles: the account gets the roles in which the machine works there from now on.

They are made by the broker's way, the bootstrap role, and this step is not done before both can be used: only then may
the bootstrap role be shut.
"""

from __future__ import annotations

from functools import partial
from typing import Literal

from avm.aws.probes import not_ready
from avm.controls import vending_roles
from avm.domain.trust import BOOTSTRAP_ROLE
from avm.steps.gateways import Gateways
from avm.steps.step import AccountInput, StepOutput


class Input(AccountInput):
    """The ids."""


class Output(StepOutput):
    """Whether both roles can be used; if not, what is waited for."""

    status: Literal["DONE", "PENDING"]
    waiting_for: str = ""


def run(step: Input, gateways: Gateways) -> Output:
    """Make the roles where they are not as they should be; in a later round, look whether they can be used."""
    wanted = vending_roles.vending_roles(
        gateways.partition, step.account_id, gateways.trusted(gateways.organizations.account(step.account_id))
    )
    changes = vending_roles.enforce(gateways.bootstrap_roles(step.account_id, step.request_id), wanted)
    if changes:
        operations = ", ".join(f"{change.operation} {change.resource}" for change in changes)
        return Output(status="PENDING", waiting_for=f"what was changed: {operations}")
    for role in wanted:
        reason = not_ready(partial(_use, gateways, step, role.name))
        if reason is not None:
            return Output(status="PENDING", waiting_for=f"{role.name}: {reason}")
    return Output(status="DONE")


def _use(gateways: Gateways, step: Input, role: str) -> None:
    """Take the role and make a call in it: IAM may know it before its policy."""
    gateways.roles(step.account_id, role, step.request_id).trust(BOOTSTRAP_ROLE)
