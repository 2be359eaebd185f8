"""Who may write into the log archive, and that nobody may delete there: the policies of its buckets and its key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from avm.domain.foundation import TRAIL_NAME, Foundation
from avm.domain.trust import Document, Trusted

TRAIL = "cloudtrail.amazonaws.com"
CONFIG = "config.amazonaws.com"
FLOW_LOGS = "delivery.logs.amazonaws.com"

_Condition = Mapping[str, Mapping[str, str]]


def bucket_policies(foundation: Foundation, trusted: Trusted) -> dict[str, Document]:
    """Return the buckets, each with the policy that admits the one who writes into it: a service, or the machine."""
    organization = {"StringEquals": {"aws:SourceOrgID": foundation.organization_id}}
    trail = {"StringEquals": {"aws:SourceArn": trail_arn(foundation)}}
    writers: dict[str, tuple[str, Iterable[str], _Condition]] = {
        foundation.trail_bucket: (TRAIL, (foundation.management_account_id, foundation.organization_id), trail),
        foundation.config_bucket: (CONFIG, ("*",), organization),
        foundation.flow_logs_bucket: (FLOW_LOGS, ("*",), organization),
    }
    policies = {
        bucket: _document([*_protection(foundation, bucket), *_admit(foundation, bucket, *writer)])
        for bucket, writer in writers.items()
    }
    reports = foundation.reports_bucket
    return {**policies, reports: _document([*_protection(foundation, reports), *_admit_machine(foundation, trusted)])}


def key_policy(foundation: Foundation, trusted: Trusted) -> Document:
    """Return who may use the key: its account by IAM, the services that deliver for the organization, the machine."""
    root = f"arn:{foundation.partition}:iam::{foundation.log_archive_account_id}:root"
    return _document(
        [
            {
                "Sid": "AccountDecidesByIam",
                "Effect": "Allow",
                "Principal": {"AWS": root},
                "Action": "kms:*",
                "Resource": "*",
            },
            {
                "Sid": "TrailOfTheOrganization",
                "Effect": "Allow",
                "Principal": {"Service": TRAIL},
                "Action": ["kms:DescribeKey", "kms:GenerateDataKey*"],
                "Resource": "*",
                "Condition": {"StringEquals": {"aws:SourceArn": trail_arn(foundation)}},
            },
            {
                "Sid": "DeliveriesOfTheOrganization",
                "Effect": "Allow",
                "Principal": {"Service": [CONFIG, FLOW_LOGS]},
                "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
                "Resource": "*",
                "Condition": {"StringEquals": {"aws:SourceOrgID": foundation.organization_id}},
            },
            {
                "Sid": "ReportsOfTheMachine",
                "Effect": "Allow",
                "Principal": {"AWS": trusted.application_root},
                "Action": "kms:GenerateDataKey",
                "Resource": "*",
                "Condition": {
                    **trusted.who_reports(),
                    "StringLike": {"kms:ViaService": f"s3.{foundation.home_region}.*"},
                },
            },
        ]
    )


def trail_arn(foundation: Foundation) -> str:
    """Return the ARN of the organization's trail, whether it is there or not."""
    owner = f"{foundation.home_region}:{foundation.management_account_id}"
    return f"arn:{foundation.partition}:cloudtrail:{owner}:trail/{TRAIL_NAME}"


def _admit(
    foundation: Foundation, bucket: str, service: str, owners: Iterable[str], condition: _Condition
) -> list[Document]:
    """Let a service look at a bucket and write logs of the owners (accounts, or the organization) into it."""
    arn = f"arn:{foundation.partition}:s3:::{bucket}"
    owned = {"s3:x-amz-acl": "bucket-owner-full-control"}
    return [
        {
            "Sid": "WriterLooks",
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": ["s3:GetBucketAcl", "s3:ListBucket"],
            "Resource": arn,
            "Condition": condition,
        },
        {
            "Sid": "WriterWrites",
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": "s3:PutObject",
            "Resource": [f"{arn}/AWSLogs/{owner}/*" for owner in owners],
            "Condition": {"StringEquals": {**condition["StringEquals"], **owned}},
        },
        # A service puts AWSLogs/ACCOUNT behind the prefix that its customer gives: with another account's folder for a
        # prefix, a member would have it write there (Config: s3KeyPrefix; flow logs: the destination's folder)
        {
            "Sid": "NoFolderOfAnother",
            "Effect": "Deny",
            "Principal": {"Service": service},
            "Action": "s3:PutObject",
            "Resource": f"{arn}/AWSLogs/*/AWSLogs/*",
        },
    ]


def _admit_machine(foundation: Foundation, trusted: Trusted) -> list[Document]:
    """Let the machine's functions that keep reports write, and nobody else, not even in the account itself."""
    arn = f"arn:{foundation.partition}:s3:::{foundation.reports_bucket}"
    who = trusted.who_reports()
    return [
        {
            "Sid": "MachineWrites",
            "Effect": "Allow",
            "Principal": {"AWS": trusted.application_root},
            "Action": "s3:PutObject",
            "Resource": [f"{arn}/accounts/*", f"{arn}/keys/*"],
            "Condition": who,
        },
        {
            "Sid": "NobodyElseWrites",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:PutObject",
            "Resource": f"{arn}/*",
            "Condition": {"ArnNotLike": who["ArnLike"]},
        },
    ]


def _protection(foundation: Foundation, bucket: str) -> list[Document]:
    arn = f"arn:{foundation.partition}:s3:::{bucket}"
    return [
        {
            "Sid": "NothingWithoutTls",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [arn, f"{arn}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
        {
            "Sid": "NothingIsDeleted",
            "Effect": "Deny",
            "Principal": "*",
            "Action": ["s3:DeleteBucket", "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutLifecycleConfiguration"],
            "Resource": [arn, f"{arn}/*"],
        },
    ]


def _document(statements: Iterable[Any]) -> Document:
    return {"Version": "2012-10-17", "Statement": list(statements)}
