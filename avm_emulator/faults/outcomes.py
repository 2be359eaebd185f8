"""Asynchronous operations that end badly: the call is answered as ever, and what it started fails."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import botocore.session
from moto.config.models import config_backends

from avm_emulator.identity_center import center_of
from avm_emulator.organizations import organization_of

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


def _fail_recording(call: Call, _: Answer, reason: str) -> None:
    config_backends[call.account][call.region].planned_failure = reason


def _creation_failures() -> tuple[str, ...]:
    model = botocore.session.get_session().get_service_model("organizations")
    return tuple(model.shape_for("CreateAccountFailureReason").metadata["enum"])


# FailureReason of Identity Center is free text (aws-semantics 2).
_INTERNAL = "The request failed because of an internal error"
OUTCOMES: Mapping[tuple[str, str], Outcome] = {
    ("config", "StartConfigurationRecorder"): Outcome((), "AccessDenied", _fail_recording),
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
