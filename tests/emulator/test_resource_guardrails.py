"""Resource control policies decide who may use what lies in member accounts: the shipped ones, call by call."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from avm.catalog import load_catalog
from avm_emulator.authorization.services import service_may
from avm_emulator.context import Emulator
from avm_emulator.engine import Options
from avm_emulator.organizations import organization_of
from avm_emulator.preparation import CATALOG
from tests.emulator.members import found, inside
from tests.emulator.outsiders import root_client

RCPS = load_catalog(CATALOG).rcps
STRANGER = "555566667777"
EVERYBODY = {"Effect": "Allow", "Principal": "*", "Resource": "*"}
KIND = "RESOURCE_CONTROL_POLICY"


@pytest.fixture(scope="module")
def options() -> Options:
    parts = ("managed_policies", "organizations", "service_linked_roles", "cloudtrail", "config", "authorization")
    return Options(speed="max", prepare=False, deploy=False, parts=[f"avm_emulator.{part}" for part in parts])


@pytest.fixture(scope="module")
def accounts(emulator: Emulator) -> dict[str, str]:
    return {**found(emulator, "archive", "payments"), "management": emulator.management_account_id}


class Perimeter:
    """The shipped RCPs, attached to an account or not."""

    def __init__(self, organizations: Any, account: str) -> None:
        self._organizations = organizations
        self._account = account
        (root,) = organizations.list_roots()["Roots"]
        if all(each["Type"] != KIND for each in root["PolicyTypes"]):
            organizations.enable_policy_type(RootId=root["Id"], PolicyType=KIND)
        organization_id = organizations.describe_organization()["Organization"]["Id"]
        made = {each["Name"]: each["Id"] for each in organizations.list_policies(Filter=KIND)["Policies"]}
        for rcp in RCPS.values():
            if rcp.aws_name not in made:
                answer = organizations.create_policy(
                    Name=rcp.aws_name, Description="", Type=KIND, Content=rcp.content_in(organization_id)
                )
                made[rcp.aws_name] = answer["Policy"]["PolicySummary"]["Id"]
        self._ids = [made[rcp.aws_name] for rcp in RCPS.values()]

    def up(self) -> None:
        for policy_id in self._ids:
            self._organizations.attach_policy(PolicyId=policy_id, TargetId=self._account)

    def down(self) -> None:
        for policy_id in self._ids:
            self._organizations.detach_policy(PolicyId=policy_id, TargetId=self._account)


@pytest.fixture
def perimeter(emulator: Emulator, accounts: dict[str, str]) -> Any:
    """Return the RCPs of the archive, attached; they are detached afterwards."""
    found_there = Perimeter(emulator.clients.client("organizations"), accounts["archive"])
    found_there.up()
    yield found_there
    found_there.down()


def admin(emulator: Emulator, service: str, account: str) -> Any:
    """Return a client of an administrator; the management account's is the emulator's operator."""
    is_management = account == emulator.management_account_id
    return emulator.clients.client(service) if is_management else inside(emulator, service, account)


def open_bucket(emulator: Emulator, account: str, name: str) -> str:
    """Make a bucket whose own policy lets everybody do everything, and return its name."""
    s3 = admin(emulator, "s3", account)
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket=name, Key="key", Body=b"x")
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{**EVERYBODY, "Action": "s3:*"}]})
    s3.put_bucket_policy(Bucket=name, Policy=policy)
    return name


def denied(call: Callable[..., Any], **parameters: Any) -> str:
    """Call something that is denied, and return the words."""
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    error = caught.value.response["Error"]
    assert error["Code"] in {"AccessDenied", "AccessDeniedException"}, error
    return str(error["Message"])


def test_what_a_bucket_gives_to_everybody_strangers_get_until_there_is_an_rcp(
    emulator: Emulator, accounts: dict[str, str], perimeter: Perimeter
) -> None:
    wanted = {"Bucket": open_bucket(emulator, accounts["archive"], "given-away"), "Key": "key"}
    stranger = root_client(emulator, "s3", STRANGER)
    # across organizations AWS does not tell which policy denies
    assert "resource control policy" not in denied(stranger.get_object, **wanted)
    for account in accounts.values():
        root_client(emulator, "s3", account).get_object(**wanted)
    perimeter.down()
    stranger.get_object(**wanted)
    perimeter.up()
    denied(stranger.get_object, **wanted)


def test_no_rcp_protects_what_lies_in_the_management_account(
    emulator: Emulator, accounts: dict[str, str], perimeter: Perimeter
) -> None:
    bucket = open_bucket(emulator, accounts["management"], "of-management")
    root_client(emulator, "s3", STRANGER).get_object(Bucket=bucket, Key="key")


def test_a_role_that_trusts_a_stranger_is_not_taken_by_him(
    emulator: Emulator, accounts: dict[str, str], perimeter: Perimeter
) -> None:
    trust = {"Effect": "Allow", "Principal": {"AWS": [STRANGER, accounts["payments"]]}, "Action": "sts:AssumeRole"}
    role = inside(emulator, "iam", accounts["archive"]).create_role(
        RoleName="vendor", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    )["Role"]["Arn"]
    denied(root_client(emulator, "sts", STRANGER).assume_role, RoleArn=role, RoleSessionName="vendor")
    colleague = inside(emulator, "sts", accounts["payments"])
    assert colleague.assume_role(RoleArn=role, RoleSessionName="vendor")["Credentials"]


def test_aws_config_delivers_for_the_organization_only(
    emulator: Emulator, accounts: dict[str, str], perimeter: Perimeter
) -> None:
    bucket = open_bucket(emulator, accounts["archive"], "deliveries")
    channel = {"name": "default", "s3BucketName": bucket}
    for account, is_ours in ((accounts["payments"], True), (STRANGER, False)):
        config = root_client(emulator, "config", account)
        linked = root_client(emulator, "iam", account).create_service_linked_role(AWSServiceName="config.amazonaws.com")
        config.put_configuration_recorder(ConfigurationRecorder={"name": "default", "roleARN": linked["Role"]["Arn"]})
        if is_ours:
            config.put_delivery_channel(DeliveryChannel=channel)
        else:
            with pytest.raises(ClientError, match="InsufficientDeliveryPolicyException"):
                config.put_delivery_channel(DeliveryChannel=channel)


def test_a_trail_delivers_for_the_organization_only(
    emulator: Emulator, accounts: dict[str, str], perimeter: Perimeter
) -> None:
    bucket = open_bucket(emulator, accounts["archive"], "trails")
    root_client(emulator, "cloudtrail", accounts["payments"]).create_trail(Name="ours", S3BucketName=bucket)
    with pytest.raises(ClientError, match="InsufficientS3BucketPolicyException"):
        root_client(emulator, "cloudtrail", STRANGER).create_trail(Name="theirs", S3BucketName=bucket)


def test_a_service_that_does_not_say_for_whom_is_let_in(
    emulator: Emulator, accounts: dict[str, str], perimeter: Perimeter
) -> None:
    object_arn = f"arn:aws:s3:::{open_bucket(emulator, accounts['archive'], 'by-services')}/key"
    assert organization_of(STRANGER) is None
    assert service_may("s3.amazonaws.com", "s3:GetObject", object_arn)
    assert service_may("s3.amazonaws.com", "s3:GetObject", object_arn, {"aws:SourceAccount": accounts["payments"]})
    assert not service_may("s3.amazonaws.com", "s3:GetObject", object_arn, {"aws:SourceAccount": STRANGER})
