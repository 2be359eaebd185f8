"""The permission sets of IAM Identity Center themselves: what the foundation writes, and vends only name."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from avm.aws.errors import translated, unless
from avm.domain.errors import NotYetVisible
from avm.domain.permission_set import PermissionSet

IN_PROGRESS = "IN_PROGRESS"
Provisioned = Literal["LATEST_PERMISSION_SET_PROVISIONED", "LATEST_PERMISSION_SET_NOT_PROVISIONED"]


@dataclass(frozen=True)
class Definition:
    """What a permission set is."""

    name: str
    description: str
    session_duration: str
    managed_policies: tuple[str, ...]
    """ARNs, sorted."""
    inline_policy: str
    """Digest of the document, whatever its layout; empty where there is none."""

    @classmethod
    def wanted(cls, permission_set: PermissionSet, partition: str) -> Definition:
        """Return what the catalog says."""
        inline = permission_set.inline_policy
        return cls(
            permission_set.name,
            permission_set.description,
            permission_set.session_duration,
            tuple(sorted(permission_set.managed_policy_arns(partition))),
            _digest(inline.content() if inline else ""),
        )


class PermissionSets:
    """The permission sets of one instance."""

    def __init__(self, client: Any) -> None:
        """``client``: of boto3's ``sso-admin``, in the instance's primary Region."""
        self._client = client

    def instance(self) -> str | None:
        """Return the ARN of the organization's instance; None while it is not enabled in this Region."""
        with translated():
            instances = self._client.list_instances()["Instances"]
        return str(instances[0]["InstanceArn"]) if instances else None

    def description(self) -> dict[str, str] | None:
        """Return what AWS tells of the organization's instance; None while it is not enabled in this Region."""
        with translated():
            instances = self._client.list_instances()["Instances"]
        told = ("InstanceArn", "IdentityStoreId", "OwnerAccountId", "Status")
        return {name: str(instances[0][name]) for name in told if name in instances[0]} if instances else None

    # -- as they are ---------------------------------------------------------------------------------------------
    def arns(self, instance: str) -> list[str]:
        """Return the ARNs of all permission sets."""
        return list(self._pages("list_permission_sets", "PermissionSets", InstanceArn=instance))

    def definition(self, instance: str, arn: str) -> Definition:
        """Return what a permission set is; it takes three reads at least."""
        target = {"InstanceArn": instance, "PermissionSetArn": arn}
        with translated(ResourceNotFoundException=NotYetVisible):
            described = self._client.describe_permission_set(**target)["PermissionSet"]
            inline = self._client.get_inline_policy_for_permission_set(**target).get("InlinePolicy", "")
        managed = self._pages("list_managed_policies_in_permission_set", "AttachedManagedPolicies", **target)
        return Definition(
            described["Name"],
            described.get("Description", ""),
            described["SessionDuration"],
            tuple(sorted(policy["Arn"] for policy in managed)),
            _digest(inline),
        )

    def accounts(self, instance: str, arn: str, status: Provisioned | None = None) -> list[str]:
        """Return the accounts that a permission set stands in; ``status``: with its present definition, or without."""
        given = {} if status is None else {"ProvisioningStatus": status}
        return list(
            self._pages(
                "list_accounts_for_provisioned_permission_set",
                "AccountIds",
                InstanceArn=instance,
                PermissionSetArn=arn,
                **given,
            )
        )

    def is_provisioning(self, instance: str) -> bool:
        """Say whether Identity Center is bringing any permission set into accounts now."""
        pages = self._pages(
            "list_permission_set_provisioning_status",
            "PermissionSetsProvisioningStatus",
            InstanceArn=instance,
            Filter={"Status": IN_PROGRESS},
        )
        return any(True for _ in pages)

    # -- as they shall be ----------------------------------------------------------------------------------------
    def create(self, instance: str, permission_set: PermissionSet) -> str:
        """Make a permission set without policies, and return its ARN."""
        with translated():
            created = self._client.create_permission_set(
                InstanceArn=instance,
                Name=permission_set.name,
                Description=permission_set.description,
                SessionDuration=permission_set.session_duration,
            )
        return str(created["PermissionSet"]["PermissionSetArn"])

    def update(self, instance: str, arn: str, permission_set: PermissionSet) -> None:
        """Change description and length of sessions."""
        with translated():
            self._client.update_permission_set(
                InstanceArn=instance,
                PermissionSetArn=arn,
                Description=permission_set.description,
                SessionDuration=permission_set.session_duration,
            )

    def attach(self, instance: str, arn: str, policy_arn: str) -> None:
        """Attach a managed policy."""
        with translated():
            self._client.attach_managed_policy_to_permission_set(
                InstanceArn=instance, PermissionSetArn=arn, ManagedPolicyArn=policy_arn
            )

    def detach(self, instance: str, arn: str, policy_arn: str) -> None:
        """Detach a managed policy; one that is not attached is success."""
        with translated(), unless("ResourceNotFoundException"):
            self._client.detach_managed_policy_from_permission_set(
                InstanceArn=instance, PermissionSetArn=arn, ManagedPolicyArn=policy_arn
            )

    def put_inline_policy(self, instance: str, arn: str, content: str) -> None:
        """Set the inline policy."""
        with translated():
            self._client.put_inline_policy_to_permission_set(
                InstanceArn=instance, PermissionSetArn=arn, InlinePolicy=content
            )

    def delete_inline_policy(self, instance: str, arn: str) -> None:
        """Take the inline policy away."""
        with translated():
            self._client.delete_inline_policy_from_permission_set(InstanceArn=instance, PermissionSetArn=arn)

    def provision(self, instance: str, arn: str) -> None:
        """Begin to bring the present definition into all accounts that have the permission set (aws-semantics 2)."""
        with translated():
            self._client.provision_permission_set(
                InstanceArn=instance, PermissionSetArn=arn, TargetType="ALL_PROVISIONED_ACCOUNTS"
            )

    def _pages(self, operation: str, key: str, **arguments: Any) -> Iterator[Any]:
        with translated(ResourceNotFoundException=NotYetVisible):
            for page in self._client.get_paginator(operation).paginate(**arguments):
                yield from page[key]


def _digest(content: str) -> str:
    if not content:
        return ""
    return hashlib.sha256(json.dumps(json.loads(content), sort_keys=True).encode()).hexdigest()[:16]
