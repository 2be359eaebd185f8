"""Whether the bucket and the key of a trail admit CloudTrail: what CreateTrail and UpdateTrail check on AWS.

Source: CloudTrail user guide, "Amazon S3 bucket policy for CloudTrail" and "Configure AWS KMS key policies".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from moto.kms.models import kms_backends

from avm_emulator.authorization.services import admits
from avm_emulator.errors import AwsError

if TYPE_CHECKING:
    from moto.cloudtrail.models import Trail

_SERVICE = "cloudtrail.amazonaws.com"


def check_delivery(trail: Trail, organization_id: str | None) -> None:
    """Raise AwsError where CloudTrail cannot write; ``organization_id``: of an organization trail.

    Raises:
        AwsError: InsufficientS3BucketPolicyException, KmsKeyNotFoundException, InsufficientEncryptionPolicyException.
    """
    bucket = f"arn:{trail.partition}:s3:::{trail.bucket_name}"
    prefix = f"{trail.s3_key_prefix}/" if trail.s3_key_prefix else ""
    keys = {"aws:SourceArn": trail.arn, "aws:SourceAccount": trail.account_id}
    written = {**keys, "s3:x-amz-acl": "bucket-owner-full-control"}
    admitted = admits(_SERVICE, "s3:GetBucketAcl", bucket, keys) and all(
        admits(_SERVICE, "s3:PutObject", f"{bucket}/{prefix}AWSLogs/{owner}/CloudTrail/log", written)
        for owner in (trail.account_id, organization_id)
        if owner is not None
    )
    if not admitted:
        raise AwsError(
            "InsufficientS3BucketPolicyException",
            f"Incorrect S3 bucket policy is detected for bucket: {trail.bucket_name}",
        )
    if trail.kms_key_id is not None:
        _check_key(trail, keys)


def _check_key(trail: Trail, keys: Mapping[str, str]) -> None:
    if not trail.kms_key_id.startswith("arn:"):
        message = f"KMS key {trail.kms_key_id} must be given by its ARN."  # an alias or id would be of this account
        raise AwsError("InvalidKmsKeyIdException", message)
    before, _, name = trail.kms_key_id.rpartition(":")
    _, _, _, region, owner = before.split(":")
    backend = kms_backends[owner][region]
    key_id = backend.get_key_id_from_alias(name) if name.startswith("alias/") else name.removeprefix("key/")
    if key_id not in backend.keys:
        raise AwsError("KmsKeyNotFoundException", f"KMS key {trail.kms_key_id} does not exist.")
    trail.kms_key_id = f"{before}:key/{key_id}"  # "a fully specified ARN" is what CloudTrail shows (botocore, Trail)
    context = {
        **keys,
        "kms:EncryptionContext:aws:cloudtrail:arn": trail.arn,
    }
    if not admits(_SERVICE, "kms:GenerateDataKey", trail.kms_key_id, context):
        raise AwsError(
            "InsufficientEncryptionPolicyException",
            f"Insufficient permissions to access S3 bucket {trail.bucket_name} or KMS key {trail.kms_key_id}.",
        )
