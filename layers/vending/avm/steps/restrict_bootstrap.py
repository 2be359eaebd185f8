"""RestrictBootstrap: the role that CreateAccount has made trusts the broker alone.

From here on everything inside the account goes through the vending roles: this very look does already.
"""

from __future__ import annotations

from typing import Literal

from avm.controls import bootstrap_restricted
from avm.controls.vending_roles import OBSERVE
from avm.steps.gateways import Gateways
from avm.steps.step import AccountInput, StepOutput


class Input(AccountInput):
    """The ids."""


class Output(StepOutput):
    """Whether AWS shows the trust as it should be."""

    status: Literal["DONE", "PENDING"]


def run(step: Input, gateways: Gateways) -> Output:
    """Look at the trust through ``avm-observe``, and narrow it where it is wider; a later round sees it again."""
    trusted = gateways.trusted(gateways.organizations.account(step.account_id))
    found = bootstrap_restricted.observe(gateways.roles(step.account_id, OBSERVE, step.request_id), trusted)
    if found.status == "compliant":
        return Output(status="DONE")
    bootstrap_restricted.enforce(gateways.bootstrap_roles(step.account_id, step.request_id), trusted)
    return Output(status="PENDING")
