"""AWS-managed policies are there when somebody asks for one."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError
from moto.iam.models import IAMBackend

from avm_emulator import managed_policies
from avm_emulator.context import Emulator
from avm_emulator.engine import Options

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


@pytest.fixture(scope="module")
def options() -> Options:
    return Options(speed="max", prepare=False, deploy=False, parts=("avm_emulator.managed_policies",))


def test_a_managed_policy_can_be_read_with_its_document(emulator: Emulator) -> None:
    iam = emulator.clients.client("iam")
    policy = iam.get_policy(PolicyArn=READ_ONLY)["Policy"]
    version = iam.get_policy_version(PolicyArn=READ_ONLY, VersionId=policy["DefaultVersionId"])["PolicyVersion"]
    assert policy["Arn"] == READ_ONLY
    assert version["Document"]["Statement"]


def test_all_managed_policies_are_listed_and_none_is_local(emulator: Emulator) -> None:
    iam = emulator.clients.client("iam")
    pages = iam.get_paginator("list_policies").paginate(Scope="AWS")
    arns = [policy["Arn"] for page in pages for policy in page["Policies"]]
    assert len(arns) == len(set(arns)) > 1000
    assert READ_ONLY in arns
    assert iam.list_policies(Scope="Local")["Policies"] == []


def test_a_policy_that_aws_does_not_manage_is_not_found(emulator: Emulator) -> None:
    nonsense = "arn:aws:iam::aws:policy/Nonsense"
    assert not managed_policies.exists(nonsense)
    with pytest.raises(ClientError, match="NoSuchEntity"):
        emulator.clients.client("iam").get_policy(PolicyArn=nonsense)


def test_installing_again_wraps_nothing_twice(emulator: Emulator) -> None:
    before = IAMBackend.get_policy
    managed_policies.install(emulator)
    assert IAMBackend.get_policy is before
