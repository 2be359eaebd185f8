"""guardduty-member: GuardDuty watches the account, for the delegated administrator. Plane: security.

AWS enables new accounts by itself, but may take a day (aws-semantics 4.3); a vend does not wait for it. The
administrator is no member: it administers, which the foundation brings about.
"""

from __future__ import annotations

from typing import Any

from avm.aws.guardduty import GuardDuty
from avm.controls.administration import is_administrator
from avm.controls.control import Check, Control, DriftEvent, Grant, Reach, Target
from avm.domain.finding import Change, Finding

ENABLED = "Enabled"
ON_ITS_WAY = frozenset({"Created", "Invited", "EmailVerificationInProgress"})
"""Between CreateMembers and Enabled."""


class GuardDutyMember(Control):
    """The account as a member of GuardDuty's administrator, in one Region."""

    name = "guardduty-member"
    promise = "GuardDuty watches the account in the Region, as a member of the security account."
    plane = "security"
    scope = "region"
    duty = "enroll_security"
    foundation = ("security-account",)
    observe_grants = (
        # none of these takes a resource (Service Authorization Reference)
        Grant(
            (
                "guardduty:DescribeOrganizationConfiguration",
                "guardduty:GetMemberDetectors",
                "guardduty:GetMembers",
                "guardduty:ListDetectors",
            )
        ),
    )
    enforce_grants = (Grant(("guardduty:CreateMembers",)),)
    drift_events = tuple(
        DriftEvent("guardduty.amazonaws.com", name)
        for name in (
            "DeleteDetector",
            "DeleteMembers",
            "DisassociateFromAdministratorAccount",
            "DisassociateMembers",
            "StopMonitoringMembers",
            "UpdateDetector",
        )
    )

    def observe(self, target: Target, reach: Reach) -> Finding:
        """Look how the account stands to the administrator and, once it is enabled, at its detector."""
        guardduty, detector_id = _administrator(target, reach)
        if is_administrator(target):
            enrols = {"AutoEnableOrganizationMembers": guardduty.enrols(detector_id)}
            return self.finding(target, "compliant", DescribeOrganizationConfiguration=enrols)
        status, reason = guardduty.relationship(detector_id, target.account.id)
        shown: dict[str, Any] = {"GetMembers": {"RelationshipStatus": status, **({"Result": reason} if reason else {})}}
        if status == ENABLED:
            shown["GetMemberDetectors"] = dict(guardduty.features(detector_id, target.account.id))
            return self.finding(target, "compliant", **shown)
        return self.finding(target, "pending" if status in ON_ITS_WAY else "violated", **shown)

    def enforce(self, target: Target, reach: Reach) -> list[Change]:
        """Make the account a member unless it is one, or is about to be."""
        guardduty, detector_id = _administrator(target, reach)
        status, _ = guardduty.relationship(detector_id, target.account.id)
        if status == ENABLED or status in ON_ITS_WAY:
            return []
        guardduty.create_member(detector_id, target.account.id, target.account.email)
        return [self.change("CreateMembers", target.account.id)]

    def checks(self, target: Target, reach: Reach) -> list[Check]:
        """Ask the security account as the administrator: FoundationBehind where it is none."""

        def enrols() -> str:
            guardduty, detector_id = _administrator(target, reach)
            return guardduty.enrols(detector_id)

        return [enrols]


def _administrator(target: Target, reach: Reach) -> tuple[GuardDuty, str]:
    """Return GuardDuty of the security account in the target's Region, and its detector."""
    region = str(target.region)
    guardduty = GuardDuty(reach.security(region), region)
    return guardduty, reach.once(("guardduty", "ListDetectors", region), guardduty.detector_id)
