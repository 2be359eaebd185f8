"""Security Hub of an account in a Region: on or off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.utilities.utils import get_partition

from avm_emulator.errors import AwsError
from avm_emulator.security_hub.state import SecurityHub, invalid_access, invalid_input

if TYPE_CHECKING:
    from avm_emulator.boundary import Call


def enable_security_hub(
    security_hub: SecurityHub,
    call: Call,
    *,
    tags: dict[str, str] | None = None,
    enable_default_standards: bool = True,
    control_finding_generator: str = "SECURITY_CONTROL",
) -> None:
    """Switch it on; twice is a ResourceConflictException (moto: accepted)."""
    security_hub.refuse_centrally_managed(call)
    if security_hub.is_enabled(call.account, call.region):
        raise AwsError("ResourceConflictException", f"Account {call.account} is already subscribed to Security Hub")
    security_hub.enable(call.account, call.region, call.time, with_standards=enable_default_standards)
    security_hub.hub(call.account, call.region).finding_generator = control_finding_generator
    security_hub.backend(call.account, call.region).tags = tags or {}


def describe_hub(security_hub: SecurityHub, call: Call, *, hub_arn: str | None = None) -> dict[str, Any]:
    """Return the hub."""
    hub = security_hub.hub(call.account, call.region)
    arn = f"arn:{get_partition(call.region)}:securityhub:{call.region}:{call.account}:hub/default"
    if hub_arn not in (None, arn):
        raise AwsError("ResourceNotFoundException", f"There is no hub {hub_arn}.")
    return {
        "HubArn": arn,
        "SubscribedAt": security_hub.backend(call.account, call.region).enabled_at,
        "AutoEnableControls": True,
        "ControlFindingGenerator": hub.finding_generator,
    }


def disable_security_hub(security_hub: SecurityHub, call: Call) -> None:
    """Switch it off, with its standards and associations; its administrator cannot do so (botocore)."""
    if not security_hub.is_enabled(call.account, call.region):
        raise invalid_access(call.account)
    if security_hub.administrators.administered(call) is not None:
        raise invalid_input(f"Account {call.account} is the Security Hub administrator of its organization.")
    security_hub.refuse_centrally_managed(call)
    security_hub.switch_off(call.account, call.region)
