"""Permission sets: what moto's lack of checks, of boundaries and tags, and of provisioning in several accounts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from avm_emulator.errors import AwsError
from avm_emulator.identity_center.assignments import provision
from avm_emulator.identity_center.operations import begin, find_operation, list_operations
from avm_emulator.identity_center.pages import page
from avm_emulator.identity_center.state import IdentityCenter, PermissionSet, session_seconds

_NAME = re.compile(r"[\w+=,.@-]{1,32}", re.ASCII)
_LATEST = "LATEST_PERMISSION_SET_PROVISIONED"
_NOT_LATEST = "LATEST_PERMISSION_SET_NOT_PROVISIONED"


def create_permission_set(
    center: IdentityCenter,
    *,
    name: str,
    description: str | None = None,
    session_duration: str = "PT1H",
    relay_state: str | None = None,
    tags: Sequence[dict[str, str]] = (),
) -> dict[str, Any]:
    """Create a permission set; its name is unique (moto: not)."""
    if not _NAME.fullmatch(name):
        raise AwsError("ValidationException", r"Name must match [\w+=,.@-]+ and have 1 to 32 characters.")
    session_seconds(session_duration)
    if any(existing.name == name for existing in center.permission_sets):
        raise AwsError("ConflictException", f"PermissionSet with name {name} already exists.")
    created = PermissionSet(center.instances[0], name, description, session_duration, relay_state)
    created.tag_values.update({tag["Key"]: tag["Value"] for tag in tags})
    center.permission_sets.append(created)
    return {"PermissionSet": created.describe()}


def update_permission_set(
    center: IdentityCenter,
    *,
    permission_set_arn: str,
    description: str | None = None,
    session_duration: str | None = None,
    relay_state: str | None = None,
) -> None:
    """Change what is given (moto: the rest becomes empty); accounts do not follow before ProvisionPermissionSet."""
    changed = center.permission_set(permission_set_arn)
    if session_duration is not None:
        session_seconds(session_duration)
        changed.session_duration = session_duration
    changed.description = changed.description if description is None else description
    changed.relay_state = changed.relay_state if relay_state is None else relay_state


def delete_permission_set(center: IdentityCenter, *, permission_set_arn: str) -> None:
    """Delete a permission set that stands in no account (moto: any)."""
    deleted = center.permission_set(permission_set_arn)
    if any(arn == permission_set_arn for _, arn in center.provisioned):
        raise AwsError("ConflictException", "The permission set is provisioned in accounts.")
    center.permission_sets.remove(deleted)


def provision_permission_set(
    center: IdentityCenter,
    *,
    permission_set_arn: str,
    target_type: str,
    target_id: str | None = None,
) -> dict[str, Any]:
    """Start to bring the present state of a permission set into one account or all that have it (moto: nowhere)."""
    provisioned = center.permission_set(permission_set_arn)
    having = [account for account, arn in center.provisioned if arn == permission_set_arn]
    if target_type == "ALL_PROVISIONED_ACCOUNTS":
        targets = having
    elif target_id in having:
        targets = [target_id]
    else:
        raise AwsError("ResourceNotFoundException", f"The permission set is not provisioned in account {target_id}.")

    def work() -> str | None:
        failures = [provision(center, provisioned, account) for account in targets]
        return next((failure for failure in failures if failure is not None), None)

    shape = {"PermissionSetArn": permission_set_arn, "AccountId": target_id}
    operation = begin(center, "ProvisionPermissionSet", shape, targets, work)
    return {"PermissionSetProvisioningStatus": operation.describe()}


def describe_permission_set_provisioning_status(
    center: IdentityCenter, *, provision_permission_set_request_id: str
) -> dict[str, Any]:
    """Return how a provisioning stands (missing in moto)."""
    operation = find_operation(center, "ProvisionPermissionSet", provision_permission_set_request_id)
    return {"PermissionSetProvisioningStatus": operation.describe()}


def list_permission_set_provisioning_status(
    center: IdentityCenter,
    *,
    max_results: int | None = None,
    next_token: str | None = None,
    filter: dict[str, str] | None = None,  # noqa: A002  the name of the parameter in AWS
) -> dict[str, Any]:
    """Return how all provisionings stand (missing in moto)."""
    found, token = list_operations(center, "ProvisionPermissionSet", next_token, max_results, filter)
    return {"PermissionSetsProvisioningStatus": found, "NextToken": token}


def list_permission_sets_provisioned_to_account(
    center: IdentityCenter,
    *,
    account_id: str,
    provisioning_status: str | None = None,
    max_results: int | None = None,
    next_token: str | None = None,
) -> dict[str, Any]:
    """Return the permission sets that stand in an account (moto: in the caller's)."""
    arns = [
        arn
        for account, arn in center.provisioned
        if account == account_id and provisioning_status in (None, _state(center, account, arn))
    ]
    found, token = page(arns, next_token, max_results)
    return {"PermissionSets": found, "NextToken": token}


def list_accounts_for_provisioned_permission_set(
    center: IdentityCenter,
    *,
    permission_set_arn: str,
    provisioning_status: str | None = None,
    max_results: int | None = None,
    next_token: str | None = None,
) -> dict[str, Any]:
    """Return the accounts in which a permission set stands."""
    accounts = [
        account
        for account, arn in center.provisioned
        if arn == permission_set_arn and provisioning_status in (None, _state(center, account, arn))
    ]
    found, token = page(accounts, next_token, max_results)
    return {"AccountIds": found, "NextToken": token}


def put_permissions_boundary_to_permission_set(
    center: IdentityCenter, *, permission_set_arn: str, permissions_boundary: dict[str, Any]
) -> None:
    """Give a permission set a boundary (missing in moto)."""
    center.permission_set(permission_set_arn).permissions_boundary = permissions_boundary


def get_permissions_boundary_for_permission_set(center: IdentityCenter, *, permission_set_arn: str) -> dict[str, Any]:
    """Return the boundary; raise ResourceNotFoundException where there is none (missing in moto)."""
    boundary = center.permission_set(permission_set_arn).permissions_boundary
    if boundary is None:
        raise AwsError("ResourceNotFoundException", "The permission set has no permissions boundary.")
    return {"PermissionsBoundary": boundary}


def delete_permissions_boundary_from_permission_set(center: IdentityCenter, *, permission_set_arn: str) -> None:
    """Take the boundary away (missing in moto)."""
    center.permission_set(permission_set_arn).permissions_boundary = None


def tag_resource(center: IdentityCenter, *, resource_arn: str, tags: Sequence[dict[str, str]]) -> None:
    """Tag a permission set (missing in moto)."""
    center.permission_set(resource_arn).tag_values.update({tag["Key"]: tag["Value"] for tag in tags})


def untag_resource(center: IdentityCenter, *, resource_arn: str, tag_keys: Sequence[str]) -> None:
    """Take tags from a permission set (missing in moto)."""
    for key in tag_keys:
        center.permission_set(resource_arn).tag_values.pop(key, None)


def list_tags_for_resource(
    center: IdentityCenter, *, resource_arn: str, next_token: str | None = None
) -> dict[str, Any]:
    """Return the tags of a permission set (missing in moto)."""
    found, token = page(list(center.permission_set(resource_arn).tag_values.items()), next_token, None)
    return {"Tags": [{"Key": key, "Value": value} for key, value in found], "NextToken": token}


def _state(center: IdentityCenter, account_id: str, arn: str) -> str:
    present = center.permission_set(arn).definition()
    return _LATEST if center.provisioned[account_id, arn].definition == present else _NOT_LATEST
