"""The organization itself: created, described, deleted; its root and the policy types that work in it."""

from __future__ import annotations

import json
from typing import Any

from moto.organizations.models import FakeOrganization

from avm_emulator.errors import AwsError
from avm_emulator.organizations import events
from avm_emulator.organizations.creation import add_account
from avm_emulator.organizations.errors import invalid_input
from avm_emulator.organizations.policies import (
    attach_default_policies,
    check_available,
    check_policy_type,
    detach_all,
)
from avm_emulator.organizations.state import DEFAULT_POLICIES, Organization, Policy, Root

MANAGEMENT_ACCOUNT_NAME = "management"
MANAGEMENT_ACCOUNT_EMAIL = "management@example.com"

_ALLOW_ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def create_organization(organization: Organization, *, feature_set: str = "ALL") -> dict[str, Any]:
    """Make the caller the management account of a new organization."""
    if feature_set not in ("ALL", "CONSOLIDATED_BILLING"):
        raise invalid_input("INVALID_ENUM", "You specified an invalid value.")
    entity = FakeOrganization(organization.account_id, organization.region_name, feature_set)
    entity.master_account_email = MANAGEMENT_ACCOUNT_EMAIL
    organization.org = entity
    organization.created_at = organization.emulator.clock.now()
    organization.ou.append(Root(entity))
    organization.policies.append(_managed_policy(entity, "SERVICE_CONTROL_POLICY", "FullAWSAccess", _ALLOW_ALL))
    organization.policies.append(
        _managed_policy(entity, "RESOURCE_CONTROL_POLICY", "RCPFullAWSAccess", {**_ALLOW_ALL, "Principal": "*"})
    )
    account = add_account(
        organization,
        account_id=organization.account_id,
        name=MANAGEMENT_ACCOUNT_NAME,
        email=MANAGEMENT_ACCOUNT_EMAIL,
        joined_method="INVITED",
        tags={},
    )
    if feature_set == "ALL":
        # botocore: by default, service control policies are "automatically enabled in the root".
        enable_policy_type(organization, root_id=organization.root.id, policy_type="SERVICE_CONTROL_POLICY")
    events.account_joined(organization, account)
    return describe_organization(organization)


def describe_organization(organization: Organization) -> dict[str, Any]:
    """Return the shape ``Organization``; every member may ask."""
    return organization.entity.describe()


def delete_organization(organization: Organization) -> None:
    """Dissolve an organization that has no member but the management account."""
    if len(organization.accounts) > 1:
        raise AwsError(
            "OrganizationNotEmptyException",
            "To delete an organization you must first remove all member accounts (except the management account).",
        )
    organization.forget()


def enable_policy_type(organization: Organization, *, root_id: str, policy_type: str) -> dict[str, Any]:
    """Let policies of a type work; AWS-managed ones come to stand on every entity."""
    root = _root(organization, root_id)
    check_policy_type(policy_type)
    check_available(organization)
    if root.enabled(policy_type):
        raise AwsError("PolicyTypeAlreadyEnabledException", "The specified policy type is already enabled.")
    root.policy_types.append({"Type": policy_type, "Status": "ENABLED"})
    if policy_type in DEFAULT_POLICIES:
        for target in (*organization.ou, *organization.members()):
            attach_default_policies(organization, target, policy_type)
    return {"Root": root.describe()}


def disable_policy_type(organization: Organization, *, root_id: str, policy_type: str) -> dict[str, Any]:
    """Let policies of a type work no more; all of them are detached from everything."""
    root = _root(organization, root_id)
    check_policy_type(policy_type)
    if not root.enabled(policy_type):
        raise AwsError(
            "PolicyTypeNotEnabledException", "This operation can be performed only for enabled policy types."
        )
    root.policy_types[:] = [entry for entry in root.policy_types if entry["Type"] != policy_type]
    for target in (*organization.ou, *organization.members()):
        detach_all(target, policy_type)
    return {"Root": root.describe()}


def _root(organization: Organization, root_id: str) -> Root:
    root = organization.find_node(root_id)
    if not isinstance(root, Root):
        raise AwsError("RootNotFoundException", "You specified a root that doesn't exist.")
    return root


def _managed_policy(entity: FakeOrganization, policy_type: str, name: str, statement: dict[str, str]) -> Policy:
    return Policy(
        entity,
        policy_id=DEFAULT_POLICIES[policy_type],
        name=name,
        policy_type=policy_type,
        content=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
        description="Allows access to every operation",
        tags={},
        aws_managed=True,
    )
