"""password-policy: whoever has a password of IAM in the account has one that is hard to guess. Plane: member.

People sign in by Identity Center; this is for the user whom somebody makes all the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from avm.aws.iam_settings import IamSettings
from avm.controls.control import Control, DriftEvent, Grant, Reach, Target
from avm.domain.finding import Change, Finding

WANTED: Mapping[str, int] = {
    "MinimumPasswordLength": 14,  # CIS AWS Foundations Benchmark 3.0.0, 1.8
    "PasswordReusePrevention": 24,  # … 1.9
    # AWS Foundational Security Best Practices, IAM.7
    "RequireLowercaseCharacters": True,
    "RequireNumbers": True,
    "RequireSymbols": True,
    "RequireUppercaseCharacters": True,
}
"""The least that passwords must be, by the API's names."""
_KEPT = ("AllowUsersToChangePassword", "HardExpiry", "MaxPasswordAge")


class PasswordPolicy(Control):
    """The account's password policy; one that asks for more stays."""

    name = "password-policy"
    promise = "Passwords of IAM users are long, of all kinds of characters, and never used again."
    plane = "member"
    duty = "harden_account"
    observe_grants = (Grant(("iam:GetAccountPasswordPolicy",)),)
    enforce_grants = (Grant(("iam:UpdateAccountPasswordPolicy",)),)
    drift_events = tuple(
        DriftEvent("iam.amazonaws.com", name) for name in ("DeleteAccountPasswordPolicy", "UpdateAccountPasswordPolicy")
    )

    def observe(self, target: Target, reach: Reach) -> Finding:
        """Look at the policy; evidence: all of it, nothing where there is none."""
        policy = _iam(reach).password_policy()
        return self.finding(target, "violated" if _weak(policy) else "compliant", GetAccountPasswordPolicy=dict(policy))

    def enforce(self, target: Target, reach: Reach) -> list[Change]:
        """Raise what asks for too little; what else the policy says stays."""
        iam = _iam(reach)
        policy = iam.password_policy()
        if not _weak(policy):
            return []
        kept = {name: policy[name] for name in _KEPT if name in policy}
        iam.put_password_policy({**kept, **{name: max(policy.get(name, 0), least) for name, least in WANTED.items()}})
        return [self.change("UpdateAccountPasswordPolicy", target.account.id)]


def _weak(policy: Mapping[str, Any]) -> list[str]:
    return [name for name, least in WANTED.items() if policy.get(name, 0) < least]


def _iam(reach: Reach) -> IamSettings:
    return IamSettings(reach.member().client("iam"))
