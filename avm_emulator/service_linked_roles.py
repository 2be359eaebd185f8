"""Service-linked roles of IAM: by which name a service knows its role, what policy it has, what is refused.

moto makes the name out of the service principal (``AWSServiceRoleForconfig``), gives the role no policy, and lets
anybody change or delete it.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from moto.iam.models import IAMBackend, Role, iam_backends
from moto.utilities.utils import get_partition

from avm_emulator.errors import AwsError
from avm_emulator.moto_classes import restore_on_stop

if TYPE_CHECKING:
    from avm_emulator.boundary import Call
    from avm_emulator.context import Emulator

PATH = "/aws-service-role/"


@dataclass(frozen=True)
class LinkedRole:
    """What a service's own role is called, and the AWS-managed policy that it has, below ``aws-service-role/``."""

    name: str
    policy: str


ROLES: Mapping[str, LinkedRole] = {
    f"{service}.amazonaws.com": LinkedRole(f"AWSServiceRoleFor{name}", policy)
    for service, name, policy in (
        ("access-analyzer", "AccessAnalyzer", "AccessAnalyzerServiceRolePolicy"),
        ("cloudtrail", "CloudTrail", "CloudTrailServiceRolePolicy"),
        ("config", "Config", "AWSConfigServiceRolePolicy"),
        ("config-multiaccountsetup", "ConfigMultiAccountSetup", "AWSConfigMultiAccountSetupPolicy"),
        ("guardduty", "AmazonGuardDuty", "AmazonGuardDutyServiceRolePolicy"),
        ("organizations", "Organizations", "AWSOrganizationsServiceTrustPolicy"),
        ("securityhub", "SecurityHub", "AWSSecurityHubServiceRolePolicy"),
        ("sso", "SSO", "AWSSSOServiceRolePolicy"),
    )
}
"""By service principal. Source: each service's page on its service-linked role."""

_OWNERS = frozenset({"DeleteServiceLinkedRole", "TagRole", "UntagRole", "UpdateRoleDescription"})
"""What may be done to such a role by others than its service."""


def install(emulator: Emulator) -> None:
    """Make IAM's service-linked roles those of the services until ``emulator`` stops."""
    restore_on_stop(emulator, IAMBackend)
    IAMBackend.create_service_linked_role = create
    IAMBackend.delete_service_linked_role = _delete
    emulator.boundary.interceptors.append(_protect)


def create(iam: IAMBackend, service_name: str, description: str | None = None, suffix: str | None = None) -> Role:
    """Make a service's role in an account.

    Raise AwsError (InvalidInput) for a role that is there, for a suffix where the service takes none, and for a service
    that has no such role or is not in the table here.
    """
    linked = ROLES.get(service_name)
    if linked is None:
        raise AwsError("InvalidInput", f"{service_name} has no service-linked role that the emulator knows")
    if suffix:
        raise AwsError("InvalidInput", f"Custom suffix is not allowed for {service_name}")
    if any(role.name == linked.name for role in iam.roles.values()):
        message = f"Service role name {linked.name} has been taken in this account, please try a different suffix."
        raise AwsError("InvalidInput", message)
    trust = {"Effect": "Allow", "Principal": {"Service": service_name}, "Action": "sts:AssumeRole"}
    role = iam.create_role(
        role_name=linked.name,
        assume_role_policy_document=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
        path=f"{PATH}{service_name}/",
        permissions_boundary=None,
        description=description or "",
        tags=[],
        max_session_duration="3600",
        linked_service=service_name,
    )
    iam.attach_role_policy(f"arn:{iam.partition}:iam::aws:policy{PATH}{linked.policy}", linked.name)
    return role


def _delete(iam: IAMBackend, role_name: str) -> str:
    role = iam.get_role(role_name)
    service = _service(role)
    if service is None:
        raise AwsError("InvalidInput", f"{role_name} is no service-linked role")
    for arn in list(role.managed_policies):
        iam.detach_role_policy(arn, role_name)
    iam.delete_role(role_name)
    return f"task{PATH}{service}/{role_name}/{uuid.uuid4()}"


def _service(role: Role) -> str | None:
    return role.path.removeprefix(PATH).rstrip("/") if role.path.startswith(PATH) else None


def _protect(call: Call) -> None:
    """Refuse what only a role's service may do to it (an interceptor)."""
    name = call.parameters.get("RoleName")
    if call.service != "iam" or not call.mutating or name is None or call.operation in _OWNERS:
        return
    roles = list(iam_backends[call.account][get_partition(call.region)].roles.values())
    if any(role.name == name and _service(role) for role in roles):
        message = f"Cannot perform the operation on the protected role '{name}' - this role is only modifiable by AWS"
        raise AwsError("UnmodifiableEntity", message)
