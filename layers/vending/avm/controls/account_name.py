"""account-name: the account is called what its request called it. Plane: member."""

from __future__ import annotations

from avm.aws.account import AccountName as Name
from avm.controls.control import Control, DriftEvent, Grant, Reach, Target
from avm.domain.finding import Change, Finding, PlannedChange, Verdict

_ACCOUNT = "arn:{partition}:account::{account}:account"


class AccountName(Control):
    """The account's name, as bills and consoles show it."""

    name = "account-name"
    promise = "The account has the name of its request."
    plane = "member"
    duty = "harden_account"
    observe_grants = (Grant(("account:GetAccountInformation",), (_ACCOUNT,)),)
    enforce_grants = (Grant(("account:PutAccountName",), (_ACCOUNT,)),)
    drift_events = (DriftEvent("account.amazonaws.com", "PutAccountName"),)

    def planned(self, target: Target, reach: Reach) -> list[PlannedChange]:  # noqa: ARG002  every control is asked alike
        """Return nothing: an account is made with its name."""
        return []

    def observe(self, target: Target, reach: Reach) -> Finding:
        """Look at the name; evidence: what it is."""
        name = _account(reach).name()
        status: Verdict = "compliant" if name == target.request.name else "violated"
        return self.finding(target, status, GetAccountInformation=name)

    def enforce(self, target: Target, reach: Reach) -> list[Change]:
        """Give the account its name."""
        account = _account(reach)
        if account.name() == target.request.name:
            return []
        account.put(target.request.name)
        return [self.change("PutAccountName", target.request.name)]


def _account(reach: Reach) -> Name:
    return Name(reach.member().client("account"))
