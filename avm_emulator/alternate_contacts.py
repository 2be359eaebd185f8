"""Alternate contacts of the Account Management API: who may ask for whose, and what AWS takes.

moto keeps whatever anybody says about any account, and deletes what is not there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from moto.account.models import account_backends
from moto.utilities.utils import get_partition

from avm_emulator.errors import AwsError
from avm_emulator.organizations.state import organization_of

if TYPE_CHECKING:
    from avm_emulator.boundary import Call
    from avm_emulator.context import Emulator

SERVICE_PRINCIPAL = "account.amazonaws.com"
_OPERATIONS = frozenset({"DeleteAlternateContact", "GetAlternateContact", "PutAlternateContact"})


def install(emulator: Emulator) -> None:
    """Refuse what AWS refuses; the rest is moto's."""
    emulator.boundary.interceptors.append(check)


def check(call: Call) -> None:
    """Raise AwsError for a call that AWS refuses (an interceptor)."""
    if call.service != "account" or call.operation not in _OPERATIONS:
        return
    _check_values(call)
    other = call.parameters.get("AccountId")
    if other is not None:
        _check_reach(call, str(other))
    if call.operation == "DeleteAlternateContact":
        contacts = account_backends[other or call.account][get_partition(call.region)]._alternate_contacts
        if call.parameters["AlternateContactType"] not in contacts:
            raise AwsError("ResourceNotFoundException", "No contact of the inputted alternate contact type found.")


def _check_values(call: Call) -> None:
    """Hold the parameters against the constraints of botocore's model."""
    shape: Any = call.model.input_shape
    for name, member in shape.members.items():
        value = call.parameters.get(name)
        if value is None and name not in shape.required_members:
            continue
        limits = member.metadata
        least, most = limits.get("min", 0), limits.get("max", float("inf"))
        if (
            value is None
            or not least <= len(value) <= most
            or not re.fullmatch(limits.get("pattern", ".*"), value, re.DOTALL)
            or ("enum" in limits and value not in limits["enum"])
        ):
            message = f"{name} does not satisfy the constraints of its type"
            raise AwsError("ValidationException", message, reason="fieldValidationFailed")


def _check_reach(call: Call, other: str) -> None:
    """Refuse to reach into another account (botocore: AccountId of PutAlternateContact).

    That is for the management account and the delegated administrator of the service, once it has trusted access; the
    management account leaves its own id out.
    """
    organization = organization_of(call.account)
    if organization is None or other not in {account.id for account in organization.members()}:
        raise _denied(call, "You don't have permission to access this account.")
    if all(trusted["ServicePrincipal"] != SERVICE_PRINCIPAL for trusted in organization.services):
        raise _denied(call, "Your organization must first enable trusted access with AWS Account Management.")
    if other == organization.account_id:
        raise _denied(call, "The management account can only be managed using the standalone context.")
    if call.account != organization.account_id and not organization.is_delegated_administrator(
        call.account, SERVICE_PRINCIPAL
    ):
        raise _denied(call, "You don't have permission to access this account.")


def _denied(call: Call, reason: str) -> AwsError:
    message = f"User: {call.principal.arn} is not authorized to perform: account:{call.operation} ({reason})"
    return AwsError("AccessDeniedException", message)
