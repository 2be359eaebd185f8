"""Policies and their attachments; moto checks neither documents nor numbers nor types (aws-semantics 1.5)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from moto.organizations.utils import make_random_policy_id

from avm_emulator.errors import AwsError
from avm_emulator.organizations.documents import check_document
from avm_emulator.organizations.errors import constraint_violation, invalid_input
from avm_emulator.organizations.pages import page
from avm_emulator.organizations.state import (
    DEFAULT_POLICIES,
    Organization,
    Policy,
    Target,
    enumeration,
)
from avm_emulator.organizations.validation import check_name, check_tags

POLICY_TYPES = enumeration("PolicyType")
MAX_ATTACHED = dict.fromkeys(POLICY_TYPES, 10) | {
    "RESOURCE_CONTROL_POLICY": 5,
    "CHATBOT_POLICY": 5,
    "AISERVICES_OPT_OUT_POLICY": 5,
}
"""Policies of one type that may stand on one root, OU or account; inherited ones do not count (aws-semantics 1.5)."""


def check_policy_type(policy_type: str) -> None:
    """Raise InvalidInputException for a type that the botocore model does not have."""
    if policy_type not in POLICY_TYPES:
        raise invalid_input("INVALID_ENUM_POLICY_TYPE", "You specified an invalid policy type string.")


def summary(policy: Policy) -> dict[str, Any]:
    """Return the shape ``PolicySummary``."""
    return {
        "Id": policy.id,
        "Arn": policy.arn,
        "Name": policy.name,
        "Description": policy.description,
        "Type": policy.type,
        "AwsManaged": policy.aws_managed,
    }


def describe(policy: Policy) -> dict[str, Any]:
    """Return the shape ``Policy``."""
    return {"Policy": {"PolicySummary": summary(policy), "Content": policy.content}}


def check_available(organization: Organization) -> None:
    """Raise PolicyTypeNotAvailableForOrganizationException where the organization has consolidated billing only."""
    if organization.entity.feature_set != "ALL":
        raise AwsError(
            "PolicyTypeNotAvailableForOrganizationException",
            "You can't use the specified policy type with the feature set currently enabled for this organization.",
        )


def create_policy(
    organization: Organization,
    *,
    content: str,
    description: str,
    name: str,
    type: str,  # noqa: A002  the name of the parameter in AWS
    tags: Sequence[dict[str, str]] = (),
) -> dict[str, Any]:
    """Create a policy that is attached to nothing."""
    check_policy_type(type)
    check_available(organization)
    check_name(name)
    checked_tags = check_tags(tags)
    check_document(type, content)
    _check_unique(organization, name)
    policy = Policy(
        organization.entity,
        policy_id=make_random_policy_id(),
        name=name,
        policy_type=type,
        content=content,
        description=description,
        tags=checked_tags,
    )
    organization.policies.append(policy)
    return describe(policy)


def update_policy(
    organization: Organization,
    *,
    policy_id: str,
    name: str | None = None,
    description: str | None = None,
    content: str | None = None,
) -> dict[str, Any]:
    """Change a policy wherever it is attached; moto changes AWS-managed ones, too."""
    policy = _changeable(organization, policy_id)
    if content is not None:
        check_document(policy.type, content)
    if name is not None and name != policy.name:
        check_name(name)
        _check_unique(organization, name)
    policy.name = policy.name if name is None else name
    policy.description = policy.description if description is None else description
    policy.content = policy.content if content is None else content
    return describe(policy)


def describe_policy(organization: Organization, *, policy_id: str) -> dict[str, Any]:
    """Return a policy with its document."""
    return describe(organization.policy(policy_id))


def delete_policy(organization: Organization, *, policy_id: str) -> None:
    """Delete a policy that is attached to nothing."""
    policy = _changeable(organization, policy_id)
    if policy.attachments:
        raise AwsError("PolicyInUseException", "The policy is attached to one or more entities.")
    organization.policies.remove(policy)


def list_policies(
    organization: Organization,
    *,
    filter: str,  # noqa: A002  the name of the parameter in AWS
    next_token: str | None = None,
    max_results: int | None = None,
) -> dict[str, Any]:
    """Return the policies of one type."""
    check_policy_type(filter)
    found, token = page(organization.policies, next_token, max_results, keep=lambda policy: policy.type == filter)
    return {"Policies": [summary(policy) for policy in found if isinstance(policy, Policy)], "NextToken": token}


def list_policies_for_target(
    organization: Organization,
    *,
    target_id: str,
    filter: str,  # noqa: A002  the name of the parameter in AWS
    next_token: str | None = None,
    max_results: int | None = None,
) -> dict[str, Any]:
    """Return the policies of one type on one root, OU or account; inherited ones are not among them."""
    check_policy_type(filter)
    attached = organization.target(target_id).attached_policies
    found, token = page(attached, next_token, max_results, keep=lambda policy: policy.type == filter)
    return {"Policies": [summary(policy) for policy in found if isinstance(policy, Policy)], "NextToken": token}


def list_targets_for_policy(
    organization: Organization, *, policy_id: str, next_token: str | None = None, max_results: int | None = None
) -> dict[str, Any]:
    """Return where a policy is attached."""
    found, token = page(organization.policy(policy_id).attachments, next_token, max_results)
    targets = [{"TargetId": t.id, "Arn": t.arn, "Name": t.name, "Type": t.type} for t in found]
    return {"Targets": targets, "NextToken": token}


def attach_policy(organization: Organization, *, policy_id: str, target_id: str) -> None:
    """Attach a policy; moto does it twice, beyond every number, and for types that are not enabled."""
    policy = organization.policy(policy_id)
    target = organization.target(target_id)
    if not organization.root.enabled(policy.type):
        raise AwsError(
            "PolicyTypeNotEnabledException", "This operation can be performed only for enabled policy types."
        )
    if policy in target.attached_policies:
        raise AwsError(
            "DuplicatePolicyAttachmentException", "The selected policy is already attached to the specified target."
        )
    if _number_of(target, policy.type) >= MAX_ATTACHED[policy.type]:
        raise constraint_violation(
            "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
            "You have attached the maximum number of policies of this type to the specified target.",
        )
    _attach(policy, target)


def detach_policy(organization: Organization, *, policy_id: str, target_id: str) -> None:
    """Detach a policy; moto detaches the last SCP, and says nothing about one that is not attached."""
    policy = organization.policy(policy_id)
    target = organization.target(target_id)
    if policy not in target.attached_policies:
        raise AwsError("PolicyNotAttachedException", "The policy isn't attached to the specified target.")
    if policy.id == DEFAULT_POLICIES["RESOURCE_CONTROL_POLICY"]:
        raise invalid_input("NON_DETACHABLE_POLICY", "You can't detach this AWS Managed Policy.")
    if policy.type == "SERVICE_CONTROL_POLICY" and _number_of(target, policy.type) == 1:
        raise constraint_violation(
            "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
            "You cannot remove the last policy attached to the specified target. You should have at least one attached "
            "at all times.",
        )
    _detach(policy, target)


def attach_default_policies(organization: Organization, target: Target, policy_type: str | None = None) -> None:
    """Put the AWS-managed policy of every enabled type (or of the one given) on an entity."""
    for default_type, policy_id in DEFAULT_POLICIES.items():
        if organization.root.enabled(default_type) and policy_type in (None, default_type):
            _attach(organization.policy(policy_id), target)


def detach_all(target: Target, policy_type: str | None = None) -> None:
    """Detach every policy (of one type) from an entity that goes, or for which the type goes."""
    for policy in list(target.attached_policies):
        if policy_type in (None, policy.type):
            _detach(policy, target)


def _changeable(organization: Organization, policy_id: str) -> Policy:
    policy = organization.policy(policy_id)
    if policy.aws_managed:
        raise invalid_input("IMMUTABLE_POLICY", "You specified a policy that is managed by AWS and can't be modified.")
    return policy


def _check_unique(organization: Organization, name: str) -> None:
    if any(policy.name == name for policy in organization.policies):
        raise AwsError("DuplicatePolicyException", "A policy with the same name already exists.")


def _number_of(target: Target, policy_type: str) -> int:
    return sum(policy.type == policy_type for policy in target.attached_policies)


def _attach(policy: Any, target: Target) -> None:
    target.attached_policies.append(policy)
    policy.attachments.append(target)


def _detach(policy: Any, target: Target) -> None:
    target.attached_policies.remove(policy)
    policy.attachments.remove(target)
