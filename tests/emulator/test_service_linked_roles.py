"""Service-linked roles have the names, policies and protection of their services."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from avm_emulator import managed_policies
from avm_emulator.context import Emulator
from avm_emulator.engine import Options
from avm_emulator.policy.dependent_actions import LINKED_ROLES
from avm_emulator.service_linked_roles import PATH, ROLES

CONFIG = "config.amazonaws.com"


@pytest.fixture(scope="module")
def options() -> Options:
    parts = ("avm_emulator.managed_policies", "avm_emulator.service_linked_roles")
    return Options(speed="max", prepare=False, deploy=False, parts=parts)


@pytest.fixture
def iam(emulator: Emulator) -> Any:
    return emulator.clients.client("iam")


def test_a_service_has_its_role_once_with_its_policy_and_for_itself_alone(iam: Any) -> None:
    role = iam.create_service_linked_role(AWSServiceName=CONFIG)["Role"]
    assert role["Arn"] == f"arn:aws:iam::123456789012:role{PATH}{CONFIG}/AWSServiceRoleForConfig"
    trust = role["AssumeRolePolicyDocument"]
    trust = json.loads(trust) if isinstance(trust, str) else trust
    assert trust["Statement"] == [
        {"Effect": "Allow", "Principal": {"Service": CONFIG}, "Action": "sts:AssumeRole"},
    ]
    (policy,) = iam.list_attached_role_policies(RoleName=role["RoleName"])["AttachedPolicies"]
    assert policy["PolicyName"] == "AWSConfigServiceRolePolicy"
    with pytest.raises(ClientError, match=r"InvalidInput.*AWSServiceRoleForConfig has been taken in this account"):
        iam.create_service_linked_role(AWSServiceName=CONFIG)
    with pytest.raises(ClientError, match=r"InvalidInput.*suffix is not allowed"):
        iam.create_service_linked_role(AWSServiceName=CONFIG, CustomSuffix="two")


def test_only_its_service_changes_it_and_it_is_deleted_by_a_call_of_its_own(iam: Any) -> None:
    name = iam.create_service_linked_role(AWSServiceName="guardduty.amazonaws.com")["Role"]["RoleName"]
    for change, parameters in (
        (iam.delete_role, {}),
        (iam.put_role_policy, {"PolicyName": "more", "PolicyDocument": "{}"}),
        (iam.detach_role_policy, {"PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}),
    ):
        with pytest.raises(ClientError, match=rf"UnmodifiableEntity.*protected role '{name}'"):
            change(RoleName=name, **parameters)
    task = iam.delete_service_linked_role(RoleName=name)["DeletionTaskId"]
    assert task.startswith(f"task{PATH}guardduty.amazonaws.com/{name}/")
    with pytest.raises(ClientError, match="NoSuchEntity"):
        iam.get_role(RoleName=name)


def test_a_role_of_ones_own_is_not_deleted_as_a_services(iam: Any) -> None:
    iam.create_role(RoleName="own", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": []}))
    with pytest.raises(ClientError, match=r"InvalidInput.*no service-linked role"):
        iam.delete_service_linked_role(RoleName="own")
    iam.delete_role(RoleName="own")


def test_a_service_without_such_a_role_is_refused(iam: Any) -> None:
    with pytest.raises(ClientError, match="InvalidInput"):
        iam.create_service_linked_role(AWSServiceName="nonsense.amazonaws.com")


def test_the_roles_that_calls_depend_on_are_known_by_the_same_names_and_have_policies_that_exist() -> None:
    assert {(linked.service, linked.name) for linked in LINKED_ROLES.values()} <= {
        (service, role.name) for service, role in ROLES.items()
    }
    for role in ROLES.values():
        assert managed_policies.exists(f"arn:aws:iam::aws:policy{PATH}{role.policy}")
