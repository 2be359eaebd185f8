"""guardduty-protection: GuardDuty looks at more of the account than its logs: the protection plans of its type.

Plane: security. The administrator's own plans are seen; to change them is its own people's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from avm.aws.guardduty import ENABLED, GuardDuty
from avm.controls.administration import GUARDDUTY_LOOKS, is_administrator
from avm.controls.control import Control, DriftEvent, Grant, Reach, Target
from avm.controls.guardduty_member import ENABLED as MEMBER
from avm.domain.catalog_model import CatalogModel, each_once
from avm.domain.errors import FoundationBehind, ManagedElsewhere
from avm.domain.finding import Change, Finding, PlannedChange

Plan = Literal[
    "EBS_MALWARE_PROTECTION",
    "EKS_AUDIT_LOGS",
    "LAMBDA_NETWORK_LOGS",
    "RDS_LOGIN_EVENTS",
    "RUNTIME_MONITORING",
    "S3_DATA_EVENTS",
]
"""Botocore: DetectorFeature, without those that another one holds."""

BY_DEFAULT: tuple[Plan, ...] = (
    "EBS_MALWARE_PROTECTION",
    "EKS_AUDIT_LOGS",
    "LAMBDA_NETWORK_LOGS",
    "RDS_LOGIN_EVENTS",
    "S3_DATA_EVENTS",
)
"""What AWS switches on by itself where an account makes a detector of its own (botocore: CreateDetector)."""


class GuardDutyProtectionParameters(CatalogModel):
    """What an account type may say about it."""

    plans: Annotated[tuple[Plan, ...], AfterValidator(each_once), Field(min_length=1)] = Field(
        default=BY_DEFAULT,
        description="Protection plans that must be on, by GuardDuty's names; each has its price. Default: all but "
        "`RUNTIME_MONITORING`, which watches through agents.",
    )


class GuardDutyProtection(Control):
    """The protection plans of the account in one Region; more than the type names are let be."""

    name = "guardduty-protection"
    promise = "GuardDuty has the protection plans of the account's type switched on."
    plane = "security"
    scope = "region"
    duty = "enroll_security"
    needs = ("guardduty-member",)
    foundation = ("security-account",)
    # none of these takes a resource (Service Authorization Reference)
    observe_grants = (Grant(("guardduty:GetMemberDetectors", "guardduty:GetMembers")), *GUARDDUTY_LOOKS)
    enforce_grants = (Grant(("guardduty:UpdateMemberDetectors",)),)
    drift_events = (DriftEvent("guardduty.amazonaws.com", "UpdateMemberDetectors"),)
    parameters = GuardDutyProtectionParameters

    def planned(self, target: Target, reach: Reach) -> list[PlannedChange]:  # noqa: ARG002  every control is asked alike
        """Return the call that switches them on: a new member has none that the organization does not give it."""
        what = f"{', '.join(_wanted(target))} of {target.account.name} in {target.region}"
        return [PlannedChange("guardduty:UpdateMemberDetectors", what)]

    def observe(self, target: Target, reach: Reach) -> Finding:
        """Look at the account's detector by way of its administrator; evidence: each plan's state.

        That it is no member is for guardduty-member to tell: until it is one, there is nothing to look at.
        """
        guardduty, detector_id = _administrator(target, reach)
        if is_administrator(target):
            own = guardduty.own_features(detector_id)
            return self.finding(target, "violated" if _off(own, target) else "compliant", GetDetector=dict(own))
        status, _ = guardduty.relationship(detector_id, target.account.id)
        if status != MEMBER:
            return self.finding(target, "pending", GetMembers={"RelationshipStatus": status})
        features = guardduty.features(detector_id, target.account.id)
        is_off = bool(_off(features, target))
        return self.finding(target, "violated" if is_off else "compliant", GetMemberDetectors=dict(features))

    def enforce(self, target: Target, reach: Reach) -> list[Change]:
        """Switch on what is off; raise ManagedElsewhere where a policy of the organization decides.

        Raises FoundationBehind for the administrator: its own detector is out of the machine's reach by its guardrails.
        """
        guardduty, detector_id = _administrator(target, reach)
        if is_administrator(target):
            message = f"GuardDuty's administrator lacks plans in {target.region}: switch them on in its console"
            raise FoundationBehind(message)
        off = _off(guardduty.features(detector_id, target.account.id), target)
        if not off:
            return []
        if guardduty.is_managed_by_policy(detector_id):
            message = (
                f"a policy of AWS Organizations decides about GuardDuty in {target.region}: {', '.join(off)} is off"
            )
            raise ManagedElsewhere(message)
        guardduty.enable_features(detector_id, target.account.id, off)
        return [self.change("UpdateMemberDetectors", f"{target.account.id} {target.region}: {', '.join(off)}")]


def _wanted(target: Target) -> tuple[str, ...]:
    return GuardDutyProtectionParameters.model_validate(dict(target.parameters), strict=False).plans


def _off(features: Mapping[str, str], target: Target) -> list[str]:
    return [plan for plan in _wanted(target) if features.get(plan) != ENABLED]


def _administrator(target: Target, reach: Reach) -> tuple[GuardDuty, str]:
    """Return GuardDuty of the security account in the target's Region, and its detector."""
    region = str(target.region)
    guardduty = GuardDuty(reach.security(region), region)
    return guardduty, reach.once(("guardduty", "ListDetectors", region), guardduty.detector_id)
