"""account-alias: the account has a name at its sign-in page that says which it is. Plane: member."""

from __future__ import annotations

from avm.aws.iam_settings import IamSettings
from avm.controls.control import Control, DriftEvent, Grant, Reach, Target
from avm.domain.finding import Change, Finding
from avm.domain.naming import slug


class AccountAlias(Control):
    """The account's alias."""

    name = "account-alias"
    promise = "The account has an alias of its name and id."
    plane = "member"
    duty = "harden_account"
    observe_grants = (Grant(("iam:ListAccountAliases",)),)
    enforce_grants = (Grant(("iam:CreateAccountAlias",)),)
    drift_events = tuple(DriftEvent("iam.amazonaws.com", name) for name in ("CreateAccountAlias", "DeleteAccountAlias"))

    def observe(self, target: Target, reach: Reach) -> Finding:
        """Look at the alias; evidence: what it is."""
        alias = _iam(reach).alias()
        return self.finding(target, "compliant" if alias == _wanted(target) else "violated", ListAccountAliases=alias)

    def enforce(self, target: Target, reach: Reach) -> list[Change]:
        """Give the account its alias, in the place of the one that it has."""
        iam, wanted = _iam(reach), _wanted(target)
        if iam.alias() == wanted:
            return []
        iam.set_alias(wanted)
        return [self.change("CreateAccountAlias", wanted)]


def _wanted(target: Target) -> str:
    """Return the alias: aliases are unique in the partition, so the id is in it; 63 characters at most (botocore)."""
    return f"{slug(target.request.name)[:50].rstrip('-')}-{target.account.id}"


def _iam(reach: Reach) -> IamSettings:
    return IamSettings(reach.member().client("iam"))
