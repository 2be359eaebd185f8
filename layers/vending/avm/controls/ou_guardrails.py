"""ou-guardrails: the OU of the account has the SCPs that the catalog gives it. Plane: organization.

It is the foundation's to write them: a vend looks, and parks where they are not as the catalog says.
"""

from __future__ import annotations

from avm.controls.control import Control, DriftEvent, Grant, Reach, Target
from avm.domain.errors import FoundationBehind
from avm.domain.finding import Change, Finding
from avm.domain.scp import FULL_ACCESS


class OuGuardrails(Control):
    """The SCPs of the account's OU."""

    name = "ou-guardrails"
    promise = "The OU of the account has FullAWSAccess and every SCP of the catalog, in the catalog's version."
    plane = "organization"
    duty = "attach_guardrails"
    mode = "observe"
    observe_grants = (Grant(("organizations:ListPoliciesForTarget",)),)
    drift_events = tuple(
        DriftEvent("organizations.amazonaws.com", name) for name in ("AttachPolicy", "DetachPolicy", "UpdatePolicy")
    )

    def observe(self, target: Target, reach: Reach) -> Finding:
        """Look which SCPs the OU has; their names hold a hash of their content."""
        attached = _attached(target, reach)
        missing = _missing(target, attached)
        shown = {"ListPoliciesForTarget": {target.account_type.ou: attached}}
        return self.finding(target, "violated" if missing else "compliant", **shown, missing=missing)

    def enforce(self, target: Target, reach: Reach) -> list[Change]:
        """Change nothing; raise FoundationBehind where something is missing."""
        missing = _missing(target, _attached(target, reach))
        if missing:
            message = f"OU {target.account_type.ou} lacks the SCPs {', '.join(missing)}"
            raise FoundationBehind(message)
        return []


def _attached(target: Target, reach: Reach) -> list[str]:
    unit_id = reach.organizations.ou_id(target.account_type.ou)
    return reach.once(("ListPoliciesForTarget", unit_id), lambda: sorted(reach.organizations.attached_scps(unit_id)))


def _missing(target: Target, attached: list[str]) -> list[str]:
    wanted = [FULL_ACCESS, *(scp.aws_name for scp in target.catalog.ou_scps(target.account_type.ou))]
    return [name for name in wanted if name not in attached]
