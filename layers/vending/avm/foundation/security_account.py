"""security-account: the security services have an account of their own."""

from __future__ import annotations

from avm.domain.foundation import SECURITY_TYPE
from avm.foundation.accounts import GRANTS, look_at_account
from avm.foundation.control import FoundationControl, FoundationReach, FoundationTarget, Look


class SecurityAccount(FoundationControl):
    """The account of type security."""

    name = "security-account"
    promise = "The organization has its security account, which will administer the security services."
    duty = "request_accounts"
    needs = ("log-archive-account",)
    observe_grants = GRANTS
    deadline_seconds = 14_400  # a vend waits for AWS

    def look(self, target: FoundationTarget, reach: FoundationReach) -> Look:
        """Look for the account by its tag, and at the request for it."""
        return look_at_account(SECURITY_TYPE, target, reach)
