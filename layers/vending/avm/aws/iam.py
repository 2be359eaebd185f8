"""IAM in a member account: the roles that the machine works in there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from avm.aws.errors import translated, unless
from avm.domain.errors import NotYetVisible
from avm.domain.trust import Document

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient


@dataclass(frozen=True)
class Role:
    """A role as IAM shows it."""

    arn: str
    trust: Document
    policies: Mapping[str, Document]
    """The inline policies by name."""
    attached: tuple[str, ...]
    """ARNs of the managed policies."""
    boundary: str | None
    """ARN of the permissions boundary."""


class Roles:
    """The roles of one account. What IAM has just made it may not show yet: look again, later."""

    def __init__(self, client: IAMClient) -> None:
        """``client``: with the credentials of a session in the account."""
        self._client = client

    def role(self, name: str) -> Role | None:
        """Return the role with its policies; None where there is none."""
        try:
            with translated(NoSuchEntity=NotYetVisible):
                role: Any = self._client.get_role(RoleName=name)["Role"]
        except NotYetVisible:
            return None
        with translated(NoSuchEntity=NotYetVisible):
            names = self._pages("list_role_policies", "PolicyNames", name)
            policies: dict[str, Any] = {
                policy: self._client.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
                for policy in names
            }
            attached = self._pages("list_attached_role_policies", "AttachedPolicies", name)
        return Role(
            arn=role["Arn"],
            trust=role["AssumeRolePolicyDocument"],
            policies=policies,
            attached=tuple(policy["PolicyArn"] for policy in attached),
            boundary=role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
        )

    def trust(self, name: str) -> Document:
        """Return whom the role trusts; raises NotYetVisible where there is none."""
        with translated(NoSuchEntity=NotYetVisible):
            role: Any = self._client.get_role(RoleName=name)["Role"]
        document: Document = role["AssumeRolePolicyDocument"]
        return document

    def exists(self, name: str) -> bool:
        """Return whether there is a role of this name."""
        with translated(), unless("NoSuchEntity"):
            self._client.get_role(RoleName=name)
            return True
        return False

    def create_linked(self, service: str) -> None:
        """Create the role of a service (``config.amazonaws.com``); one that exists already, unseen, is success."""
        with translated():
            try:
                self._client.create_service_linked_role(AWSServiceName=service)
            except ClientError as error:
                if "has been taken" not in str(error):  # InvalidInput stands for more than this
                    raise

    def create(self, name: str, path: str, description: str, trust: Document) -> None:
        """Create a role; one that exists already, unseen, is success."""
        with translated(), unless("EntityAlreadyExists"):
            self._client.create_role(
                RoleName=name, Path=path, Description=description, AssumeRolePolicyDocument=json.dumps(trust)
            )

    def set_trust(self, name: str, trust: Document) -> None:
        """Say whom the role trusts."""
        with translated(NoSuchEntity=NotYetVisible):
            self._client.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(trust))

    def put_policy(self, name: str, policy_name: str, document: Document) -> None:
        """Put an inline policy into the role."""
        with translated(NoSuchEntity=NotYetVisible):
            self._client.put_role_policy(RoleName=name, PolicyName=policy_name, PolicyDocument=json.dumps(document))

    def delete_policy(self, name: str, policy_name: str) -> None:
        """Take an inline policy from the role; one that is not there is success."""
        with translated(), unless("NoSuchEntity"):
            self._client.delete_role_policy(RoleName=name, PolicyName=policy_name)

    def detach_policy(self, name: str, policy_arn: str) -> None:
        """Take a managed policy from the role; one that is not attached is success."""
        with translated(), unless("NoSuchEntity"):
            self._client.detach_role_policy(RoleName=name, PolicyArn=policy_arn)

    def delete_boundary(self, name: str) -> None:
        """Take the permissions boundary from the role; none is success."""
        with translated(), unless("NoSuchEntity"):
            self._client.delete_role_permissions_boundary(RoleName=name)

    def _pages(self, operation: Any, key: str, name: str) -> list[Any]:
        pages = self._client.get_paginator(operation).paginate(RoleName=name)
        return [found for page in pages for found in page[key]]
