"""RestrictBootstrap: the role that CreateAccount has made trusts the broker alone.

From here on everything inside the account goes through the vending roles: this very look does already.
"""

from __future__ import annotations

from avm.controls.bootstrap_restricted import BootstrapRestricted
from avm.controls.registry import all_controls
from avm.controls.vending_roles import ENFORCE, OBSERVE
from avm.steps.control_rounds import RoundOutput, reach_of
from avm.steps.gateways import Gateways
from avm.steps.step import AccountInput
from avm.steps.targets import aim


class Input(AccountInput):
    """The ids."""


def run(step: Input, gateways: Gateways) -> RoundOutput:
    """Look at the trust through ``avm-observe``, and narrow it where it is wider; a later round sees it again."""
    account = aim(gateways, step.account_id, step.request_id)
    control = all_controls()[BootstrapRestricted.name]
    if control.observe(account.target, reach_of(gateways, account, OBSERVE)).status == "compliant":
        return RoundOutput(status="DONE")
    control.enforce(account.target, reach_of(gateways, account, ENFORCE))
    return RoundOutput(status="PENDING")
