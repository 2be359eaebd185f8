"""The instance, its permission sets and its identity store."""

from __future__ import annotations

import re
from typing import Any

import pytest

from avm_emulator.context import Emulator
from avm_emulator.identity_center import enable_identity_center
from tests.emulator.identity_center.conftest import Center, Refused


def test_nobody_has_an_instance_before_it_is_enabled(empty: Emulator) -> None:
    for region in ("eu-west-1", "us-east-1"):
        assert empty.clients.client("sso-admin", region).list_instances()["Instances"] == []


def test_an_instance_needs_an_organization(empty: Emulator) -> None:
    with pytest.raises(ValueError, match="has no organization: call CreateOrganization first"):
        enable_identity_center(empty)


def test_there_is_one_instance_in_its_primary_region(center: Center) -> None:
    (instance,) = center.admin.list_instances()["Instances"]
    assert re.fullmatch(r"arn:aws:sso:::instance/ssoins-[0-9a-f]{16}", instance["InstanceArn"])
    assert re.fullmatch(r"d-[0-9a-f]{10}", instance["IdentityStoreId"])
    assert (instance["OwnerAccountId"], instance["Status"]) == ("123456789012", "ACTIVE")
    assert instance["PrimaryRegion"] == "eu-west-1"
    assert [region["RegionName"] for region in instance["Regions"]] == ["eu-west-1"]
    described = center.admin.describe_instance(InstanceArn=center.arn)
    assert described["PermissionSetsEnabled"] is True
    assert described.items() >= instance.items()
    with pytest.raises(ValueError, match="enabled already, in eu-west-1"):
        enable_identity_center(center.emulator)


def test_from_another_region_the_instance_is_seen_only_with_all_regions(center: Center) -> None:
    elsewhere = center.emulator.clients.client("sso-admin", "us-east-1")
    assert elsewhere.list_instances()["Instances"] == []
    (instance,) = elsewhere.list_instances(RegionScope="ALL_REGIONS")["Instances"]
    assert instance["InstanceArn"] == center.arn


def test_enabling_gives_the_service_trusted_access(center: Center) -> None:
    listed = center.emulator.clients.client("organizations").list_aws_service_access_for_organization()
    assert [service["ServicePrincipal"] for service in listed["EnabledServicePrincipals"]] == ["sso.amazonaws.com"]


def test_an_instance_that_is_not_there_is_not_accessible(center: Center, refused: Refused) -> None:
    other = "arn:aws:sso:::instance/ssoins-1111111111111111"
    for operation in (center.admin.list_permission_sets, center.admin.describe_instance):
        assert refused(operation, InstanceArn=other) == "AccessDeniedException"


def test_a_delegated_administrator_works_with_the_instance_but_not_on_the_management_account(
    center: Center, refused: Refused
) -> None:
    role = f"arn:aws:iam::{center.account_id}:role/OrganizationAccountAccessRole"
    member = center.emulator.clients.client("sso-admin", role_arn=role)
    assert member.list_instances()["Instances"] == []
    center.emulator.clients.client("organizations").register_delegated_administrator(
        AccountId=center.account_id, ServicePrincipal="sso.amazonaws.com"
    )
    assert member.list_instances()["Instances"] == [center.instance]
    arn = center.permission_set()
    started = member.create_account_assignment(**center.assignment(arn))["AccountAssignmentCreationStatus"]
    center.pass_time()
    assert center.status(started)["Status"] == "SUCCEEDED"
    forbidden = center.assignment(arn, TargetId="123456789012")
    assert refused(member.create_account_assignment, **forbidden) == "AccessDeniedException"
    store = center.emulator.clients.client("identitystore", role_arn=role)
    groups = store.list_groups(IdentityStoreId=center.instance["IdentityStoreId"])["Groups"]
    assert [group["DisplayName"] for group in groups] == ["developers"]


def test_a_permission_set_has_an_arn_of_its_instance_and_the_documented_default_duration(center: Center) -> None:
    arn = center.permission_set("Audit", Description="Looks around", Tags=[{"Key": "a", "Value": "1"}])
    instance_id = center.arn.rpartition("/")[2]
    assert re.fullmatch(rf"arn:aws:sso:::permissionSet/{instance_id}/ps-[0-9a-f]{{16}}", arn)
    described = center.admin.describe_permission_set(InstanceArn=center.arn, PermissionSetArn=arn)["PermissionSet"]
    assert (described["Name"], described["Description"], described["SessionDuration"]) == (
        "Audit",
        "Looks around",
        "PT1H",
    )
    arguments = {"InstanceArn": center.arn, "ResourceArn": arn}
    center.admin.tag_resource(**arguments, Tags=[{"Key": "b", "Value": "2"}])
    center.admin.untag_resource(**arguments, TagKeys=["a"])
    assert center.admin.list_tags_for_resource(**arguments)["Tags"] == [{"Key": "b", "Value": "2"}]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"Name": "DeveloperAccess"}, "ConflictException"),
        ({"Name": "two words"}, "ValidationException"),
        ({"Name": "n" * 33}, "ValidationException"),
        ({"Name": "other", "SessionDuration": "PT13H"}, "ValidationException"),
        ({"Name": "other", "SessionDuration": "PT30M"}, "ValidationException"),
        ({"Name": "other", "SessionDuration": "3600"}, "ValidationException"),
    ],
)
def test_a_permission_set_that_cannot_be_is_refused(
    center: Center, refused: Refused, arguments: dict[str, Any], code: str
) -> None:
    center.permission_set("DeveloperAccess")
    assert refused(center.admin.create_permission_set, InstanceArn=center.arn, **arguments) == code


def test_an_update_changes_what_is_given_and_keeps_the_rest(center: Center) -> None:
    arn = center.permission_set(Description="before", SessionDuration="PT2H")
    center.admin.update_permission_set(InstanceArn=center.arn, PermissionSetArn=arn, SessionDuration="PT1H30M")
    described = center.admin.describe_permission_set(InstanceArn=center.arn, PermissionSetArn=arn)["PermissionSet"]
    assert (described["Description"], described["SessionDuration"]) == ("before", "PT1H30M")


def test_accounts_follow_a_changed_permission_set_only_when_it_is_provisioned(center: Center) -> None:
    arn = center.permission_set()
    center.assign(arn)
    arguments = {"InstanceArn": center.arn, "PermissionSetArn": arn}
    policy = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    center.admin.attach_managed_policy_to_permission_set(**arguments, ManagedPolicyArn=policy)
    (role,) = center.roles()

    def attached() -> list[str]:
        listed = center.iam().list_attached_role_policies(RoleName=role["RoleName"])["AttachedPolicies"]
        return [policy["PolicyArn"] for policy in listed]

    def behind() -> list[str]:
        return list(
            center.admin.list_accounts_for_provisioned_permission_set(
                **arguments, ProvisioningStatus="LATEST_PERMISSION_SET_NOT_PROVISIONED"
            )["AccountIds"]
        )

    assert (attached(), behind()) == ([], [center.account_id])
    started = center.admin.provision_permission_set(**arguments, TargetType="AWS_ACCOUNT", TargetId=center.account_id)[
        "PermissionSetProvisioningStatus"
    ]
    assert (started["Status"], attached()) == ("IN_PROGRESS", [])
    center.pass_time()
    status = center.admin.describe_permission_set_provisioning_status(
        InstanceArn=center.arn, ProvisionPermissionSetRequestId=started["RequestId"]
    )["PermissionSetProvisioningStatus"]
    assert (status["Status"], attached(), behind()) == ("SUCCEEDED", [policy], [])
    assert [found["RoleName"] for found in center.roles()] == [role["RoleName"]]
    center.admin.detach_managed_policy_from_permission_set(**arguments, ManagedPolicyArn=policy)
    center.admin.provision_permission_set(**arguments, TargetType="ALL_PROVISIONED_ACCOUNTS")
    center.pass_time()
    assert attached() == []
    listed = center.admin.list_permission_set_provisioning_status(InstanceArn=center.arn)
    assert [s["Status"] for s in listed["PermissionSetsProvisioningStatus"]] == ["SUCCEEDED", "SUCCEEDED"]


def test_a_permission_set_cannot_be_provisioned_where_nobody_has_it(center: Center, refused: Refused) -> None:
    arn = center.permission_set()
    provisioning = refused(
        center.admin.provision_permission_set,
        InstanceArn=center.arn,
        PermissionSetArn=arn,
        TargetType="AWS_ACCOUNT",
        TargetId=center.account_id,
    )
    assert provisioning == "ResourceNotFoundException"


def test_a_permission_set_in_use_cannot_be_deleted(center: Center, refused: Refused) -> None:
    arn = center.permission_set()
    arguments = {"InstanceArn": center.arn, "PermissionSetArn": arn}
    center.assign(arn)
    provisioned = center.admin.list_permission_sets_provisioned_to_account(
        InstanceArn=center.arn, AccountId=center.account_id
    )
    assert provisioned["PermissionSets"] == [arn]
    assert refused(center.admin.delete_permission_set, **arguments) == "ConflictException"
    center.unassign(arn)
    center.admin.delete_permission_set(**arguments)
    assert refused(center.admin.describe_permission_set, **arguments) == "ResourceNotFoundException"


def test_a_managed_policy_must_exist(center: Center, refused: Refused) -> None:
    attaching = refused(
        center.admin.attach_managed_policy_to_permission_set,
        InstanceArn=center.arn,
        PermissionSetArn=center.permission_set(),
        ManagedPolicyArn="arn:aws:iam::aws:policy/Nonsense",
    )
    assert attaching == "ResourceNotFoundException"


def test_groups_and_users_are_found_by_their_unique_attributes(center: Center, refused: Refused) -> None:
    store_id = center.instance["IdentityStoreId"]

    def by(path: str, value: str) -> dict[str, object]:
        unique = {"AttributePath": path, "AttributeValue": value}
        return {"IdentityStoreId": store_id, "AlternateIdentifier": {"UniqueAttribute": unique}}

    assert center.store.get_group_id(**by("displayName", "developers"))["GroupId"] == center.group_id
    assert center.store.get_user_id(**by("userName", "jane.doe@example.com"))["UserId"] == center.user_id
    assert center.store.get_user_id(**by("emails.value", "jane@example.com"))["UserId"] == center.user_id
    assert refused(center.store.get_group_id, **by("displayName", "nobody")) == "ResourceNotFoundException"
    assert refused(center.store.get_user_id, **by("userName", "nobody")) == "ResourceNotFoundException"


def test_a_user_without_emails_does_not_hide_the_others(center: Center) -> None:
    store_id = center.instance["IdentityStoreId"]
    created = center.store.create_user(
        IdentityStoreId=store_id, UserName="a", DisplayName="A", Name={"GivenName": "A", "FamilyName": "A"}
    )
    last = center.store.create_user(
        IdentityStoreId=store_id,
        UserName="b",
        DisplayName="B",
        Name={"GivenName": "B", "FamilyName": "B"},
        Emails=[{"Value": "b@example.com"}],
    )
    unique = {"AttributePath": "emails.value", "AttributeValue": "b@example.com"}
    found = center.store.get_user_id(IdentityStoreId=store_id, AlternateIdentifier={"UniqueAttribute": unique})
    assert found["UserId"] == last["UserId"] != created["UserId"]


def test_a_store_that_is_not_there_is_not_found(center: Center, refused: Refused) -> None:
    assert refused(center.store.list_groups, IdentityStoreId="d-1111111111") == "ResourceNotFoundException"
