"""account-quota: the organization has room for the accounts that the foundation still asks for.

A quota is raised by AWS, for days: so it is named before the first account is made, not at the last one.
"""

from __future__ import annotations

from avm.controls.control import Grant
from avm.domain.foundation import FOUNDATIONAL_TYPES, foundation_request_id
from avm.foundation.control import FoundationControl, FoundationReach, FoundationTarget, Look


class AccountQuotaLeft(FoundationControl):
    """How many more accounts AWS takes."""

    name = "account-quota"
    promise = "No quota that AWS shows stands against the accounts that the foundation still asks for."
    duty = "request_accounts"
    needs = ("organization-features",)
    observe_grants = (
        Grant(
            ("organizations:ListAccounts", "organizations:ListAccountsForParent", "organizations:ListTagsForResource")
        ),
        Grant(("servicequotas:ListServiceQuotas",)),
    )

    def look(self, target: FoundationTarget, reach: FoundationReach) -> Look:  # noqa: ARG002  the same everywhere
        """Look at the quota and at the number of accounts, as long as one is missing."""
        missing = [kind for kind in FOUNDATIONAL_TYPES if _is_missing(kind, reach)]
        if not missing:
            return Look({"missing": []})
        quota, number = reach.account_quota.value(), len(reach.accounts())
        shown = {"missing": missing, "ListServiceQuotas": quota, "ListAccounts": number}
        if quota is None or number + len(missing) <= quota:
            return Look(shown)
        todo = (
            f"The organization has {number} accounts (closed ones count for 90 days) and may have {quota}, but "
            f"{', '.join(missing)} are still to be made: raise 'Default maximum number of accounts' of AWS "
            "Organizations in Service Quotas of the management account, then apply again."
        )
        return Look(shown, by_hand=(todo,))


def _is_missing(kind: str, reach: FoundationReach) -> bool:
    """Return whether AWS will be asked for an account of the type."""
    if reach.account_of(kind) is not None or reach.closed_account_of(kind) is not None:
        return False
    standing = reach.standing(foundation_request_id(kind))
    return standing is None or standing.account_id is None
