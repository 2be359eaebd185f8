"""Account assignments: asynchronous, with a role in the account, and with failures."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.emulator.identity_center.conftest import Center, Refused


def test_an_assignment_is_in_progress_first_and_not_listed_before_it_succeeded(center: Center) -> None:
    arn = center.permission_set()
    operation = center.start(arn)
    assert operation["Status"] == "IN_PROGRESS"
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", operation["RequestId"])
    assert (operation["TargetId"], operation["PrincipalId"]) == (center.account_id, center.group_id)
    assert center.status(operation)["Status"] == "IN_PROGRESS"
    assert center.assignments(arn) == []
    assert center.roles() == []
    center.pass_time()
    assert center.status(operation)["Status"] == "SUCCEEDED"
    assert center.assignments(arn) == [
        {
            "AccountId": center.account_id,
            "PermissionSetArn": arn,
            "PrincipalType": "GROUP",
            "PrincipalId": center.group_id,
        }
    ]


def test_an_assignment_leaves_a_role_with_the_policies_of_the_permission_set(center: Center) -> None:
    arn = center.permission_set(SessionDuration="PT8H")
    inline = '{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "ec2:*", "Resource": "*"}]}'
    arguments = {"InstanceArn": center.arn, "PermissionSetArn": arn}
    center.admin.attach_managed_policy_to_permission_set(
        **arguments, ManagedPolicyArn="arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"
    )
    center.admin.put_inline_policy_to_permission_set(**arguments, InlinePolicy=inline)
    center.assign(arn)
    (role,) = center.roles()
    assert re.fullmatch(r"AWSReservedSSO_DeveloperAccess_[0-9a-f]{16}", role["RoleName"])
    assert role["Path"] == "/aws-reserved/sso.amazonaws.com/eu-west-1/"
    assert role["MaxSessionDuration"] == 8 * 3600
    statement = role["AssumeRolePolicyDocument"]["Statement"]
    statement = statement if isinstance(statement, dict) else statement[0]
    assert statement["Principal"]["Federated"].startswith(f"arn:aws:iam::{center.account_id}:saml-provider/AWSSSO_")
    iam = center.iam()
    attached = iam.list_attached_role_policies(RoleName=role["RoleName"])["AttachedPolicies"]
    assert [policy["PolicyArn"] for policy in attached] == ["arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"]
    assert iam.list_role_policies(RoleName=role["RoleName"])["PolicyNames"] == ["AwsSSOInlinePolicy"]


def test_two_principals_with_one_permission_set_share_its_role_until_the_last_has_gone(center: Center) -> None:
    arn = center.permission_set()
    center.assign(arn)
    center.assign(arn, PrincipalType="USER", PrincipalId=center.user_id)
    (role,) = center.roles()
    assert center.unassign(arn) == "SUCCEEDED"
    assert center.roles() == [role]
    assert center.unassign(arn, PrincipalType="USER", PrincipalId=center.user_id) == "SUCCEEDED"
    assert center.roles() == []
    assert center.assignments(arn) == []


def test_a_repeated_assignment_is_not_refused_and_changes_nothing(center: Center) -> None:
    arn = center.permission_set()
    center.assign(arn)
    roles = center.roles()
    assert center.assign(arn)["Status"] == "SUCCEEDED"
    assert len(center.assignments(arn)) == 1
    assert center.roles() == roles


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"PrincipalId": "11111111-1111-1111-1111-111111111111"}, "GROUP 11111111-.* not found in the identity store"),
        ({"PrincipalType": "USER"}, "USER .* not found in the identity store"),
        ({"TargetId": "000000000000"}, "Account 000000000000 is not an active account of the organization"),
        (
            {"PermissionSetArn": "arn:aws:sso:::permissionSet/ssoins-1111111111111111/ps-1111111111111111"},
            "Could not find PermissionSet with id ps-1111111111111111",
        ),
    ],
)
def test_an_assignment_of_what_does_not_exist_fails_later_with_a_reason(
    center: Center, changes: dict[str, Any], reason: str
) -> None:
    arn = center.permission_set()
    failed = center.assign(arn, **changes)
    assert failed["Status"] == "FAILED"
    assert re.fullmatch(reason, failed["FailureReason"])
    assert center.assignments(arn) == []
    assert center.roles() == []


def test_a_customer_managed_policy_must_exist_in_the_account_first(center: Center) -> None:
    arn = center.permission_set()
    center.admin.attach_customer_managed_policy_reference_to_permission_set(
        InstanceArn=center.arn, PermissionSetArn=arn, CustomerManagedPolicyReference={"Name": "ours", "Path": "/app/"}
    )
    failed = center.assign(arn)
    assert failed["Status"] == "FAILED"
    assert f"arn:aws:iam::{center.account_id}:policy/app/ours" in failed["FailureReason"]
    document = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}'
    center.iam().create_policy(PolicyName="ours", Path="/app/", PolicyDocument=document)
    assert center.assign(arn)["Status"] == "SUCCEEDED"


def test_a_permissions_boundary_comes_with_the_role(center: Center, refused: Refused) -> None:
    arn = center.permission_set()
    arguments = {"InstanceArn": center.arn, "PermissionSetArn": arn}
    read = center.admin.get_permissions_boundary_for_permission_set
    assert refused(read, **arguments) == "ResourceNotFoundException"
    boundary = {"ManagedPolicyArn": "arn:aws:iam::aws:policy/PowerUserAccess"}
    center.admin.put_permissions_boundary_to_permission_set(**arguments, PermissionsBoundary=boundary)
    assert read(**arguments)["PermissionsBoundary"] == boundary
    center.assign(arn)
    name = center.roles()[0]["RoleName"]
    role = center.iam().get_role(RoleName=name)["Role"]
    assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == boundary["ManagedPolicyArn"]


def test_a_closed_account_takes_no_assignments(center: Center) -> None:
    center.emulator.clients.client("organizations").close_account(AccountId=center.account_id)
    assert center.assign(center.permission_set())["Status"] == "FAILED"


def test_the_end_of_an_assignment_takes_time_too(center: Center, refused: Refused) -> None:
    arn = center.permission_set()
    assert refused(center.admin.delete_account_assignment, **center.assignment(arn)) == "ResourceNotFoundException"
    center.assign(arn)
    answer = center.admin.delete_account_assignment(**center.assignment(arn))["AccountAssignmentDeletionStatus"]
    assert answer["Status"] == "IN_PROGRESS"
    assert len(center.assignments(arn)) == 1
    center.pass_time()
    assert center.assignments(arn) == []
    listed = center.admin.list_account_assignment_deletion_status(InstanceArn=center.arn)
    (status,) = listed["AccountAssignmentsDeletionStatus"]
    assert (status["RequestId"], status["Status"]) == (answer["RequestId"], "SUCCEEDED")


def test_requests_are_listed_by_status(center: Center) -> None:
    arn = center.permission_set()
    done, failed = center.start(arn), center.start(arn, TargetId="000000000000")
    center.pass_time()
    in_progress = center.start(arn)

    def listed(**arguments: object) -> list[str]:
        answer = center.admin.list_account_assignment_creation_status(InstanceArn=center.arn, **arguments)
        return [status["RequestId"] for status in answer["AccountAssignmentsCreationStatus"]]

    assert listed() == [operation["RequestId"] for operation in (done, failed, in_progress)]
    assert listed(Filter={"Status": "FAILED"}) == [failed["RequestId"]]
    assert listed(MaxResults=1) == [done["RequestId"]]


def test_unknown_requests_are_not_found(center: Center, refused: Refused) -> None:
    unknown = "11111111-1111-1111-1111-111111111111"
    for operation, name in (
        (center.admin.describe_account_assignment_creation_status, "AccountAssignmentCreationRequestId"),
        (center.admin.describe_account_assignment_deletion_status, "AccountAssignmentDeletionRequestId"),
        (center.admin.describe_permission_set_provisioning_status, "ProvisionPermissionSetRequestId"),
    ):
        assert refused(operation, InstanceArn=center.arn, **{name: unknown}) == "ResourceNotFoundException"


def test_fifteen_requests_can_be_on_their_way_of_whatever_kind(center: Center) -> None:
    arn = center.permission_set()
    center.assign(arn)
    center.admin.delete_account_assignment(**center.assignment(arn))
    for number in range(1, 15):
        center.start(arn, TargetId=f"{number:012}")
    with pytest.raises(center.admin.exceptions.ThrottlingException) as refusal:
        center.start(arn, TargetId="000000000015")
    assert refusal.value.response["Error"]["Message"] == (
        "There are too many requests processing. Please try again later."
    )
    center.pass_time()
    assert center.assign(arn)["Status"] == "SUCCEEDED"


def test_one_role_of_an_account_is_changed_at_a_time(center: Center) -> None:
    arn, other = center.permission_set(), center.permission_set("Audit")
    center.assign(arn)
    center.start(other)
    for operation in (center.admin.create_account_assignment, center.admin.delete_account_assignment):
        with pytest.raises(center.admin.exceptions.ConflictException) as refusal:
            operation(**center.assignment(arn))
        assert refusal.value.response["Error"]["Message"] == "There is a conflicting operation in process."
        assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    target = {"InstanceArn": center.arn, "PermissionSetArn": arn, "TargetType": "AWS_ACCOUNT"}
    everywhere = {**target, "TargetType": "ALL_PROVISIONED_ACCOUNTS"}
    for provisioning in ({**target, "TargetId": center.account_id}, everywhere):
        with pytest.raises(center.admin.exceptions.ConflictException):
            center.admin.provision_permission_set(**provisioning)
    assert center.start(arn, TargetId="123456789012")["Status"] == "IN_PROGRESS"
    center.pass_time()
    assert center.unassign(arn) == "SUCCEEDED"


def test_while_a_permission_set_is_provisioned_nobody_gets_it_in_the_account(center: Center, refused: Refused) -> None:
    arn = center.permission_set()
    center.assign(arn)
    center.admin.provision_permission_set(
        InstanceArn=center.arn, PermissionSetArn=arn, TargetType="ALL_PROVISIONED_ACCOUNTS"
    )
    user = center.assignment(arn, PrincipalType="USER", PrincipalId=center.user_id)
    assert refused(center.admin.create_account_assignment, **user) == "ConflictException"
    center.pass_time()
    assert center.assign(arn, PrincipalType="USER", PrincipalId=center.user_id)["Status"] == "SUCCEEDED"


def test_a_permission_set_is_not_provisioned_in_a_closed_account(center: Center) -> None:
    arn = center.permission_set()
    center.assign(arn)
    center.emulator.clients.client("organizations").close_account(AccountId=center.account_id)
    started = center.admin.provision_permission_set(
        InstanceArn=center.arn, PermissionSetArn=arn, TargetType="AWS_ACCOUNT", TargetId=center.account_id
    )["PermissionSetProvisioningStatus"]
    center.pass_time()
    ended = center.admin.describe_permission_set_provisioning_status(
        InstanceArn=center.arn, ProvisionPermissionSetRequestId=started["RequestId"]
    )["PermissionSetProvisioningStatus"]
    assert (ended["Status"], ended["AccountId"]) == ("FAILED", center.account_id)
    assert ended["FailureReason"] == f"Account {center.account_id} is not an active account of the organization"


def test_a_users_assignments_are_his_own_and_those_of_his_groups(center: Center) -> None:
    own, of_group, elsewhere = center.permission_set(), center.permission_set("Audit"), center.permission_set("Billing")
    center.assign(own, PrincipalType="USER", PrincipalId=center.user_id)
    center.assign(of_group)
    center.assign(elsewhere, TargetId="123456789012")
    center.join()

    def listed(**arguments: Any) -> list[tuple[str, str, str]]:
        answer = center.admin.list_account_assignments_for_principal(InstanceArn=center.arn, **arguments)
        return [(a["AccountId"], a["PermissionSetArn"], a["PrincipalType"]) for a in answer["AccountAssignments"]]

    user = {"PrincipalType": "USER", "PrincipalId": center.user_id}
    group = {"PrincipalType": "GROUP", "PrincipalId": center.group_id}
    groups = [(center.account_id, of_group, "GROUP"), ("123456789012", elsewhere, "GROUP")]
    assert listed(**group) == groups
    assert listed(**user) == [(center.account_id, own, "USER"), *groups]
    assert listed(**user, Filter={"AccountId": "123456789012"}) == groups[1:]
    assert listed(**user, MaxResults=1) == [(center.account_id, own, "USER")]


def test_only_the_management_account_lists_the_assignments_of_a_principal(center: Center, refused: Refused) -> None:
    center.emulator.clients.client("organizations").register_delegated_administrator(
        AccountId=center.account_id, ServicePrincipal="sso.amazonaws.com"
    )
    role = f"arn:aws:iam::{center.account_id}:role/OrganizationAccountAccessRole"
    member = center.emulator.clients.client("sso-admin", role_arn=role)
    arguments = {"InstanceArn": center.arn, "PrincipalType": "USER"}
    listing = member.list_account_assignments_for_principal
    assert refused(listing, **arguments, PrincipalId=center.user_id) == "AccessDeniedException"
    nobody = {**arguments, "PrincipalId": center.group_id}
    assert refused(center.admin.list_account_assignments_for_principal, **nobody) == "ResourceNotFoundException"


def test_a_role_of_identity_center_is_changed_by_nobody_else(center: Center, refused: Refused) -> None:
    center.assign(center.permission_set())
    (role,) = center.roles()
    iam, name = center.iam(), {"RoleName": role["RoleName"]}
    policy = {"PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}
    for operation, more in (
        (iam.delete_role, {}),
        (iam.attach_role_policy, policy),
        (iam.update_assume_role_policy, {"PolicyDocument": "{}"}),
    ):
        assert refused(operation, **name, **more) == "UnmodifiableEntity"
    assert iam.list_attached_role_policies(**name)["AttachedPolicies"] == []
    iam.create_role(RoleName="ours", AssumeRolePolicyDocument='{"Version": "2012-10-17", "Statement": []}')
    iam.delete_role(RoleName="ours")


def test_an_operation_that_is_not_modelled_is_refused_by_its_name(center: Center) -> None:
    with pytest.raises(center.admin.exceptions.ClientError) as refusal:
        center.admin.list_applications(InstanceArn=center.arn)
    assert refusal.value.response["Error"]["Code"] == "NotImplementedByEmulator"
    assert "sso-admin ListApplications" in refusal.value.response["Error"]["Message"]


def test_targets_and_principals_of_other_types_are_invalid(center: Center, refused: Refused) -> None:
    arn = center.permission_set()
    for changes in ({"TargetType": "OU"}, {"PrincipalType": "ROLE"}):
        code = refused(center.admin.create_account_assignment, **center.assignment(arn, **changes))
        assert code == "ValidationException"
