"""Whether AWS Config may write into a bucket: what PutDeliveryChannel tries on AWS, and every delivery after it.

Source: AWS Config developer guide, "Permissions for the Amazon S3 Bucket" and "… for the KMS Key". Config writes as the
service; what a recorder's own role might write is not asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.kms.models import kms_backends
from moto.s3.models import s3_backends
from moto.utilities.utils import get_partition

from avm_emulator.authorization.services import admits
from avm_emulator.errors import AwsError

SERVICE = "config.amazonaws.com"


def check(channel: Mapping[str, Any], account: str, region: str) -> None:
    """Raise AwsError where Config could not deliver for an account: no such bucket or key, or a policy that forbids it.

    ``channel``: a DeliveryChannel of the API.
    """
    name = str(channel["s3BucketName"])
    if name not in s3_backends.bucket_accounts:
        raise AwsError("NoSuchBucketException", f"Cannot find a S3 bucket with an approved bucket policy: {name}")
    key = channel.get("s3KmsKeyArn")
    if key is not None and not _key_exists(key):
        raise AwsError("InvalidS3KmsKeyArnException", f"The arn '{key}' is not a valid kms key arn.")
    if not _may_write(channel, account, region):
        prefix, used = channel.get("s3KeyPrefix", "null"), key or "null"
        message = (
            f"Insufficient delivery policy to s3 bucket: {name}, unable to write to bucket, "
            f"provided s3 key prefix is '{prefix}', provided kms key is '{used}'."
        )
        raise AwsError("InsufficientDeliveryPolicyException", message)


def _may_write(channel: Mapping[str, Any], account: str, region: str) -> bool:
    bucket = f"arn:{get_partition(region)}:s3:::{channel['s3BucketName']}"
    prefix = f"{channel['s3KeyPrefix']}/" if channel.get("s3KeyPrefix") else ""
    file = f"{bucket}/{prefix}AWSLogs/{account}/Config/ConfigWritabilityCheckFile"
    keys = {"aws:SourceAccount": account}
    encrypting = channel.get("s3KmsKeyArn") or _default_key(channel["s3BucketName"])
    return (
        admits(SERVICE, "s3:GetBucketAcl", bucket, keys)
        and admits(SERVICE, "s3:PutObject", file, {**keys, "s3:x-amz-acl": "bucket-owner-full-control"})
        and (encrypting is None or admits(SERVICE, "kms:GenerateDataKey", encrypting, keys))
    )


def _key_exists(arn: str) -> bool:
    _, _, _, region, owner, name = arn.split(":", 5)
    return name.removeprefix("key/") in kms_backends[owner][region].keys


def _default_key(bucket: str) -> str | None:
    """Return the customer managed key by which a bucket encrypts what comes without one."""
    partition, owner = s3_backends.bucket_accounts[bucket]
    encryption = s3_backends[owner][partition].buckets[bucket].encryption or {}
    rule = encryption.get("Rule", {}).get("ApplyServerSideEncryptionByDefault", {})
    key = rule.get("KMSMasterKeyID")
    return str(key) if key and rule.get("SSEAlgorithm", "").startswith("aws:kms") else None
