"""log-archive-account: the logs of all accounts have an account of their own."""

from __future__ import annotations

from dataclasses import replace

from avm.domain.foundation import LOG_ARCHIVE_TYPE
from avm.foundation.accounts import GRANTS, look_at_account
from avm.foundation.control import FoundationControl, FoundationReach, FoundationTarget, Look


class LogArchiveAccount(FoundationControl):
    """The account of type log-archive."""

    name = "log-archive-account"
    promise = "The organization has its log archive: an account in which nobody works."
    duty = "request_accounts"
    needs = ("account-quota", "central-root-access", "ou-guardrails", "permission-sets")
    observe_grants = GRANTS
    deadline_seconds = 14_400  # a vend waits for AWS

    def look(self, target: FoundationTarget, reach: FoundationReach) -> Look:
        """Look for the account by its tag, and at the request for it; a lock that cannot be undone is told before."""
        look = look_at_account(LOG_ARCHIVE_TYPE, target, reach)
        lock = target.catalog.organization.log_archive.object_lock
        if lock.warning is None:
            return look
        warned = (replace(step, subject=f"{step.subject}. {lock.warning}") for step in look.steps)
        return replace(look, shown={**look.shown, "warning": lock.warning}, steps=tuple(warned))
