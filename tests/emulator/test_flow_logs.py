"""Flow logs into another account's bucket: only where its policy lets them in."""

from __future__ import annotations

import json
from typing import Any

import pytest

from avm_emulator.context import Emulator
from avm_emulator.engine import Options

BUCKET = "logs-of-all"


@pytest.fixture(scope="module")
def options() -> Options:
    return Options(speed="max", deploy=False, one_account=True)


def policy(account: str, effect: str = "Allow") -> str:
    statement = {
        "Effect": effect,
        "Principal": {"Service": "delivery.logs.amazonaws.com"},
        "Action": ["s3:GetBucketAcl", "s3:PutObject"],
        "Resource": [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/AWSLogs/{account}/*"],
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def create(ec2: Any, vpc: str, destination: str = f"arn:aws:s3:::{BUCKET}") -> dict[str, Any]:
    made: dict[str, Any] = ec2.create_flow_logs(
        ResourceIds=[vpc], ResourceType="VPC", TrafficType="ALL", LogDestinationType="s3", LogDestination=destination
    )
    return made


def test_a_flow_log_is_made_where_the_bucket_admits_its_deliveries(emulator: Emulator) -> None:
    organizations = emulator.clients.client("organizations")
    account = organizations.create_account(AccountName="flows", Email="flows@example.com")["CreateAccountStatus"]
    while account["State"] == "IN_PROGRESS":
        account = organizations.describe_create_account_status(CreateAccountRequestId=account["Id"])[
            "CreateAccountStatus"
        ]
    emulator.clock.advance(120)
    role = f"arn:aws:iam::{account['AccountId']}:role/OrganizationAccountAccessRole"
    ec2, s3 = emulator.clients.client("ec2", role_arn=role), emulator.clients.client("s3")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    (missing,) = create(ec2, vpc)["Unsuccessful"]
    assert "does not exist" in missing["Error"]["Message"]
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    for shut in (policy("999988887777"), policy(account["AccountId"], "Deny")):
        s3.put_bucket_policy(Bucket=BUCKET, Policy=shut)
        (refused,) = create(ec2, vpc)["Unsuccessful"]
        assert refused["ResourceId"] == vpc
        assert "Access Denied for LogDestination" in refused["Error"]["Message"]
    s3.put_bucket_policy(Bucket=BUCKET, Policy=policy(account["AccountId"]))
    (elsewhere,) = create(ec2, vpc, f"arn:aws:s3:::{BUCKET}/AWSLogs/111122223333")["Unsuccessful"]
    assert "Access Denied" in elsewhere["Error"]["Message"]
    made = create(ec2, vpc)
    assert not made["Unsuccessful"]
    (log,) = ec2.describe_flow_logs()["FlowLogs"]
    assert ([log["FlowLogId"]], log["ResourceId"]) == (made["FlowLogIds"], vpc)
