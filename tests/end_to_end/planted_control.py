"""password-policy: a control that a test adds, as an operator would: one file, one line in an account type."""

from __future__ import annotations

from avm.aws.errors import unless
from avm.controls.control import Control, Grant, Reach, Target
from avm.domain.finding import Change, Finding

LENGTH = 14


class PasswordPolicy(Control):
    """How long a password of IAM is at least."""

    name = "password-policy"
    promise = "Passwords of IAM users are long."
    plane = "member"
    duty = "harden_account"
    observe_grants = (Grant(("iam:GetAccountPasswordPolicy",)),)
    enforce_grants = (Grant(("iam:UpdateAccountPasswordPolicy",)),)

    def observe(self, target: Target, reach: Reach) -> Finding:
        """Look at the policy."""
        length = 0
        with unless("NoSuchEntity"):
            policy = reach.member().client("iam").get_account_password_policy()["PasswordPolicy"]
            length = policy["MinimumPasswordLength"]
        return self.finding(target, "compliant" if length >= LENGTH else "violated", GetAccountPasswordPolicy=length)

    def enforce(self, target: Target, reach: Reach) -> list[Change]:
        """Set the length."""
        reach.member().client("iam").update_account_password_policy(MinimumPasswordLength=LENGTH)
        return [self.change("UpdateAccountPasswordPolicy", target.account.id)]
