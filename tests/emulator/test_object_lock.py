"""S3 Object Lock: versions that are kept, who may bypass that, and buckets that cannot go back."""

from __future__ import annotations

import datetime as dt
import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from avm_emulator.context import Emulator
from avm_emulator.engine import Options
from tests.emulator.lab import Lab
from tests.emulator.members import found, inside

NUMBERS = itertools.count(1)
REGION = {"LocationConstraint": "eu-west-1"}


@pytest.fixture(scope="module")
def options() -> Options:
    parts = ("managed_policies", "object_lock", "organizations", "authorization")
    return Options(speed="max", prepare=False, deploy=False, parts=[f"avm_emulator.{part}" for part in parts])


@pytest.fixture(scope="module")
def accounts(emulator: Emulator) -> dict[str, str]:
    return found(emulator, "log-archive", "payments")


@pytest.fixture
def s3(emulator: Emulator, accounts: dict[str, str]) -> Any:
    return inside(emulator, "s3", accounts["log-archive"])


@pytest.fixture
def bucket(s3: Any) -> str:
    """Return a bucket that keeps each version for a day, in GOVERNANCE mode."""
    name = f"locked-{next(NUMBERS)}"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration=REGION, ObjectLockEnabledForBucket=True)
    lock(s3, name, "GOVERNANCE")
    return name


def lock(s3: Any, bucket: str, mode: str) -> None:
    rule = {"DefaultRetention": {"Mode": mode, "Days": 1}}
    s3.put_object_lock_configuration(
        Bucket=bucket, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule}
    )


def refused(call: Callable[..., Any], **parameters: Any) -> str:
    with pytest.raises(ClientError) as refusal:
        call(**parameters)
    return str(refusal.value.response["Error"]["Code"])


def put(s3: Any, bucket: str) -> dict[str, str]:
    version = s3.put_object(Bucket=bucket, Key="log", Body=b"1")["VersionId"]
    return {"Bucket": bucket, "Key": "log", "VersionId": version}


def test_a_bucket_is_versioned_with_its_lock_and_stays_so(s3: Any, bucket: str) -> None:
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    configuration = s3.get_object_lock_configuration(Bucket=bucket)["ObjectLockConfiguration"]
    assert configuration["Rule"]["DefaultRetention"] == {"Mode": "GOVERNANCE", "Days": 1}
    suspended = {"Bucket": bucket, "VersioningConfiguration": {"Status": "Suspended"}}
    assert refused(s3.put_bucket_versioning, **suspended) == "InvalidBucketState"


def test_a_bucket_that_holds_something_gets_a_lock_if_it_is_versioned(s3: Any) -> None:
    name = f"later-{next(NUMBERS)}"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration=REGION)
    s3.put_object(Bucket=name, Key="old", Body=b"1")
    assert refused(lock, s3=s3, bucket=name, mode="GOVERNANCE") == "InvalidBucketState"
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    lock(s3, name, "GOVERNANCE")
    assert refused(s3.delete_object, **put(s3, name)) == "AccessDenied"


def test_a_version_is_kept_until_its_time_is_over(emulator: Emulator, s3: Any, bucket: str) -> None:
    version = put(s3, bucket)
    assert s3.get_object_retention(**version)["Retention"]["Mode"] == "GOVERNANCE"
    assert refused(s3.delete_object, **version) == "AccessDenied"
    objects = {"Objects": [{"Key": "log", "VersionId": version["VersionId"]}]}
    (error,) = s3.delete_objects(Bucket=bucket, Delete=objects)["Errors"]
    assert (error["Key"], error["Code"]) == ("log", "AccessDenied")
    marker = s3.delete_object(Bucket=bucket, Key="log")
    assert marker["DeleteMarker"] is True
    assert s3.get_object(**version)["Body"].read() == b"1"
    emulator.clock.advance(86401)
    s3.delete_object(**version)
    assert refused(s3.get_object, **version) == "NoSuchVersion"


def test_governance_is_bypassed_by_who_may_and_says_so(
    emulator: Emulator, accounts: dict[str, str], s3: Any, bucket: str
) -> None:
    version = put(s3, bucket)
    statement = {"Effect": "Allow", "Action": ["s3:DeleteObject*", "s3:PutObjectRetention"], "Resource": "*"}
    trust = inside(emulator, "iam", accounts["log-archive"])
    arn = Lab(emulator, f"arn:aws:iam::{accounts['log-archive']}:role/OrganizationAccountAccessRole").role_trusting(
        {"AWS": emulator.management_account_id}
    )
    trust.put_role_policy(
        RoleName=arn.rpartition("/")[2],
        PolicyName="everything",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )
    cleaner = emulator.clients.client("s3", role_arn=arn)
    assert refused(cleaner.delete_object, **version, BypassGovernanceRetention=True) == "AccessDenied"
    s3.delete_object(**version, BypassGovernanceRetention=True)


def test_a_retention_is_prolonged_by_all_and_shortened_in_governance_mode_only(
    emulator: Emulator, s3: Any, bucket: str
) -> None:
    def retain(mode: str, days: float, **more: Any) -> None:
        until = dt.datetime.fromtimestamp(emulator.clock.now(), dt.UTC) + dt.timedelta(days=days)
        s3.put_object_retention(**version, Retention={"Mode": mode, "RetainUntilDate": until}, **more)

    version = put(s3, bucket)
    retain("GOVERNANCE", 2)
    assert refused(retain, mode="GOVERNANCE", days=1) == "AccessDenied"
    retain("GOVERNANCE", 1, BypassGovernanceRetention=True)
    retain("COMPLIANCE", 3)
    for mode, days in (("COMPLIANCE", 2), ("GOVERNANCE", 4)):
        assert refused(retain, mode=mode, days=days, BypassGovernanceRetention=True) == "AccessDenied"
    assert refused(s3.delete_object, **version, BypassGovernanceRetention=True) == "AccessDenied"
    retain("COMPLIANCE", 4)


def test_a_bucket_policy_tells_versions_from_objects_and_members_from_strangers(
    emulator: Emulator, accounts: dict[str, str], s3: Any, bucket: str
) -> None:
    organization = emulator.clients.client("organizations").describe_organization()["Organization"]["Id"]
    member, arn = inside(emulator, "s3", accounts["payments"]), f"arn:aws:s3:::{bucket}/*"

    def admit(organization_id: str) -> None:
        statements = [
            {
                "Effect": "Allow",
                "Principal": "*",
                "Action": ["s3:PutObject", "s3:GetObject", "s3:GetObjectVersion"],
                "Resource": arn,
                "Condition": {"StringEquals": {"aws:PrincipalOrgID": organization_id}},
            },
            {"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObjectVersion", "Resource": arn},
        ]
        s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": statements}))

    admit("o-somebodyelse")
    assert refused(member.put_object, Bucket=bucket, Key="x", Body=b"1") == "AccessDenied"
    admit(organization)
    version = put(member, bucket)
    assert member.get_object(**version)["Body"].read() == b"1"
    assert refused(member.delete_object, Bucket=bucket, Key="log") == "AccessDenied"
    s3.delete_object(Bucket=bucket, Key="log")
    assert refused(s3.delete_object, **version, BypassGovernanceRetention=True) == "AccessDenied"
