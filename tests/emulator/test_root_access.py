"""Central root access: who switches it on, what AssumeRoot gives, what root users have to sign in with."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from avm_emulator.context import Emulator
from avm_emulator.engine import Options
from avm_emulator.organizations import organization_of
from avm_emulator.root_access import CREDENTIALS, FEATURES
from tests.emulator.lab import Lab
from tests.emulator.members import found, inside, join
from tests.emulator.outsiders import client_with, root_client

Accounts = dict[str, str]
PRINCIPAL = "iam.amazonaws.com"
BOTH = ["RootCredentialsManagement", "RootSessions"]


@pytest.fixture(scope="module")
def options() -> Options:
    parts = ("managed_policies", "organizations", "root_access", "authorization")
    return Options(speed="max", prepare=False, deploy=False, parts=[f"avm_emulator.{part}" for part in parts])


@pytest.fixture(scope="module")
def accounts(emulator: Emulator) -> Accounts:
    return found(emulator, "security", "payments")


@pytest.fixture
def iam(emulator: Emulator, accounts: Accounts) -> Any:
    """Return IAM of the management account, whose organization trusts IAM and has switched everything on."""
    assert accounts
    emulator.clients.client("organizations").enable_aws_service_access(ServicePrincipal=PRINCIPAL)
    client = emulator.clients.client("iam")
    client.enable_organizations_root_credentials_management()
    client.enable_organizations_root_sessions()
    return client


@pytest.fixture(scope="module")
def role_arn(emulator: Emulator) -> str:
    """Return a role of the management account; root users cannot call AssumeRoot."""
    return Lab(emulator).role_trusting({"AWS": emulator.management_account_id})


@pytest.fixture
def sts(emulator: Emulator, iam: Any, role_arn: str) -> Any:
    assert iam
    return emulator.clients.client("sts", role_arn=role_arn)


def refused(call: Callable[..., Any], **parameters: Any) -> str:
    with pytest.raises(ClientError) as refusal:
        call(**parameters)
    return str(refusal.value.response["Error"]["Code"])


def task(name: str = "IAMAuditRootUserCredentials") -> dict[str, str]:
    return {"arn": f"arn:aws:iam::aws:policy/root-task/{name}"}


def as_root(emulator: Emulator, sts: Any, account_id: str, task_name: str, service: str = "iam") -> Any:
    answer = sts.assume_root(TargetPrincipal=account_id, TaskPolicyArn=task(task_name))
    return client_with(emulator, service, answer["Credentials"])


def test_every_function_is_named_like_an_operation(emulator: Emulator) -> None:
    client = emulator.clients.client("iam")
    assert [each.__name__ for each in (*FEATURES, *CREDENTIALS) if not hasattr(client, each.__name__)] == []


def test_the_features_need_an_organization_that_trusts_iam(emulator: Emulator, accounts: Accounts) -> None:
    assert accounts
    organizations, iam = emulator.clients.client("organizations"), emulator.clients.client("iam")
    organizations.disable_aws_service_access(ServicePrincipal=PRINCIPAL)
    for call in (iam.enable_organizations_root_sessions, iam.list_organizations_features):
        assert refused(call) == "ServiceAccessNotEnabledException"
    organizations.enable_aws_service_access(ServicePrincipal=PRINCIPAL)
    assert iam.list_organizations_features()["EnabledFeatures"] == []
    assert iam.enable_organizations_root_sessions()["EnabledFeatures"] == ["RootSessions"]
    answer = iam.enable_organizations_root_credentials_management()
    organization = organizations.describe_organization()["Organization"]
    assert (answer["OrganizationId"], answer["EnabledFeatures"]) == (organization["Id"], BOTH)
    assert iam.enable_organizations_root_sessions()["EnabledFeatures"] == BOTH
    assert iam.disable_organizations_root_sessions()["EnabledFeatures"] == ["RootCredentialsManagement"]


def test_an_account_without_an_organization_has_no_features(emulator: Emulator) -> None:
    alone = root_client(emulator, "iam", "999999999999")
    assert refused(alone.list_organizations_features) == "OrganizationNotFoundException"


def test_consolidated_billing_is_not_enough(emulator: Emulator, iam: Any) -> None:
    organization = organization_of(emulator.management_account_id)
    assert organization is not None
    organization.entity.feature_set = "CONSOLIDATED_BILLING"
    assert refused(iam.list_organizations_features) == "OrganizationNotInAllFeaturesModeException"
    organization.entity.feature_set = "ALL"


def test_a_delegated_administrator_looks_and_switches_off_but_not_on(
    emulator: Emulator, accounts: Accounts, iam: Any
) -> None:
    member = inside(emulator, "iam", accounts["security"])
    not_administrator = "AccountNotManagementOrDelegatedAdministratorException"
    assert refused(member.list_organizations_features) == not_administrator
    assert refused(member.enable_organizations_root_sessions) == not_administrator
    arguments = {"AccountId": accounts["security"], "ServicePrincipal": PRINCIPAL}
    organizations = emulator.clients.client("organizations")
    organizations.register_delegated_administrator(**arguments)
    assert member.list_organizations_features()["EnabledFeatures"] == BOTH
    assert refused(member.enable_organizations_root_sessions) == "CallerIsNotManagementAccountException"
    assert member.disable_organizations_root_sessions()["EnabledFeatures"] == ["RootCredentialsManagement"]
    iam.enable_organizations_root_sessions()
    sts = inside(emulator, "sts", accounts["security"])
    assert sts.assume_root(TargetPrincipal=accounts["payments"], TaskPolicyArn=task())["Credentials"]
    organizations.deregister_delegated_administrator(**arguments)
    assert refused(sts.assume_root, TargetPrincipal=accounts["payments"], TaskPolicyArn=task()) == "AccessDenied"


def test_a_session_is_the_member_accounts_root_user_bound_to_its_task(
    emulator: Emulator, accounts: Accounts, sts: Any
) -> None:
    target = f"arn:aws:iam::{accounts['payments']}:root"
    for named in (accounts["payments"], target):
        credentials = sts.assume_root(TargetPrincipal=named, TaskPolicyArn=task(), DurationSeconds=900)["Credentials"]
        assert client_with(emulator, "sts", credentials).get_caller_identity()["Arn"] == target
        iam = client_with(emulator, "iam", credentials)
        assert iam.get_user()["User"]["Arn"] == target
        assert (iam.list_access_keys()["AccessKeyMetadata"], iam.list_mfa_devices()["MFADevices"]) == ([], [])
        assert iam.list_signing_certificates()["Certificates"] == []
        assert refused(iam.delete_login_profile) == "AccessDenied"
        assert refused(iam.create_user, UserName="x") == "AccessDenied"
        assert refused(client_with(emulator, "s3", credentials).list_buckets) == "AccessDenied"


def test_only_member_accounts_with_the_feature_on_for_fifteen_minutes_and_one_task(
    emulator: Emulator, accounts: Accounts, sts: Any, iam: Any
) -> None:
    good = {"TargetPrincipal": accounts["payments"], "TaskPolicyArn": task()}
    denied: list[tuple[Any, dict[str, Any]]] = [
        (sts, {**good, "TargetPrincipal": emulator.management_account_id}),
        (sts, {**good, "TargetPrincipal": "999999999999"}),
        (emulator.clients.client("sts"), good),  # the management account's root user
        (inside(emulator, "sts", accounts["payments"]), good),
    ]
    for client, parameters in denied:
        assert refused(client.assume_root, **parameters) == "AccessDenied"
    for wrong in (
        {"DurationSeconds": 901},
        {"TaskPolicyArn": {"arn": "arn:aws:iam::aws:policy/AdministratorAccess"}},
        {"TargetPrincipal": "payments-account"},
    ):
        assert refused(sts.assume_root, **{**good, **wrong}) == "ValidationError"
    iam.disable_organizations_root_sessions()
    assert refused(sts.assume_root, **good) == "AccessDenied"
    iam.enable_organizations_root_sessions()
    emulator.clients.client("organizations").disable_aws_service_access(ServicePrincipal=PRINCIPAL)
    assert refused(sts.assume_root, **good) == "ServiceAccessNotEnabledException"


def test_who_may_assume_root_is_said_by_his_own_policies_and_their_conditions(
    emulator: Emulator, accounts: Accounts, sts: Any
) -> None:
    assert sts
    lab = Lab(emulator)
    arn = lab.role_trusting({"AWS": emulator.management_account_id})
    statement = {
        "Effect": "Allow",
        "Action": "sts:AssumeRoot",
        "Resource": f"arn:aws:iam::{accounts['payments']}:root",
        "Condition": {"ArnEquals": {"sts:TaskPolicyArn": task()["arn"]}},
    }
    emulator.clients.client("iam").put_role_policy(
        RoleName=arn.rpartition("/")[2],
        PolicyName="everything",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )
    auditor = emulator.clients.client("sts", role_arn=arn)
    auditor.assume_root(TargetPrincipal=accounts["payments"], TaskPolicyArn=task())
    for other in (
        {"TargetPrincipal": accounts["security"], "TaskPolicyArn": task()},
        {"TargetPrincipal": accounts["payments"], "TaskPolicyArn": task("IAMDeleteRootUserCredentials")},
    ):
        assert refused(auditor.assume_root, **other) == "AccessDenied"


def test_a_guardrail_on_root_users_can_exempt_such_sessions(emulator: Emulator, accounts: Accounts, sts: Any) -> None:
    organizations = emulator.clients.client("organizations")
    statement = {
        "Effect": "Deny",
        "Action": "*",
        "Resource": "*",
        "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:*:iam::*:root"}, "Null": {"aws:AssumedRoot": "true"}},
    }
    policy_id = organizations.create_policy(
        Name="deny-root",
        Description="",
        Type="SERVICE_CONTROL_POLICY",
        Content=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )["Policy"]["PolicySummary"]["Id"]
    organizations.attach_policy(PolicyId=policy_id, TargetId=accounts["payments"])
    session = as_root(emulator, sts, accounts["payments"], "IAMAuditRootUserCredentials")
    assert session.get_user()["User"]["UserId"] == accounts["payments"]
    assert refused(root_client(emulator, "iam", accounts["payments"]).get_user) == "AccessDenied"
    organizations.detach_policy(PolicyId=policy_id, TargetId=accounts["payments"])


def test_accounts_that_were_there_before_have_a_password_until_it_is_deleted(
    emulator: Emulator, accounts: Accounts, sts: Any
) -> None:
    audit = as_root(emulator, sts, accounts["payments"], "IAMAuditRootUserCredentials")
    assert audit.get_login_profile()["LoginProfile"]["PasswordResetRequired"] is False
    delete = as_root(emulator, sts, accounts["payments"], "IAMDeleteRootUserCredentials")
    delete.delete_login_profile()
    assert refused(delete.delete_login_profile) == refused(audit.get_login_profile) == "NoSuchEntity"
    assert inside(emulator, "iam", accounts["payments"]).get_account_summary()["SummaryMap"]["AccountMFAEnabled"] == 0
    create = as_root(emulator, sts, accounts["payments"], "IAMCreateRootUserPassword")
    create.create_login_profile()
    assert refused(create.create_login_profile) == "EntityAlreadyExists"
    summary = inside(emulator, "iam", accounts["payments"]).get_account_summary()["SummaryMap"]
    assert summary["AccountPasswordPresent"] == 1


def test_an_account_that_is_opened_now_has_no_password_and_gets_none_when_the_feature_ends(
    emulator: Emulator, sts: Any, iam: Any
) -> None:
    account_id = join(emulator, "born-without")
    audit = as_root(emulator, sts, account_id, "IAMAuditRootUserCredentials")
    assert refused(audit.get_login_profile) == "NoSuchEntity"
    iam.disable_organizations_root_credentials_management()
    assert refused(audit.get_login_profile) == "NoSuchEntity"
    later = as_root(emulator, sts, join(emulator, "born-with"), "IAMAuditRootUserCredentials")
    assert later.get_login_profile()["LoginProfile"]
