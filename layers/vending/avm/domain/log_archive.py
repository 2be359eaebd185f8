"""Who may write into the log archive, and that nobody may delete there: the policies of its buckets and its key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from avm.domain.foundation import TRAIL_NAME, Foundation
from avm.domain.trust import Document

TRAIL = "cloudtrail.amazonaws.com"
CONFIG = "config.amazonaws.com"
FLOW_LOGS = "delivery.logs.amazonaws.com"

_Condition = Mapping[str, Mapping[str, str]]


def bucket_policies(foundation: Foundation) -> dict[str, Document]:
    """Return the buckets, each with the policy that admits the one service that writes into it.

    Nothing from outside the account writes reports.
    """
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
    return {**policies, foundation.reports_bucket: _document(_protection(foundation, foundation.reports_bucket))}


def key_policy(foundation: Foundation) -> Document:
    """Return who may use the key: its account by IAM, and the services that deliver for the organization."""
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
