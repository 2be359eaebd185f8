"""management-root-user: the root user of the management account has a second factor, and no access key.

No SCP binds him. IAM shows both, and neither is a call of the machine's: only he himself can register a device or
delete his keys (IAM user guide, "MFA for the root user"). Root users of member accounts are for central-root-access.
"""

from __future__ import annotations

from avm.controls.control import Grant
from avm.foundation.control import FoundationControl, FoundationReach, FoundationTarget, Look

MFA, KEYS = "AccountMFAEnabled", "AccountAccessKeysPresent"
"""What IAM calls it (botocore, GetAccountSummary)."""


class ManagementRootUser(FoundationControl):
    """The one root user that stays."""

    name = "management-root-user"
    promise = "The root user of the management account signs in with MFA, and has no access key."
    duty = "shape_organization"
    observe_grants = (Grant(("iam:GetAccountSummary",)),)
    blocks_ready = False  # it is for a person, with a device in his hand

    def look(self, target: FoundationTarget, reach: FoundationReach) -> Look:
        """Look at what IAM tells of him."""
        shown = reach.root_access.own_root_user()
        where = f"As root user of {target.organization.management_account_id}: console, 'Security credentials',"
        todos = []
        if not shown[MFA]:
            todos.append(f"{where} 'Multi-factor authentication (MFA)': assign a device, better two.")
        if shown[KEYS]:
            todos.append(f"{where} 'Access keys': delete them. What uses them needs a role.")
        return Look({"GetAccountSummary": shown}, by_hand=tuple(todos))
