"""The log archive's buckets and their key, in its own account."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from avm.aws.errors import error_code, translated, unless
from avm.aws.probes import MemberClients
from avm.domain.errors import BucketNameTaken, ConcurrentChange
from avm.domain.organization import ObjectLockSettings
from avm.domain.trust import Document

ALIAS = "alias/avm-log-archive"
_ABSENT = frozenset({"404", "NoSuchBucket"})


@dataclass(frozen=True)
class Bucket:
    """A bucket as S3 shows it."""

    is_versioned: bool
    key: str | None
    """ARN of the KMS key that it encrypts with; None: S3's own."""
    policy: Document | None
    lock: ObjectLockSettings | None
    """How long what comes is locked; None: not at all."""


class LogArchive:
    """Buckets and key of the log archive, in the home Region.

    Every call names the owner that it expects: a bucket that somebody else has made under our name, and opened for us,
    is none of ours.
    """

    def __init__(self, clients: MemberClients, region: str, account_id: str) -> None:
        """``clients``: of the account, in the home Region."""
        self._s3: Any = clients.client("s3")
        self._owner = account_id
        self._kms: Any = clients.client("kms")
        self._region = region

    # -- the key -------------------------------------------------------------------------------------------------
    def key(self) -> str | None:
        """Return the ARN of the key that the alias names; None where there is none."""
        with translated(), unless("NotFoundException"):
            return str(self._kms.describe_key(KeyId=ALIAS)["KeyMetadata"]["Arn"])
        return None

    def key_policy(self, key_arn: str) -> Document:
        """Return who may use the key."""
        with translated():
            text = self._kms.get_key_policy(KeyId=key_arn, PolicyName="default")["Policy"]
        document: Document = json.loads(text)
        return document

    def is_rotated(self, key_arn: str) -> bool:
        """Say whether the key is rotated by itself."""
        with translated():
            return bool(self._kms.get_key_rotation_status(KeyId=key_arn)["KeyRotationEnabled"])

    def create_key(self, policy: Document) -> str:
        """Make the key and its alias, and return its ARN; raises ConcurrentChange where somebody has just made it."""
        with translated(AlreadyExistsException=ConcurrentChange):
            created = self._kms.create_key(Description="Logs of the organization", Policy=json.dumps(policy))
            self._kms.create_alias(AliasName=ALIAS, TargetKeyId=created["KeyMetadata"]["KeyId"])
        return str(created["KeyMetadata"]["Arn"])

    def put_key_policy(self, key_arn: str, policy: Document) -> None:
        """Say who may use the key."""
        with translated():
            self._kms.put_key_policy(KeyId=key_arn, PolicyName="default", Policy=json.dumps(policy))

    def rotate(self, key_arn: str) -> None:
        """Let the key be rotated by itself."""
        with translated():
            self._kms.enable_key_rotation(KeyId=key_arn)

    # -- the buckets ---------------------------------------------------------------------------------------------
    def bucket(self, name: str) -> Bucket | None:
        """Return the bucket; None where nobody has one of this name; raises BucketNameTaken where somebody else has."""
        try:
            versioning = self._s3.get_bucket_versioning(Bucket=name, ExpectedBucketOwner=self._owner)
        except ClientError as error:
            if error_code(error) in _ABSENT:
                return None
            with translated():
                if error_code(error) == "AccessDenied" and not self._is_ours(name):
                    raise _taken(name) from error
                raise
        is_versioned = versioning.get("Status") == "Enabled"
        with translated():
            return Bucket(is_versioned, self._encryption(name), self._policy(name), self._lock(name))

    def create(self, name: str) -> None:
        """Make a bucket; one that is there already is success; raises BucketNameTaken where somebody was faster."""
        where = {} if self._region == "us-east-1" else {"LocationConstraint": self._region}
        given: dict[str, Any] = {"CreateBucketConfiguration": where} if where else {}
        with translated(BucketAlreadyExists=lambda _: _taken(name)), unless("BucketAlreadyOwnedByYou"):
            self._s3.create_bucket(Bucket=name, **given)

    def put_versioning(self, name: str) -> None:
        """Keep every version of every log."""
        with translated():
            self._s3.put_bucket_versioning(
                Bucket=name, ExpectedBucketOwner=self._owner, VersioningConfiguration={"Status": "Enabled"}
            )

    def put_encryption(self, name: str, key_arn: str) -> None:
        """Encrypt with the key, one data key for many objects."""
        by_default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key_arn}
        rule = {"ApplyServerSideEncryptionByDefault": by_default, "BucketKeyEnabled": True}
        with translated():
            self._s3.put_bucket_encryption(
                Bucket=name, ExpectedBucketOwner=self._owner, ServerSideEncryptionConfiguration={"Rules": [rule]}
            )

    def put_policy(self, name: str, policy: Document) -> None:
        """Say who may do what with the bucket."""
        with translated():
            self._s3.put_bucket_policy(Bucket=name, ExpectedBucketOwner=self._owner, Policy=json.dumps(policy))

    def put_lock(self, name: str, lock: ObjectLockSettings) -> None:
        """Lock what comes from now on; the bucket is versioned."""
        rule = {"DefaultRetention": {"Mode": lock.mode, "Days": lock.days}}
        configuration = {"ObjectLockEnabled": "Enabled", "Rule": rule}
        with translated():
            self._s3.put_object_lock_configuration(
                Bucket=name, ExpectedBucketOwner=self._owner, ObjectLockConfiguration=configuration
            )

    def _is_ours(self, name: str) -> bool:
        found = self._s3.list_buckets(Prefix=name)["Buckets"]
        return any(bucket["Name"] == name for bucket in found)

    def _encryption(self, name: str) -> str | None:
        with unless("ServerSideEncryptionConfigurationNotFoundError"):
            answer = self._s3.get_bucket_encryption(Bucket=name, ExpectedBucketOwner=self._owner)
            rules = answer["ServerSideEncryptionConfiguration"]["Rules"]
            by_default = rules[0]["ApplyServerSideEncryptionByDefault"]
            found: str | None = by_default.get("KMSMasterKeyID")
            return found
        return None

    def _policy(self, name: str) -> Document | None:
        with unless("NoSuchBucketPolicy"):
            answer = self._s3.get_bucket_policy(Bucket=name, ExpectedBucketOwner=self._owner)
            document: Document = json.loads(answer["Policy"])
            return document
        return None

    def _lock(self, name: str) -> ObjectLockSettings | None:
        with unless("ObjectLockConfigurationNotFoundError"):
            answer = self._s3.get_object_lock_configuration(Bucket=name, ExpectedBucketOwner=self._owner)
            retention = answer["ObjectLockConfiguration"].get("Rule", {}).get("DefaultRetention")
            # a retention in years is not one that the machine has set
            return (
                ObjectLockSettings(mode=retention["Mode"], days=retention["Days"])
                if retention and "Days" in retention
                else None
            )
        return None


def _taken(name: str) -> BucketNameTaken:
    return BucketNameTaken(f"the name {name} is taken by a bucket of another account")
