"""Prepares what the organization has for all its accounts, by public AWS calls.

That is the log archive with the organization's trail, and the security account that administers the security services.
Names of the buckets and of the trail are those of ``avm.domain.foundation``, which the application reads.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from moto.utilities.utils import get_partition

from avm.domain.catalog import Catalog
from avm.domain.foundation import LOG_ARCHIVE_TYPE, SECURITY_TYPE, TRAIL_NAME, Foundation
from avm.domain.organization import global_region

if TYPE_CHECKING:
    from avm_emulator.context import Emulator

DELEGATED = ("access-analyzer.amazonaws.com", "config.amazonaws.com", "config-multiaccountsetup.amazonaws.com")
"""What the security account administers beside GuardDuty and Security Hub, which are designated in each Region."""
_ACCESS_ROLE = "OrganizationAccountAccessRole"
_TRAIL = "cloudtrail.amazonaws.com"
_CONFIG = "config.amazonaws.com"
_FLOW_LOGS = "delivery.logs.amazonaws.com"


def seed_foundation(emulator: Emulator, catalog: Catalog, account_ids: Mapping[str, str]) -> None:
    """Set up the accounts that are named like their types; ``account_ids``: by name."""
    organization = emulator.clients.client("organizations").describe_organization()["Organization"]
    foundation = Foundation(
        partition=get_partition(emulator.region),
        organization_id=organization["Id"],
        home_region=emulator.region,
        management_account_id=emulator.management_account_id,
        log_archive_account_id=account_ids[LOG_ARCHIVE_TYPE],
        security_account_id=account_ids[SECURITY_TYPE],
    )
    key_arn = _fill_log_archive(emulator, foundation)
    _start_trail(emulator, foundation, key_arn)
    _delegate(emulator, account_ids[SECURITY_TYPE])
    for region in dict.fromkeys((*catalog.organization.allowed_regions, global_region(emulator.region))):
        _administer(emulator, foundation, region)


def _fill_log_archive(emulator: Emulator, foundation: Foundation) -> str:
    """Make the key and the buckets of the log archive; return the ARN of the key."""
    role = _access_role(foundation.partition, str(foundation.log_archive_account_id))
    kms = emulator.clients.client("kms", role_arn=role)
    key = kms.create_key(Description="Logs of the organization", Policy=_text(_key_policy(foundation)))["KeyMetadata"]
    kms.create_alias(AliasName="alias/avm-log-archive", TargetKeyId=key["KeyId"])
    s3 = emulator.clients.client("s3", role_arn=role)
    encrypted = {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key["Arn"]},
        "BucketKeyEnabled": True,
    }
    for bucket, statements in _writers(foundation).items():
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": emulator.region})
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [encrypted]})
        s3.put_bucket_policy(Bucket=bucket, Policy=_text([_tls_only(foundation, bucket), *statements]))
    return str(key["Arn"])


def _start_trail(emulator: Emulator, foundation: Foundation, key_arn: str) -> None:
    emulator.clients.client("organizations").enable_aws_service_access(ServicePrincipal=_TRAIL)
    cloudtrail = emulator.clients.client("cloudtrail")
    cloudtrail.create_trail(
        Name=TRAIL_NAME,
        S3BucketName=foundation.trail_bucket,
        IsMultiRegionTrail=True,
        IncludeGlobalServiceEvents=True,
        EnableLogFileValidation=True,
        IsOrganizationTrail=True,
        KmsKeyId=key_arn,
    )
    cloudtrail.start_logging(Name=TRAIL_NAME)


def _delegate(emulator: Emulator, security: str) -> None:
    organizations = emulator.clients.client("organizations")
    for principal in DELEGATED:
        organizations.enable_aws_service_access(ServicePrincipal=principal)
        organizations.register_delegated_administrator(AccountId=security, ServicePrincipal=principal)


def _administer(emulator: Emulator, foundation: Foundation, region: str) -> None:
    """Let the security account administer GuardDuty and Security Hub in a Region, for all accounts to come."""
    security = str(foundation.security_account_id)
    role = _access_role(foundation.partition, security)
    emulator.clients.client("guardduty", region).enable_organization_admin_account(AdminAccountId=security)
    guardduty = emulator.clients.client("guardduty", region, role_arn=role)
    (detector_id,) = guardduty.list_detectors()["DetectorIds"]
    guardduty.update_organization_configuration(DetectorId=detector_id, AutoEnableOrganizationMembers="ALL")
    emulator.clients.client("securityhub", region).enable_organization_admin_account(AdminAccountId=security)
    security_hub = emulator.clients.client("securityhub", region, role_arn=role)
    security_hub.update_organization_configuration(AutoEnable=True, AutoEnableStandards="DEFAULT")


def _access_role(partition: str, account_id: str) -> str:
    return f"arn:{partition}:iam::{account_id}:role/{_ACCESS_ROLE}"


# -- policies of the log archive ---------------------------------------------------------------------------------------
Statement = Mapping[str, Any]


def _writers(foundation: Foundation) -> dict[str, list[Statement]]:
    """Return the buckets, each with the statements that admit the one service that writes into it."""
    organization = {"StringEquals": {"aws:SourceOrgID": foundation.organization_id}}
    trail = {"StringEquals": {"aws:SourceArn": _trail_arn(foundation)}}
    owners = (foundation.management_account_id, foundation.organization_id)
    return {
        foundation.trail_bucket: _admit(foundation, foundation.trail_bucket, _TRAIL, owners, trail),
        foundation.config_bucket: _admit(foundation, foundation.config_bucket, _CONFIG, ("*",), organization),
        foundation.flow_logs_bucket: _admit(foundation, foundation.flow_logs_bucket, _FLOW_LOGS, ("*",), organization),
    }


def _admit(
    foundation: Foundation, bucket: str, service: str, owners: Iterable[str], condition: Mapping[str, Statement]
) -> list[Statement]:
    """Let a service look at a bucket and write logs of the owners (accounts, or the organization) into it."""
    arn = f"arn:{foundation.partition}:s3:::{bucket}"
    owned = {"s3:x-amz-acl": "bucket-owner-full-control"}
    return [
        {
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": ["s3:GetBucketAcl", "s3:ListBucket"],
            "Resource": arn,
            "Condition": condition,
        },
        {
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": "s3:PutObject",
            "Resource": [f"{arn}/AWSLogs/{owner}/*" for owner in owners],
            "Condition": {"StringEquals": {**condition["StringEquals"], **owned}},
        },
    ]


def _tls_only(foundation: Foundation, bucket: str) -> Statement:
    arn = f"arn:{foundation.partition}:s3:::{bucket}"
    return {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, f"{arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def _key_policy(foundation: Foundation) -> list[Statement]:
    """Return who may use the key: its account by IAM, and the services that deliver for the organization."""
    root = f"arn:{foundation.partition}:iam::{foundation.log_archive_account_id}:root"
    return [
        {"Effect": "Allow", "Principal": {"AWS": root}, "Action": "kms:*", "Resource": "*"},
        {
            "Effect": "Allow",
            "Principal": {"Service": _TRAIL},
            "Action": ["kms:DescribeKey", "kms:GenerateDataKey*"],
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:SourceArn": _trail_arn(foundation)}},
        },
        {
            "Effect": "Allow",
            "Principal": {"Service": [_CONFIG, _FLOW_LOGS]},
            "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:SourceOrgID": foundation.organization_id}},
        },
    ]


def _trail_arn(foundation: Foundation) -> str:
    owner = f"{foundation.home_region}:{foundation.management_account_id}"
    return f"arn:{foundation.partition}:cloudtrail:{owner}:trail/{TRAIL_NAME}"


def _text(statements: Iterable[Statement]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
