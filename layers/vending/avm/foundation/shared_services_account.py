"""shared-services-account: what all accounts use has an account of its own."""

from __future__ import annotations

from avm.domain.foundation import SHARED_SERVICES_TYPE
from avm.foundation.accounts import GRANTS, look_at_account
from avm.foundation.control import FoundationControl, FoundationReach, FoundationTarget, Look


class SharedServicesAccount(FoundationControl):
    """The account of type shared-services."""

    name = "shared-services-account"
    promise = "The organization has its account for shared services."
    duty = "request_accounts"
    needs = ("guardduty-administration", "organization-trail", "security-hub-administration")
    observe_grants = GRANTS
    deadline_seconds = 14_400  # a vend waits for AWS

    def look(self, target: FoundationTarget, reach: FoundationReach) -> Look:
        """Look for the account by its tag, and at the request for it."""
        return look_at_account(SHARED_SERVICES_TYPE, target, reach)
