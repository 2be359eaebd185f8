"""incident-group: a control that a test adds, as an operator would: one file, one line in an account type."""

from __future__ import annotations

from avm.aws.errors import unless
from avm.controls.control import Control, Grant, Reach, Target
from avm.domain.finding import Change, Finding

GROUP = "incidents"


class IncidentGroup(Control):
    """A group of IAM."""

    name = "incident-group"
    promise = "There is a group for incidents."
    plane = "member"
    duty = "harden_account"
    observe_grants = (Grant(("iam:GetGroup",)),)
    enforce_grants = (Grant(("iam:CreateGroup",)),)

    def observe(self, target: Target, reach: Reach) -> Finding:
        """Look whether it is there."""
        found = None
        with unless("NoSuchEntity"):
            found = reach.member().client("iam").get_group(GroupName=GROUP)["Group"]["Arn"]
        return self.finding(target, "compliant" if found else "violated", GetGroup=found or "there is none")

    def enforce(self, target: Target, reach: Reach) -> list[Change]:
        """Make it."""
        if self.observe(target, reach).status == "compliant":
            return []
        reach.member().client("iam").create_group(GroupName=GROUP)
        return [self.change("CreateGroup", GROUP)]
