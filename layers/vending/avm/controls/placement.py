"""placement: the account stands in the OU of its type. Plane: organization."""

from __future__ import annotations

from functools import partial

from avm.controls.control import Check, Control, DriftEvent, Grant, Reach, Target
from avm.domain.finding import Change, Finding, PlannedChange


class Placement(Control):
    """The account's OU."""

    name = "placement"
    promise = "The account stands in the OU of its type; a new one is moved there once, straight from the root."
    plane = "organization"
    duty = "attach_guardrails"
    observe_grants = (Grant(("organizations:ListOrganizationalUnitsForParent", "organizations:ListParents")),)
    enforce_grants = (Grant(("organizations:MoveAccount",)),)
    drift_events = (DriftEvent("organizations.amazonaws.com", "MoveAccount"),)

    def observe(self, target: Target, reach: Reach) -> Finding:
        """Look under which root or OU the account stands; evidence: its id, and the OU's that it should be."""
        ou = target.account_type.ou
        wanted, parent = reach.organizations.ou_id(ou), reach.organizations.parent_id(target.account.id)
        shown = {"ListParents": parent, "ListOrganizationalUnitsForParent": {ou: wanted}}
        return self.finding(target, "compliant" if parent == wanted else "violated", **shown)

    def enforce(self, target: Target, reach: Reach) -> list[Change]:
        """Move the account into its OU, wherever it stands."""
        ou = target.account_type.ou
        wanted, parent = reach.organizations.ou_id(ou), reach.organizations.parent_id(target.account.id)
        if parent == wanted:
            return []
        reach.organizations.move_account(target.account.id, parent, wanted)
        return [self.change("MoveAccount", f"{target.account.id} to {ou}")]

    def planned(self, target: Target, reach: Reach) -> list[PlannedChange]:  # noqa: ARG002  every control is called alike
        """Move it from the root, where every account begins."""
        return [PlannedChange("organizations:MoveAccount", f"{target.account.name} to {target.account_type.ou}")]

    def checks(self, target: Target, reach: Reach) -> list[Check]:
        """Look for the OU: FoundationBehind where there is none."""
        return [partial(reach.organizations.ou_id, target.account_type.ou)]
