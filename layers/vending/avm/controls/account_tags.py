"""account-tags: the account says whose it is, who pays for it, and what it is for. Plane: organization."""

from __future__ import annotations

from avm.controls.control import Control, DriftEvent, Grant, Reach, Target
from avm.domain.account import account_tags
from avm.domain.finding import Change, Finding, PlannedChange


class AccountTags(Control):
    """The account's tags."""

    name = "account-tags"
    promise = "The account has the tags of its request, and says which request and type it is of; others are let be."
    plane = "organization"
    duty = "attach_guardrails"
    observe_grants = (Grant(("organizations:ListTagsForResource",)),)
    enforce_grants = (Grant(("organizations:TagResource",)),)
    drift_events = tuple(DriftEvent("organizations.amazonaws.com", name) for name in ("TagResource", "UntagResource"))

    def observe(self, target: Target, reach: Reach) -> Finding:
        """Look at the tags; evidence: all of them, and those that are not as they should be."""
        tags = reach.organizations.tags(target.account.id)
        wrong = {key: value for key, value in _wanted(target).items() if tags.get(key) != value}
        return self.finding(target, "violated" if wrong else "compliant", ListTagsForResource=tags, wanted=wrong)

    def enforce(self, target: Target, reach: Reach) -> list[Change]:
        """Set the tags that are not as they should be."""
        tags = reach.organizations.tags(target.account.id)
        wrong = {key: value for key, value in _wanted(target).items() if tags.get(key) != value}
        if not wrong:
            return []
        reach.organizations.tag(target.account.id, wrong)
        return [self.change("TagResource", f"{target.account.id}: {', '.join(sorted(wrong))}")]

    def planned(self, target: Target, reach: Reach) -> list[PlannedChange]:  # noqa: ARG002  every control is called alike
        """Do nothing: CreateAccount sets them."""
        return []


def _wanted(target: Target) -> dict[str, str]:
    return account_tags(target.request, target.request_id)
