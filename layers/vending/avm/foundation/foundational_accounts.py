"""foundational-accounts: nothing is deferred any more in the accounts that the foundation is made of.

They were vended before what their controls rest on was there. Now it is, so they are repaired, as any account would be.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from avm.controls.control import Grant
from avm.domain.foundation import FOUNDATIONAL_TYPES, TOOLING_TYPE
from avm.foundation.control import FoundationControl, FoundationReach, FoundationTarget, Look, Step


class FoundationalAccounts(FoundationControl):
    """What has become of the accounts."""

    name = "foundational-accounts"
    promise = "The foundational accounts, and the machine's own, are READY: their controls are true, none is deferred."
    duty = "request_accounts"
    needs = (
        "config-aggregator",
        "guardduty-administration",
        "organization-analyzers",
        "organization-trail",
        "security-hub-administration",
        "service-administrators",
        "shared-services-account",
        "tooling-account",
    )
    observe_grants = (Grant(("organizations:ListAccountsForParent", "organizations:ListTagsForResource")),)
    deadline_seconds = 14_400  # as long as a vend

    def look(self, target: FoundationTarget, reach: FoundationReach) -> Look:
        """Look how the accounts stand with the machine, and at the repairs of this run."""
        accounts = {kind: reach.account_of(kind) for kind in FOUNDATIONAL_TYPES}
        if target.application_account_id != target.organization.management_account_id:
            accounts[TOOLING_TYPE] = target.application_account_id
        return Look.at_all({kind: _look_at(kind, account_id, reach) for kind, account_id in accounts.items()})


def _look_at(kind: str, account_id: str | None, reach: FoundationReach) -> Look:
    if account_id is None:
        return Look({}, waits_for=(f"account {kind}",))
    status = reach.account_status(account_id)
    account, shown = f"account {account_id} ({kind})", {"account": account_id, "status": status}
    if status is None:
        return Look(shown, left_alone=(f"{account}: the machine has not made it",))
    if status == "FOUNDATION":
        return _converge(account_id, account, shown, reach)
    if status == "PARKED":
        return Look(shown, by_hand=(f"A vend of {account} has failed: 'avm list' names its request and why.",))
    return Look(shown, waits_for=() if status == "READY" else (f"the vend of {account}",))


def _converge(account_id: str, account: str, shown: Mapping[str, Any], reach: FoundationReach) -> Look:
    repair = reach.convergence(account_id)
    if repair is None:
        begin = partial(reach.converge, account_id)
        step = Step("states:StartExecution", f"repair of {account}", begin, "FOUNDATION", "READY")
        return Look(shown, (step,))
    if repair == "RUNNING":
        return Look(shown, waits_for=(f"the repair of {account}",))
    todo = f"The repair of {account} has not made it READY: 'avm report {account_id}' says why. Then apply again."
    return Look(shown, by_hand=(todo,))
