"""Configuration policies: what central configuration gives to accounts. Of their controls nothing follows here."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from moto.utilities.utils import get_partition

from avm_emulator.errors import AwsError
from avm_emulator.security_hub.central import Centre, ConfigurationPolicy
from avm_emulator.security_hub.known_standards import STANDARDS
from avm_emulator.security_hub.state import SecurityHub, invalid_input, page

if TYPE_CHECKING:
    from avm_emulator.boundary import Call

_NAME = re.compile(r"[A-Za-z0-9.!*/-]+")
"""botocore, CreateConfigurationPolicy."""


def create_configuration_policy(
    security_hub: SecurityHub,
    call: Call,
    *,
    name: str,
    configuration_policy: dict[str, Any],
    description: str | None = None,
    tags: dict[str, str] | None = None,
) -> dict[str, Any]:
    """Make a policy, which does nothing before it is associated; a name that is taken is a conflict (assumed)."""
    del tags  # of a policy, nobody asks for them here
    centre = centre_of(security_hub, call)
    _check_name(centre, name, None)
    content = _checked(call, configuration_policy)
    policy_id = str(uuid.uuid4())
    start = f"arn:{get_partition(call.region)}:securityhub:{call.region}:{call.account}"
    arn = f"{start}:configuration-policy/{policy_id}"
    made = ConfigurationPolicy(policy_id, arn, name, description, content, call.time, call.time)
    centre.policies[policy_id] = made
    return _describe(made)


def get_configuration_policy(security_hub: SecurityHub, call: Call, *, identifier: str) -> dict[str, Any]:
    """Return a policy by its ARN or id."""
    return _describe(policy_of(centre_of(security_hub, call), identifier))


def list_configuration_policies(
    security_hub: SecurityHub, call: Call, *, next_token: str | None = None, max_results: int | None = None
) -> dict[str, Any]:
    """Return the policies, without their content."""
    policies = list(centre_of(security_hub, call).policies.values())
    found, token = page(policies, next_token, max_results, 100)
    summaries = [
        {
            "Arn": each.arn,
            "Id": each.id,
            "Name": each.name,
            "Description": each.description,
            "UpdatedAt": moment(each.updated_at),
            "ServiceEnabled": each.enables,
        }
        for each in found
    ]
    return {"ConfigurationPolicySummaries": summaries, "NextToken": token}


def update_configuration_policy(
    security_hub: SecurityHub,
    call: Call,
    *,
    identifier: str,
    name: str | None = None,
    description: str | None = None,
    updated_reason: str | None = None,
    configuration_policy: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Change what is given, the content as a whole; associated accounts get it as with a new association."""
    del updated_reason  # no operation shows it
    centre = centre_of(security_hub, call)
    policy = policy_of(centre, identifier)
    if name is not None:
        _check_name(centre, name, policy)
    if configuration_policy is not None:
        policy.content = _checked(call, configuration_policy)
    policy.name = name or policy.name
    policy.description = description or policy.description
    policy.updated_at = call.time
    return _describe(policy)


def delete_configuration_policy(security_hub: SecurityHub, call: Call, *, identifier: str) -> None:
    """Delete a policy, once it is associated with nothing (botocore)."""
    centre = centre_of(security_hub, call)
    policy = policy_of(centre, identifier)
    if targets := [each.target_id for each in centre.associations.values() if each.policy_id == policy.id]:
        sentence = f"Configuration policy {policy.id} is associated with {', '.join(targets)}."
        raise AwsError("ResourceConflictException", sentence)
    del centre.policies[policy.id]


def centre_of(security_hub: SecurityHub, call: Call) -> Centre:
    """Return what the caller configures centrally; raise AccessDeniedException to all others and elsewhere.

    The sentences are AWS's own, as Terraform's AWS provider looks for the first one.
    """
    security_hub.hub(call.account, call.region)
    centre = security_hub.central.of(call.account, call.region)
    now = security_hub.emulator.clock.now()
    if centre is None or centre.aggregator.account_id != call.account or now < centre.ready_at:
        sentence = "Must be a Security Hub delegated administrator with Central Configuration enabled"
        raise AwsError("AccessDeniedException", sentence)
    if call.region != centre.aggregator.home:
        sentence = "Central Configuration APIs can only be called from the aggregation region"
        raise AwsError("AccessDeniedException", sentence)
    return centre


def policy_of(centre: Centre, identifier: str) -> ConfigurationPolicy:
    """Return a policy by its ARN or id; raise ResourceNotFoundException."""
    for policy in centre.policies.values():
        if identifier in (policy.id, policy.arn):
            return policy
    raise AwsError("ResourceNotFoundException", f"There is no configuration policy {identifier}.")


def moment(seconds: float) -> datetime:
    """Return a time as botocore's models take it."""
    return datetime.fromtimestamp(seconds, UTC)


def _check_name(centre: Centre, name: str, policy: ConfigurationPolicy | None) -> None:
    if not _NAME.fullmatch(name):
        raise invalid_input(f"Invalid name of a configuration policy: {name}")
    if any(each.name == name and each is not policy for each in centre.policies.values()):
        raise AwsError("ResourceConflictException", f"There is a configuration policy {name} already.")


def _checked(call: Call, policy: dict[str, Any]) -> dict[str, Any]:
    """Return the content of a policy.

    Standards go with Security Hub enabled, and with it alone, and controls are either those that are enabled or those
    that are not (botocore, shape Policy; API reference, CreateConfigurationPolicy). That standards are named by their
    ARNs of the home Region is assumed.
    """
    content: dict[str, Any] = policy.get("SecurityHub") or {}
    enables, standards = content.get("ServiceEnabled"), content.get("EnabledStandardIdentifiers")
    if enables is None:
        raise invalid_input("ServiceEnabled is needed in a configuration policy.")
    if enables != (standards is not None):
        raise invalid_input("EnabledStandardIdentifiers are needed where ServiceEnabled is true, and only there.")
    known = {standard.arn(call.region) for standard in STANDARDS}
    if unknown := [arn for arn in standards or () if arn not in known]:
        raise invalid_input(f"Invalid EnabledStandardIdentifiers: {', '.join(unknown)}")
    controls = content.get("SecurityControlsConfiguration") or {}
    if "EnabledSecurityControlIdentifiers" in controls and "DisabledSecurityControlIdentifiers" in controls:
        raise invalid_input("Either enabled or disabled controls can be listed in a configuration policy.")
    return content


def _describe(policy: ConfigurationPolicy) -> dict[str, Any]:
    return {
        "Arn": policy.arn,
        "Id": policy.id,
        "Name": policy.name,
        "Description": policy.description,
        "UpdatedAt": moment(policy.updated_at),
        "CreatedAt": moment(policy.created_at),
        "ConfigurationPolicy": {"SecurityHub": policy.content},
    }
