"""identity-center-administrator: the machine's own account administers Identity Center.

So access is given without a permission in the management account. Where the machine is deployed into the management
account itself, that one administers it anyway.
"""

from __future__ import annotations

from functools import partial

from avm.controls.control import DriftEvent, Grant
from avm.foundation.control import FoundationControl, FoundationReach, FoundationTarget, Look, Step

PRINCIPAL = "sso.amazonaws.com"


class IdentityCenterAdministrator(FoundationControl):
    """Who administers Identity Center."""

    name = "identity-center-administrator"
    promise = "The account that the machine is deployed into administers IAM Identity Center."
    duty = "shape_organization"
    needs = ("trusted-services",)
    observe_grants = (Grant(("organizations:ListDelegatedAdministrators",)),)
    enforce_grants = (Grant(("organizations:RegisterDelegatedAdministrator",)),)
    drift_events = (DriftEvent("organizations.amazonaws.com", "DeregisterDelegatedAdministrator"),)

    def look(self, target: FoundationTarget, reach: FoundationReach) -> Look:
        """Look who is registered; AWS admits one account."""
        administrators = reach.setup.administrators(PRINCIPAL)
        shown = {"ListDelegatedAdministrators": {PRINCIPAL: administrators}}
        own = target.application_account_id
        if own == target.organization.management_account_id or own in administrators:
            return Look(shown)
        if administrators:
            todo = (
                f"Account {administrators[0]} administers IAM Identity Center, and AWS admits one: deregister it in "
                f"the management account, or deploy the machine there."
            )
            return Look(shown, by_hand=(todo,))
        register = partial(reach.setup.register_administrator, own, PRINCIPAL)
        subject = f"account {own} as administrator of {PRINCIPAL}"
        return Look(shown, (Step("organizations:RegisterDelegatedAdministrator", subject, register, after=own),))
