"""Asynchronous operations that end badly: the call is answered as ever, and what it started fails."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import botocore.session
from moto.config.models import config_backends

from avm_emulator.guardduty.state import GuardDuty
from avm_emulator.identity_center import center_of
from avm_emulator.organizations import organization_of
from avm_emulator.security_hub.state import SecurityHub

if TYPE_CHECKING:
    from avm_emulator.boundary import Call

Answer = Mapping[str, Any]


@dataclass(frozen=True)
class Outcome:
    """How what a call starts can be made to fail."""

    codes: tuple[str, ...]
    """The reasons that AWS knows; none: any text will do."""
    default: str
    fail: Callable[[Call, Answer, str], None]
    """Takes the call, its answer and the reason."""


def _fail_creation(call: Call, answer: Answer, reason: str) -> None:
    organization = organization_of(call.account)
    if organization is not None:
        organization.creations[answer["CreateAccountStatus"]["Id"]].planned_failure = reason


def _fail_operation(member: str) -> Callable[[Call, Answer, str], None]:
    def fail(call: Call, answer: Answer, reason: str) -> None:
        center_of(call.account, call.region).operations[answer[member]["RequestId"]].planned_failure = reason

    return fail


def _fail_guardduty(call: Call, _: Answer, reason: str) -> None:
    guardduty = GuardDuty.current
    with guardduty.lock:
        for account_id in _accounts(call):
            guardduty.members(call.account, call.region)[account_id].planned_status = reason


def _fail_security_hub(call: Call, _: Answer, reason: str) -> None:
    security_hub = SecurityHub.current
    with security_hub.lock:
        for account_id in _accounts(call):
            security_hub.members(call.account, call.region)[account_id].planned_status = reason


def _accounts(call: Call) -> list[str]:
    return [details["AccountId"] for details in call.parameters["AccountDetails"]]


def _fail_standards(call: Call, answer: Answer, reason: str) -> None:
    security_hub = SecurityHub.current
    with security_hub.lock:
        subscriptions = security_hub.hub(call.account, call.region).subscriptions
        for subscription in answer["StandardsSubscriptions"]:
            subscriptions[subscription["StandardsArn"]].planned_failure = reason


def _fail_recording(call: Call, _: Answer, reason: str) -> None:
    config_backends[call.account][call.region].planned_failure = reason


def _creation_failures() -> tuple[str, ...]:
    model = botocore.session.get_session().get_service_model("organizations")
    return tuple(model.shape_for("CreateAccountFailureReason").metadata["enum"])


# FailureReason of Identity Center is free text (aws-semantics 2).
_INTERNAL = "The request failed because of an internal error"
# How a membership can end otherwise than Enabled: GuardDuty user guide, "Status"; botocore, securityhub's shape Member.
_GUARDDUTY_ENDS = ("Disabled", "EmailVerificationFailed", "RegionDisabled", "Removed", "Resigned", "AccountSuspended")
_SECURITY_HUB_ENDS = ("Removed", "Resigned", "Deleted", "AccountSuspended")
# botocore, securityhub.StatusReasonCode, without the one of other clouds
_STANDARDS_ENDS = (
    "INTERNAL_ERROR",
    "MAXIMUM_NUMBER_OF_CONFIG_RULES_EXCEEDED",
    "NO_AVAILABLE_CONFIGURATION_RECORDER",
)
OUTCOMES: Mapping[tuple[str, str], Outcome] = {
    ("config", "StartConfigurationRecorder"): Outcome((), "AccessDenied", _fail_recording),
    ("guardduty", "CreateMembers"): Outcome(_GUARDDUTY_ENDS, "RegionDisabled", _fail_guardduty),
    ("securityhub", "BatchEnableStandards"): Outcome(_STANDARDS_ENDS, "INTERNAL_ERROR", _fail_standards),
    ("securityhub", "CreateMembers"): Outcome(_SECURITY_HUB_ENDS, "AccountSuspended", _fail_security_hub),
    ("organizations", "CreateAccount"): Outcome(_creation_failures(), "INTERNAL_FAILURE", _fail_creation),
    ("sso-admin", "CreateAccountAssignment"): Outcome(
        (), _INTERNAL, _fail_operation("AccountAssignmentCreationStatus")
    ),
    ("sso-admin", "DeleteAccountAssignment"): Outcome(
        (), _INTERNAL, _fail_operation("AccountAssignmentDeletionStatus")
    ),
    ("sso-admin", "ProvisionPermissionSet"): Outcome((), _INTERNAL, _fail_operation("PermissionSetProvisioningStatus")),
}
"""By service and operation."""
