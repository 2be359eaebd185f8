"""An organization with Identity Center, one group, one user and one account for each test; the clock is held."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from avm_emulator import identity_center, organizations
from avm_emulator.context import Emulator
from avm_emulator.engine import Options
from avm_emulator.identity_center import enable_identity_center
from avm_emulator.organizations import organization_of

Refused = Callable[..., str]


@dataclass
class Center:
    """The management account's view of its instance."""

    emulator: Emulator
    admin: Any
    store: Any
    instance: dict[str, Any]
    group_id: str
    user_id: str
    account_id: str

    @property
    def arn(self) -> str:
        return str(self.instance["InstanceArn"])

    def pass_time(self, seconds: float = 60) -> None:
        self.emulator.clock.advance(seconds)

    def permission_set(self, name: str = "DeveloperAccess", **more: Any) -> str:
        created = self.admin.create_permission_set(InstanceArn=self.arn, Name=name, **more)
        return str(created["PermissionSet"]["PermissionSetArn"])

    def assignment(self, permission_set_arn: str, **changes: Any) -> dict[str, Any]:
        return {
            "InstanceArn": self.arn,
            "TargetId": self.account_id,
            "TargetType": "AWS_ACCOUNT",
            "PermissionSetArn": permission_set_arn,
            "PrincipalType": "GROUP",
            "PrincipalId": self.group_id,
            **changes,
        }

    def start(self, permission_set_arn: str, **changes: Any) -> dict[str, Any]:
        """Ask for an assignment to the group; return its status."""
        answer = self.admin.create_account_assignment(**self.assignment(permission_set_arn, **changes))
        return dict(answer["AccountAssignmentCreationStatus"])

    def status(self, operation: dict[str, Any]) -> dict[str, Any]:
        answer = self.admin.describe_account_assignment_creation_status(
            InstanceArn=self.arn, AccountAssignmentCreationRequestId=operation["RequestId"]
        )
        return dict(answer["AccountAssignmentCreationStatus"])

    def assign(self, permission_set_arn: str, **changes: Any) -> dict[str, Any]:
        """Make an assignment and return its last status."""
        operation = self.start(permission_set_arn, **changes)
        self.pass_time()
        return self.status(operation)

    def unassign(self, permission_set_arn: str, **changes: Any) -> str:
        """End an assignment and return its last status."""
        answer = self.admin.delete_account_assignment(**self.assignment(permission_set_arn, **changes))
        self.pass_time()
        described = self.admin.describe_account_assignment_deletion_status(
            InstanceArn=self.arn,
            AccountAssignmentDeletionRequestId=answer["AccountAssignmentDeletionStatus"]["RequestId"],
        )
        return str(described["AccountAssignmentDeletionStatus"]["Status"])

    def assignments(self, permission_set_arn: str) -> list[dict[str, Any]]:
        listed = self.admin.list_account_assignments(
            InstanceArn=self.arn, AccountId=self.account_id, PermissionSetArn=permission_set_arn
        )
        return list(listed["AccountAssignments"])

    def join(self) -> None:
        """Make the user a member of the group."""
        store_id = self.instance["IdentityStoreId"]
        member = {"UserId": self.user_id}
        self.store.create_group_membership(IdentityStoreId=store_id, GroupId=self.group_id, MemberId=member)

    def iam(self) -> Any:
        """Return IAM of the account."""
        role = f"arn:aws:iam::{self.account_id}:role/OrganizationAccountAccessRole"
        return self.emulator.clients.client("iam", role_arn=role)

    def roles(self) -> list[dict[str, Any]]:
        """Return the roles of Identity Center in the account."""
        return list(self.iam().list_roles(PathPrefix="/aws-reserved/sso.amazonaws.com/")["Roles"])


@pytest.fixture(scope="session")
def refused() -> Refused:
    """Call something that AWS refuses and return the error's code."""

    def call(operation: Callable[..., Any], **arguments: Any) -> str:
        with pytest.raises(ClientError) as caught:
            operation(**arguments)
        return str(caught.value.response["Error"]["Code"])

    return call


@pytest.fixture(scope="module")
def options() -> Options:
    parts = ("avm_emulator.managed_policies", "avm_emulator.organizations", "avm_emulator.identity_center")
    return Options(speed="max", prepare=False, deploy=False, parts=parts)


@pytest.fixture
def empty(emulator: Emulator) -> Emulator:
    """An emulator in which nobody has an organization, its clock held."""
    emulator.clock.hold(held=True)
    former = organization_of(emulator.management_account_id)
    if former is not None:
        former.forget()
    organizations.install(emulator)
    identity_center.install(emulator)
    return emulator


@pytest.fixture
def center(empty: Emulator) -> Center:
    organization = empty.clients.client("organizations")
    organization.create_organization(FeatureSet="ALL")
    enable_identity_center(empty)
    admin, store = empty.clients.client("sso-admin"), empty.clients.client("identitystore")
    instance = admin.list_instances()["Instances"][0]
    group = store.create_group(IdentityStoreId=instance["IdentityStoreId"], DisplayName="developers")
    user = store.create_user(
        IdentityStoreId=instance["IdentityStoreId"],
        UserName="jane.doe@example.com",
        DisplayName="Jane Doe",
        Name={"GivenName": "Jane", "FamilyName": "Doe"},
        Emails=[{"Value": "jane@example.com", "Primary": True}],
    )
    creation = organization.create_account(AccountName="one", Email="one@example.com")["CreateAccountStatus"]
    empty.clock.advance(60)
    status = organization.describe_create_account_status(CreateAccountRequestId=creation["Id"])["CreateAccountStatus"]
    return Center(empty, admin, store, instance, group["GroupId"], user["UserId"], status["AccountId"])
