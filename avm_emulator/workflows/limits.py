"""Limits of the API, and the error of a value that breaks one."""

from __future__ import annotations

from avm_emulator.errors import AwsError
from avm_emulator.workflows.encoding import MAXIMUM_STATE_BYTES, fits_into_state


def refused(parameter: str, constraint: str, value: str = "") -> AwsError:
    """Return the AWS error ValidationException for a parameter."""
    message = f"1 validation error detected: Value {value}at '{parameter}' failed to satisfy constraint: {constraint}"
    return AwsError("ValidationException", message)


def require_state_data(parameter: str, text: str) -> None:
    """Raise ValidationException for JSON text that is larger than state data may be."""
    if not fits_into_state(text):
        raise refused(parameter, f"Member must have length less than or equal to {MAXIMUM_STATE_BYTES}")
