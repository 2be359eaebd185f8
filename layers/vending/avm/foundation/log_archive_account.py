"""log-archive-account: the logs of all accounts have an account of their own."""

from __future__ import annotations

from avm.controls.control import Grant
from avm.domain.foundation import LOG_ARCHIVE_TYPE
from avm.foundation.accounts import look_at_account
from avm.foundation.control import FoundationControl, FoundationReach, FoundationTarget, Look


class LogArchiveAccount(FoundationControl):
    """The account of type log-archive."""

    name = "log-archive-account"
    promise = "The organization has its log archive: an account in which nobody works."
    duty = "request_accounts"
    needs = ("central-root-access", "ou-guardrails", "permission-sets")
    observe_grants = (Grant(("organizations:ListAccountsForParent", "organizations:ListTagsForResource")),)
    deadline_seconds = 14_400  # a vend waits for AWS

    def look(self, target: FoundationTarget, reach: FoundationReach) -> Look:
        """Look for the account by its tag, and at the request for it."""
        return look_at_account(LOG_ARCHIVE_TYPE, target, reach)
