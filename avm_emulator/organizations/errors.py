"""The errors of AWS Organizations, in its own words (botocore 1.44.5, service model of organizations)."""

from __future__ import annotations

from avm_emulator.errors import AwsError


def invalid_input(reason: str, message: str) -> AwsError:
    """Return ``InvalidInputException`` with a reason of ``InvalidInputExceptionReason``."""
    return AwsError("InvalidInputException", message, Reason=reason)


def constraint_violation(reason: str, message: str) -> AwsError:
    """Return ``ConstraintViolationException`` with a reason of ``ConstraintViolationExceptionReason``."""
    return AwsError("ConstraintViolationException", message, Reason=reason)


def access_denied() -> AwsError:
    """Return what an account hears that may not make this call at all."""
    return AwsError("AccessDeniedException", "You don't have permissions to access this resource.")


def not_in_use() -> AwsError:
    """Return what an account hears that belongs to no organization."""
    return AwsError("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")


def account_not_found() -> AwsError:
    """Return ``AccountNotFoundException``."""
    return AwsError("AccountNotFoundException", "You specified an account that doesn't exist.")
