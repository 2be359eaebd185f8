"""identity-source: people sign in through one instance of Identity Center, of the organization.

Where their identities come from, and whether they need a second factor, no API of AWS shows or sets (botocore,
sso-admin: an instance has no such field). So it is said at what somebody has to look, and where.
"""

from __future__ import annotations

from avm.controls.control import Grant
from avm.foundation.control import FoundationControl, FoundationReach, FoundationTarget, Look
from avm.foundation.permission_sets import ENABLE

SETTINGS = "IAM Identity Center console of {account}, Region {region}, Settings"
SOURCE = (
    f"{SETTINGS}, 'Identity source': no API shows it. It is the identity provider in which people come and go (SAML "
    "2.0, users and groups by SCIM), so that who leaves the company leaves its accounts."
)
FACTOR = (
    f"{SETTINGS}, 'Authentication', 'Multi-factor authentication': no API shows or sets it. Prompt users every time "
    "they sign in, and require them to register a device. With an external identity provider these settings do not "
    "count: it is the one to ask for the second factor."
)


class IdentitySource(FoundationControl):
    """The instance of Identity Center, and what only people can see of it."""

    name = "identity-source"
    promise = (
        "Identity Center has an active instance of the organization; its identity source and MFA, which no API shows, "
        "are named for people to look at."
    )
    plane = "identity-center"
    duty = "prepare_access"
    needs = ("identity-center-administrator",)
    observe_grants = (Grant(("sso:ListInstances",)),)
    blocks_ready = False  # permission-sets needs the instance, and says so

    def look(self, target: FoundationTarget, reach: FoundationReach) -> Look:
        """Look at the instance."""
        region, management = target.foundation.home_region, target.organization.management_account_id
        found = reach.permission_sets.description()
        if found is None:
            return Look({"ListInstances": []}, by_hand=(ENABLE.format(region=region),))
        shown = {"ListInstances": [found]}
        owner = found.get("OwnerAccountId", management)
        if owner != management:
            todo = f"The instance belongs to account {owner}, for itself alone. {ENABLE.format(region=region)}"
            return Look(shown, by_hand=(todo,))
        account = f"account {target.application_account_id}"
        status = found.get("Status", "ACTIVE")
        return Look(
            shown,
            waits_for=() if status == "ACTIVE" else (f"Identity Center's instance: {status}",),
            to_look_at=tuple(each.format(account=account, region=region) for each in (SOURCE, FACTOR)),
        )
