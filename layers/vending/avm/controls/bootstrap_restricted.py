"""bootstrap-restricted: the role that CreateAccount has made trusts the broker, and nobody else.

At birth it trusts the whole management account, and it is an administrator. Plane: broker.
"""

from __future__ import annotations

from avm.aws.iam import Roles
from avm.controls.control import Control, DriftEvent, Grant, Reach, Target
from avm.domain.finding import Change, Finding
from avm.domain.trust import BOOTSTRAP_ROLE, is_same


class BootstrapRestricted(Control):
    """Whom the bootstrap role trusts."""

    name = "bootstrap-restricted"
    promise = "The role that CreateAccount has made trusts the broker alone."
    plane = "broker"
    duty = "restrict_bootstrap"
    needs = ("vending-roles",)
    observe_grants = (
        Grant(("iam:GetRole",), (f"arn:{{partition}}:iam::{{account}}:role/{BOOTSTRAP_ROLE}",), plane="member"),
    )
    enforce_grants = (Grant(("iam:UpdateAssumeRolePolicy",)),)
    drift_events = (DriftEvent("iam.amazonaws.com", "UpdateAssumeRolePolicy"),)

    def observe(self, target: Target, reach: Reach) -> Finding:
        """Look whom the bootstrap role trusts, as ``avm-observe``; evidence: its trust policy."""
        trust = Roles(reach.member().client("iam")).trust(BOOTSTRAP_ROLE)
        is_so = is_same(trust, target.trusted.broker())
        return self.finding(target, "compliant" if is_so else "violated", GetRole={BOOTSTRAP_ROLE: dict(trust)})

    def enforce(self, target: Target, reach: Reach) -> list[Change]:
        """Narrow the trust to the broker, by the bootstrap role itself."""
        iam = Roles(reach.bootstrap().client("iam"))
        if is_same(iam.trust(BOOTSTRAP_ROLE), target.trusted.broker()):
            return []
        iam.set_trust(BOOTSTRAP_ROLE, target.trusted.broker())
        return [self.change("UpdateAssumeRolePolicy", BOOTSTRAP_ROLE)]
