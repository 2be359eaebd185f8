"""The roles that Identity Center keeps in accounts: one for each permission set that somebody has there."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any

from moto.core.exceptions import ServiceException
from moto.iam.models import IAMBackend, Role, iam_backends
from werkzeug.exceptions import HTTPException

from avm_emulator.errors import AwsError
from avm_emulator.identity_center.state import Instance, PermissionSet, Provisioned, session_seconds

if TYPE_CHECKING:
    from avm_emulator.boundary import Call

_INLINE_POLICY = "AwsSSOInlinePolicy"
_PATH = "/aws-reserved/sso.amazonaws.com/"


class ProvisioningError(Exception):
    """IAM in the account refused; the message is the FailureReason."""


def protect(call: Call) -> None:
    """Refuse to change a role that Identity Center keeps (an interceptor), in the words that users of IAM report."""
    name = call.parameters.get("RoleName")
    if call.service != "iam" or not call.mutating or name is None or call.operation == "CreateRole":
        return
    roles = list(iam_backends[call.account]["aws"].roles.values())
    if any(role.name == name and role.path.startswith(_PATH) for role in roles):
        message = f"Cannot perform the operation on the protected role '{name}' - this role is only modifiable by AWS"
        raise AwsError("UnmodifiableEntity", message)


def provision(instance: Instance, permission_set: PermissionSet, account_id: str, role_name: str | None) -> Provisioned:
    """Make the role of a permission set in an account what the set says; ``role_name`` is the one that exists.

    Raises:
        ProvisioningError: a policy that the set names does not exist in the account.
    """
    iam = iam_backends[account_id]["aws"]
    try:
        policies = [policy.arn for policy in permission_set.managed_policies]
        policies += [_customer_policy_arn(account_id, p.path, p.name) for p in permission_set.customer_managed_policies]
        for arn in policies:
            iam.get_policy(arn)
        boundary = _boundary_arn(account_id, permission_set.permissions_boundary)
        name = role_name or _create_role(iam, instance, permission_set)
        _write_policies(iam, name, policies, permission_set.inline_policy)
        role = iam.get_role(name)
        role.max_session_duration = str(session_seconds(permission_set.session_duration))
        role.permissions_boundary_arn = boundary
    except (ServiceException, HTTPException) as error:
        # The text that users of the service report, from IAM's answer.
        message = f"Received a 404 status error: {getattr(error, 'message', error)}"
        raise ProvisioningError(message) from error
    return Provisioned(name, permission_set.definition())


def role_in(account_id: str, provisioned: Provisioned) -> Role:
    """Return the role of a permission set that stands in an account."""
    return iam_backends[account_id]["aws"].get_role(provisioned.role_name)


def remove(account_id: str, role_name: str) -> None:
    """Delete the role when nobody has the permission set in the account any more."""
    iam = iam_backends[account_id]["aws"]
    _write_policies(iam, role_name, [], "")
    iam.delete_role(role_name)


def _create_role(iam: IAMBackend, instance: Instance, permission_set: PermissionSet) -> str:
    name = f"AWSReservedSSO_{permission_set.name}_{secrets.token_hex(8)}"
    trust = {
        "Effect": "Allow",
        "Principal": {"Federated": _saml_provider_arn(iam)},
        "Action": ["sts:AssumeRoleWithSAML", "sts:TagSession"],
        "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
    }
    # The Region stands in the path unless it is us-east-1 (user guide: "Referencing permission sets in resource
    # policies").
    region = "" if instance.region == "us-east-1" else f"{instance.region}/"
    iam.create_role(
        role_name=name,
        assume_role_policy_document=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
        path=f"{_PATH}{region}",
        permissions_boundary=None,
        description=permission_set.description or "",
        tags=[],
        max_session_duration=str(session_seconds(permission_set.session_duration)),
    )
    return name


def _saml_provider_arn(iam: IAMBackend) -> str:
    for name, provider in iam.saml_providers.items():
        if name.startswith("AWSSSO_"):
            return str(provider.arn)
    return str(iam.create_saml_provider(f"AWSSSO_{secrets.token_hex(8)}_DO_NOT_DELETE", "<EntityDescriptor/>").arn)


def _write_policies(iam: IAMBackend, role_name: str, arns: list[str], inline_policy: str) -> None:
    role = iam.get_role(role_name)
    for arn in set(role.managed_policies) - set(arns):
        iam.detach_role_policy(arn, role_name)
    for arn in arns:
        if arn not in role.managed_policies:
            iam.attach_role_policy(arn, role_name)
    if inline_policy:
        iam.put_role_policy(role_name, _INLINE_POLICY, inline_policy)
    elif _INLINE_POLICY in role.policies:
        iam.delete_role_policy(role_name, _INLINE_POLICY)


def _customer_policy_arn(account_id: str, path: str, name: str) -> str:
    return f"arn:aws:iam::{account_id}:policy{path}{name}"


def _boundary_arn(account_id: str, boundary: dict[str, Any] | None) -> str | None:
    if boundary is None:
        return None
    if reference := boundary.get("CustomerManagedPolicyReference"):
        arn = _customer_policy_arn(account_id, reference.get("Path", "/"), reference["Name"])
    else:
        arn = boundary["ManagedPolicyArn"]
    iam_backends[account_id]["aws"].get_policy(arn)
    return arn
