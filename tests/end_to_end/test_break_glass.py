"""Each use of a way in for emergencies is told to the operators: who, which account, when."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
import requests
from botocore import UNSIGNED
from botocore.config import Config

from tests.emulator.lab import Lab
from tests.end_to_end.conftest import Machine

pytestmark = pytest.mark.timeout(300)  # real seconds, on a busy machine: the first test starts the world
JANE = "jane.doe@example.com"
BOOTSTRAP = "arn:aws:iam::{account}:role/OrganizationAccountAccessRole"


class Operators:
    """Who gets what is published to the alarm topic: a queue that is subscribed to it."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        role = f"arn:aws:iam::{machine.emulator.application_account_id}:role/OrganizationAccountAccessRole"
        self._lab = Lab(machine.emulator, role)
        self._url, arn = self._lab.open_queue()
        sns = self._lab.client("sns")
        topic = next(each["TopicArn"] for each in sns.list_topics()["Topics"] if each["TopicArn"].endswith("-alarms"))
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
        self.told()  # that the laboratory has come into the application's account by its bootstrap role

    def told(self) -> list[str]:
        """Return what they have been told since the last time."""
        self.machine.settle_now()
        return [str(each["Message"]) for each in self._lab.bodies(self._url)]


@pytest.fixture(scope="module")
def operators(machine: Machine) -> Operators:
    return Operators(machine)


def test_the_brokers_own_use_of_bootstrap_roles_in_a_vend_is_no_emergency(
    machine: Machine, operators: Operators
) -> None:
    account_id = machine.vend("quiet")["account_id"]
    taken = machine.emulator.calls.select(service="sts", operation="AssumeRole")
    assert any(call.principal.endswith(f"avm-broker/avm-bootstrap-{account_id}") for call in taken)
    assert operators.told() == []


@pytest.mark.parametrize("region", ["eu-west-1", "us-east-1"])
def test_whoever_else_takes_a_bootstrap_role_is_told_to_the_operators(
    region: str, machine: Machine, operators: Operators
) -> None:
    """An account whose trust is as AWS has made it, or was widened again."""
    organizations = machine.client("organizations")
    name = f"by-hand-{region}"
    status = organizations.create_account(AccountName=name, Email=f"{name}@example.com")["CreateAccountStatus"]
    machine.settle_now()
    status = organizations.describe_create_account_status(CreateAccountRequestId=status["Id"])["CreateAccountStatus"]
    machine.emulator.clock.advance(3600)  # until it answers
    role = BOOTSTRAP.format(account=status["AccountId"])
    sts: Any = machine.session.client("sts", endpoint_url=machine.emulator.endpoint_url, region_name=region)
    sts.assume_role(RoleArn=role, RoleSessionName="emergency")
    (told,) = operators.told()
    operator = f"arn:aws:sts::{machine.emulator.management_account_id}:assumed-role/avm-operator/"
    assert told.startswith(f'"Break-glass: {operator}')
    assert f" took {role} at 20" in told
    assert f" in {region}, event " in told
    assert "docs/runbook.md, BootstrapUsedRule" in told


def test_a_use_of_the_break_glass_permission_set_is_told_to_the_operators(
    machine: Machine, operators: Operators
) -> None:
    machine.hear_of_drift(heard=False)  # what is assigned here would be taken away again
    account_id = machine.vend("broken", type="production")["account_id"]
    center, store = machine.client("sso-admin"), machine.client("identitystore")
    instance = center.list_instances()["Instances"][0]
    user = next(
        each
        for each in store.list_users(IdentityStoreId=instance["IdentityStoreId"])["Users"]
        if each["UserName"] == JANE
    )
    break_glass = next(
        arn
        for arn in center.list_permission_sets(InstanceArn=instance["InstanceArn"])["PermissionSets"]
        if _name(center, instance["InstanceArn"], arn) == "BreakGlass"
    )
    for permission_set in (break_glass, _other(center, instance["InstanceArn"])):
        center.create_account_assignment(
            InstanceArn=instance["InstanceArn"],
            PermissionSetArn=permission_set,
            TargetId=account_id,
            TargetType="AWS_ACCOUNT",
            PrincipalType="USER",
            PrincipalId=user["UserId"],
        )
        machine.settle_now()
    endpoint = machine.emulator.endpoint_url
    token = requests.post(f"{endpoint}/_emulator/credentials", json={"user": JANE}, timeout=60).json()["accessToken"]
    config = Config(signature_version=UNSIGNED)
    portal: Any = boto3.client("sso", region_name="eu-west-1", endpoint_url=endpoint, config=config)
    portal.get_role_credentials(accessToken=token, accountId=account_id, roleName="ReadOnlyAccess")
    assert operators.told() == []
    portal.get_role_credentials(accessToken=token, accountId=account_id, roleName="BreakGlass")
    (told,) = operators.told()
    works = f"user {user['UserId']} of Identity Center works as BreakGlass in account {account_id} since 20"
    assert told.startswith(f'"Break-glass: {works}')


def test_a_change_of_the_broker_is_told_to_the_operators(machine: Machine, operators: Operators) -> None:
    iam = machine.client("iam")
    trust = iam.get_role(RoleName="avm-broker")["Role"]["AssumeRolePolicyDocument"]
    iam.update_assume_role_policy(RoleName="avm-broker", PolicyDocument=json.dumps(trust))
    (told,) = operators.told()
    assert told.startswith('"The broker was changed: UpdateAssumeRolePolicy by arn:aws:sts::')


def _name(center: Any, instance_arn: str, arn: str) -> str:
    described = center.describe_permission_set(InstanceArn=instance_arn, PermissionSetArn=arn)
    return str(described["PermissionSet"]["Name"])


def _other(center: Any, instance_arn: str) -> str:
    arns = center.list_permission_sets(InstanceArn=instance_arn)["PermissionSets"]
    return next(str(arn) for arn in arns if _name(center, instance_arn, arn) == "ReadOnlyAccess")
