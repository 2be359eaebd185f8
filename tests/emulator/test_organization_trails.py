"""Trails: what the bucket and the key must admit, what members of the organization see of its trail."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from avm_emulator.context import Emulator
from avm_emulator.engine import Options
from tests.emulator.members import REGION, found, inside

TRAIL = "organization"
ARN = f"arn:aws:cloudtrail:{REGION}:123456789012:trail/{TRAIL}"
BUCKET = "trail-of-the-organization"


@pytest.fixture(scope="module")
def options() -> Options:
    parts = ("managed_policies", "organizations", "cloudtrail")
    return Options(speed="max", prepare=False, deploy=False, parts=[f"avm_emulator.{part}" for part in parts])


@pytest.fixture(scope="module")
def accounts(emulator: Emulator) -> dict[str, str]:
    return found(emulator, "archive", "payments")


@pytest.fixture
def management(emulator: Emulator, accounts: dict[str, str]) -> Any:
    return emulator.clients.client("cloudtrail")


@pytest.fixture
def member(emulator: Emulator, accounts: dict[str, str]) -> Any:
    return inside(emulator, "cloudtrail", accounts["payments"])


@pytest.fixture(scope="module")
def trail(emulator: Emulator, accounts: dict[str, str]) -> dict[str, Any]:
    """An organization trail into a bucket of another account."""
    organizations = emulator.clients.client("organizations")
    organizations.enable_aws_service_access(ServicePrincipal="cloudtrail.amazonaws.com")
    make_bucket(emulator, accounts["archive"], BUCKET, admitting(emulator, BUCKET, TRAIL))
    client = emulator.clients.client("cloudtrail")
    made = client.create_trail(
        Name=TRAIL,
        S3BucketName=BUCKET,
        IsMultiRegionTrail=True,
        EnableLogFileValidation=True,
        IsOrganizationTrail=True,
    )
    client.start_logging(Name=TRAIL)
    return dict(made)


def admitting(emulator: Emulator, bucket: str, name: str) -> dict[str, Any]:
    """Return the policy of a bucket that admits a trail of the organization."""
    organization = emulator.clients.client("organizations").describe_organization()["Organization"]
    arn = f"arn:aws:s3:::{bucket}"
    source = {"aws:SourceArn": f"arn:aws:cloudtrail:{REGION}:123456789012:trail/{name}"}
    service = {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}}
    owners = ("123456789012", organization["Id"])
    return {
        "Version": "2012-10-17",
        "Statement": [
            {**service, "Action": "s3:GetBucketAcl", "Resource": arn, "Condition": {"StringEquals": source}},
            {
                **service,
                "Action": "s3:PutObject",
                "Resource": [f"{arn}/AWSLogs/{owner}/*" for owner in owners],
                "Condition": {"StringEquals": {**source, "s3:x-amz-acl": "bucket-owner-full-control"}},
            },
        ],
    }


def make_bucket(emulator: Emulator, account_id: str, name: str, policy: dict[str, Any] | None) -> None:
    s3 = inside(emulator, "s3", account_id)
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    if policy is not None:
        s3.put_bucket_policy(Bucket=name, Policy=json.dumps(policy))


def code_of(call: Callable[..., Any], **parameters: Any) -> str:
    with pytest.raises(ClientError) as refused:
        call(**parameters)
    return str(refused.value.response["Error"]["Code"])


def test_a_member_sees_the_organizations_trail_by_its_arn(member: Any, trail: dict[str, Any]) -> None:
    assert trail["TrailARN"] == ARN
    (described,) = member.describe_trails()["trailList"]
    assert (described["TrailARN"], described["IsOrganizationTrail"], described["HomeRegion"]) == (ARN, True, REGION)
    assert member.describe_trails(includeShadowTrails=False)["trailList"] == []
    assert [each["TrailARN"] for each in member.list_trails()["Trails"]] == [ARN]
    assert member.get_trail(Name=ARN)["Trail"]["LogFileValidationEnabled"] is True
    assert member.get_trail_status(Name=ARN)["IsLogging"] is True
    assert code_of(member.get_trail_status, Name=TRAIL) == "TrailNotFoundException"


def test_a_member_changes_nothing_of_it(member: Any, trail: dict[str, Any]) -> None:
    for change in (member.stop_logging, member.start_logging, member.delete_trail, member.update_trail):
        assert code_of(change, Name=ARN) == "NotOrganizationMasterAccountException"
    selectors = [{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True}]
    code = code_of(member.put_event_selectors, TrailName=ARN, EventSelectors=selectors)
    assert code == "NotOrganizationMasterAccountException"


def test_its_shadows_stand_in_all_regions_and_are_changed_at_home(
    emulator: Emulator, management: Any, accounts: dict[str, str], trail: dict[str, Any]
) -> None:
    elsewhere = emulator.clients.client("cloudtrail", "us-east-1")
    assert elsewhere.get_trail_status(Name=ARN)["IsLogging"] is True
    assert elsewhere.describe_trails(includeShadowTrails=False)["trailList"] == []
    assert code_of(elsewhere.stop_logging, Name=ARN) == "InvalidHomeRegionException"
    of_member = inside(emulator, "cloudtrail", accounts["payments"], "us-east-1")
    assert [each["TrailARN"] for each in of_member.describe_trails()["trailList"]] == [ARN]


def test_what_the_owner_changes_members_see(management: Any, member: Any, trail: dict[str, Any]) -> None:
    management.stop_logging(Name=TRAIL)
    assert member.get_trail_status(Name=ARN)["IsLogging"] is False
    management.start_logging(Name=TRAIL)
    management.update_trail(Name=TRAIL, EnableLogFileValidation=False)
    assert member.get_trail(Name=ARN)["Trail"]["LogFileValidationEnabled"] is False
    management.update_trail(Name=TRAIL, IsOrganizationTrail=False)
    assert code_of(member.get_trail, Name=ARN) == "TrailNotFoundException"
    management.update_trail(Name=TRAIL, IsOrganizationTrail=True, EnableLogFileValidation=True)


def test_a_trail_needs_a_bucket_that_admits_it(
    emulator: Emulator, management: Any, accounts: dict[str, str], trail: dict[str, Any]
) -> None:
    assert code_of(management.create_trail, Name="lost", S3BucketName="no-such-bucket") == (
        "S3BucketDoesNotExistException"
    )
    make_bucket(emulator, accounts["archive"], "closed-bucket", None)
    assert code_of(management.create_trail, Name="closed", S3BucketName="closed-bucket") == (
        "InsufficientS3BucketPolicyException"
    )
    make_bucket(emulator, accounts["archive"], "other-bucket", admitting(emulator, "other-bucket", "another"))
    code = code_of(management.update_trail, Name=TRAIL, S3BucketName="other-bucket")
    assert code == "InsufficientS3BucketPolicyException"
    assert management.get_trail(Name=TRAIL)["Trail"]["S3BucketName"] == BUCKET


def test_a_bucket_can_admit_the_trails_of_its_organization(
    emulator: Emulator, accounts: dict[str, str], management: Any
) -> None:
    own = emulator.clients.client("organizations").describe_organization()["Organization"]["Id"]
    for organization, is_admitted in (("o-somebodyelse", False), (own, True)):
        bucket, arn = f"trails-of-{organization}", f"arn:aws:s3:::trails-of-{organization}"
        trail = {"Name": "by-organization", "S3BucketName": bucket}
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "cloudtrail.amazonaws.com"},
            "Action": ["s3:GetBucketAcl", "s3:PutObject"],
            "Resource": [arn, f"{arn}/*"],
            "Condition": {"StringEquals": {"aws:SourceOrgID": organization}},
        }
        make_bucket(emulator, accounts["archive"], bucket, {"Version": "2012-10-17", "Statement": [statement]})
        if is_admitted:
            management.create_trail(**trail)
        else:
            assert code_of(management.create_trail, **trail) == "InsufficientS3BucketPolicyException"
    management.delete_trail(Name="by-organization")


def test_a_trail_needs_a_key_that_admits_it(
    emulator: Emulator, management: Any, accounts: dict[str, str], trail: dict[str, Any]
) -> None:
    kms = inside(emulator, "kms", accounts["archive"])
    key = kms.create_key()["KeyMetadata"]
    unknown = key["Arn"].rpartition("/")[0] + "/11111111-2222-3333-4444-555555555555"
    assert code_of(management.update_trail, Name=TRAIL, KmsKeyId=unknown) == "KmsKeyNotFoundException"
    code = code_of(management.update_trail, Name=TRAIL, KmsKeyId=key["Arn"])
    assert code == "InsufficientEncryptionPolicyException"
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": "kms:GenerateDataKey*",
        "Resource": "*",
        "Condition": {"StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": "arn:aws:cloudtrail:*:*:trail/*"}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    kms.put_key_policy(KeyId=key["KeyId"], PolicyName="default", Policy=policy)
    assert management.update_trail(Name=TRAIL, KmsKeyId=key["Arn"])["KmsKeyId"] == key["Arn"]


def test_an_organization_trail_is_the_management_accounts(
    emulator: Emulator, management: Any, member: Any, trail: dict[str, Any]
) -> None:
    asked = {"Name": "mine", "S3BucketName": BUCKET, "IsOrganizationTrail": True}
    assert code_of(member.create_trail, **asked) == "NotOrganizationMasterAccountException"
    assert code_of(management.create_trail, Name=TRAIL, S3BucketName=BUCKET) == "TrailAlreadyExistsException"
    organizations = emulator.clients.client("organizations")
    organizations.disable_aws_service_access(ServicePrincipal="cloudtrail.amazonaws.com")
    assert code_of(management.create_trail, **asked) == "CloudTrailAccessNotEnabledException"
    organizations.enable_aws_service_access(ServicePrincipal="cloudtrail.amazonaws.com")


def test_a_trail_that_is_deleted_is_gone_for_members(
    emulator: Emulator, management: Any, member: Any, accounts: dict[str, str], trail: dict[str, Any]
) -> None:
    make_bucket(emulator, accounts["archive"], "second-bucket", admitting(emulator, "second-bucket", "second"))
    arn = management.create_trail(Name="second", S3BucketName="second-bucket", IsOrganizationTrail=True)["TrailARN"]
    assert member.get_trail(Name=arn)["Trail"]["IsMultiRegionTrail"] is False
    management.delete_trail(Name="second")
    assert code_of(member.get_trail, Name=arn) == "TrailNotFoundException"
