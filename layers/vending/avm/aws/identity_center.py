"""IAM Identity Center and its identity store: who gets which permission set in which account."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from avm.aws.errors import translated
from avm.domain.errors import FoundationBehind, NotYetVisible, PrincipalNotFound

if TYPE_CHECKING:
    from mypy_boto3_identitystore import IdentityStoreClient
    from mypy_boto3_sso_admin import SSOAdminClient

PrincipalType = Literal["GROUP", "USER"]
_CREATE, _DELETE = "CreateAccountAssignment", "DeleteAccountAssignment"


@dataclass(frozen=True)
class AccountAssignment:
    """One principal's permission set in one account, by Identity Center's ids."""

    principal_type: PrincipalType
    principal_id: str
    permission_set_arn: str


@dataclass(frozen=True)
class AssignmentOperation:
    """An asynchronous change of an assignment."""

    call: str
    """``CreateAccountAssignment`` or ``DeleteAccountAssignment``."""
    request_id: str
    status: str
    failure_reason: str | None = None

    @property
    def id(self) -> str:
        """Return by what the operation is found again."""
        return f"{self.call}/{self.request_id}"


class IdentityCenter:
    """The organization's instance of Identity Center."""

    def __init__(self, sso_admin: SSOAdminClient, identity_store: IdentityStoreClient) -> None:
        """Both clients in the instance's primary Region."""
        self._sso_admin = sso_admin
        self._identity_store = identity_store
        self._instance_ids: tuple[str, str] | None = None
        self._permission_sets: dict[str, str] = {}

    def group_id(self, display_name: str) -> str:
        """Return a group's id; raises PrincipalNotFound."""
        missing = f"Identity Center has no group '{display_name}'"
        with translated(ResourceNotFoundException=_because(PrincipalNotFound, missing)):
            return self._identity_store.get_group_id(
                IdentityStoreId=self._instance()[1],
                AlternateIdentifier=_unique("displayName", display_name),
            )["GroupId"]

    def user_id(self, user_name: str) -> str:
        """Return a user's id; raises PrincipalNotFound."""
        missing = f"Identity Center has no user '{user_name}'"
        with translated(ResourceNotFoundException=_because(PrincipalNotFound, missing)):
            return self._identity_store.get_user_id(
                IdentityStoreId=self._instance()[1],
                AlternateIdentifier=_unique("userName", user_name),
            )["UserId"]

    def permission_set_arn(self, name: str) -> str:
        """Return a permission set's ARN; raises FoundationBehind where Identity Center does not have it."""
        if name not in self._permission_sets:
            instance = self._instance()[0]
            for arn in self._pages("list_permission_sets", "PermissionSets", InstanceArn=instance):
                if arn in self._permission_sets.values():
                    continue
                with translated():
                    described = self._sso_admin.describe_permission_set(InstanceArn=instance, PermissionSetArn=arn)
                self._permission_sets[described["PermissionSet"]["Name"]] = arn
        if name not in self._permission_sets:
            message = f"Identity Center has no permission set '{name}'"
            raise FoundationBehind(message)
        return self._permission_sets[name]

    def assignments(self, account_id: str, permission_set_arn: str) -> set[AccountAssignment]:
        """Return who holds the permission set in the account."""
        listed = self._pages(
            "list_account_assignments",
            "AccountAssignments",
            InstanceArn=self._instance()[0],
            AccountId=account_id,
            PermissionSetArn=permission_set_arn,
        )
        return {AccountAssignment(row["PrincipalType"], row["PrincipalId"], row["PermissionSetArn"]) for row in listed}

    def provisioned_permission_sets(self, account_id: str) -> set[str]:
        """Return the ARNs of the permission sets that somebody may hold in the account."""
        return set(
            self._pages(
                "list_permission_sets_provisioned_to_account",
                "PermissionSets",
                InstanceArn=self._instance()[0],
                AccountId=account_id,
            )
        )

    def create_assignment(self, account_id: str, assignment: AccountAssignment) -> AssignmentOperation:
        """Start an assignment; a repeated one is not refused and harmless (aws-semantics 2)."""
        with translated(ResourceNotFoundException=NotYetVisible):
            answer = self._sso_admin.create_account_assignment(**self._named(account_id, assignment))
        return _operation(_CREATE, answer["AccountAssignmentCreationStatus"])

    def delete_assignment(self, account_id: str, assignment: AccountAssignment) -> AssignmentOperation:
        """Begin to take an assignment away."""
        with translated(ResourceNotFoundException=NotYetVisible):
            answer = self._sso_admin.delete_account_assignment(**self._named(account_id, assignment))
        return _operation(_DELETE, answer["AccountAssignmentDeletionStatus"])

    def operation(self, operation_id: str) -> AssignmentOperation:
        """Return how far an operation is; ``operation_id``: its ``AssignmentOperation.id``."""
        call, _, request_id = operation_id.partition("/")
        instance = self._instance()[0]
        with translated(ResourceNotFoundException=NotYetVisible):
            if call == _DELETE:
                deleted = self._sso_admin.describe_account_assignment_deletion_status(
                    InstanceArn=instance, AccountAssignmentDeletionRequestId=request_id
                )
                return _operation(call, deleted["AccountAssignmentDeletionStatus"])
            created = self._sso_admin.describe_account_assignment_creation_status(
                InstanceArn=instance, AccountAssignmentCreationRequestId=request_id
            )
            return _operation(call, created["AccountAssignmentCreationStatus"])

    def _named(self, account_id: str, assignment: AccountAssignment) -> Any:
        return {
            "InstanceArn": self._instance()[0],
            "TargetId": account_id,
            "TargetType": "AWS_ACCOUNT",
            "PermissionSetArn": assignment.permission_set_arn,
            "PrincipalType": assignment.principal_type,
            "PrincipalId": assignment.principal_id,
        }

    def _instance(self) -> tuple[str, str]:
        if self._instance_ids is None:
            with translated():
                instances = self._sso_admin.list_instances()["Instances"]
            if not instances:
                message = "IAM Identity Center is not enabled in this Region and organization"
                raise FoundationBehind(message)
            self._instance_ids = (instances[0]["InstanceArn"], instances[0]["IdentityStoreId"])
        return self._instance_ids

    def _pages(self, operation: Any, key: str, **arguments: Any) -> Iterator[Any]:
        with translated(ResourceNotFoundException=NotYetVisible):
            for page in self._sso_admin.get_paginator(operation).paginate(**arguments):
                yield from page[key]


def _unique(path: str, value: str) -> Any:
    return {"UniqueAttribute": {"AttributePath": path, "AttributeValue": value}}


def _operation(call: str, status: Any) -> AssignmentOperation:
    return AssignmentOperation(call, status["RequestId"], status["Status"], status.get("FailureReason"))


def _because(kind: type[PrincipalNotFound], message: str) -> Callable[[str], PrincipalNotFound]:
    """Return a maker of ``kind`` that says ``message`` and keeps AWS's words behind it."""
    return lambda cause: kind(f"{message} ({cause})")
