"""The log archive's buckets and their key, in its own account."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from avm.aws.errors import error_code, translated, unless
from avm.aws.probes import MemberClients
from avm.domain.errors import ConcurrentChange, FoundationBehind
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


class LogArchive:
    """Buckets and key of the log archive, in the home Region."""

    def __init__(self, clients: MemberClients, region: str) -> None:
        """``clients``: of the account, in the home Region."""
        self._s3: Any = clients.client("s3")
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
        """Return the bucket; None where the account has none of this name."""
        try:
            versioning = self._s3.get_bucket_versioning(Bucket=name)
        except ClientError as error:
            if error_code(error) in _ABSENT:
                return None
            with translated():
                raise
        with translated():
            return Bucket(versioning.get("Status") == "Enabled", self._encryption(name), self._policy(name))

    def create(self, name: str) -> None:
        """Make a bucket; one that is there already is success.

        Raises FoundationBehind where its name is somebody else's: names are unique in the whole partition.
        """

        def taken(sentence: str) -> FoundationBehind:
            return FoundationBehind(f"the name {name} is taken by a bucket of another account ({sentence})")

        where = {} if self._region == "us-east-1" else {"LocationConstraint": self._region}
        given: dict[str, Any] = {"CreateBucketConfiguration": where} if where else {}
        with translated(BucketAlreadyExists=taken), unless("BucketAlreadyOwnedByYou"):
            self._s3.create_bucket(Bucket=name, **given)

    def put_versioning(self, name: str) -> None:
        """Keep every version of every log."""
        with translated():
            self._s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})

    def put_encryption(self, name: str, key_arn: str) -> None:
        """Encrypt with the key, one data key for many objects."""
        by_default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key_arn}
        rule = {"ApplyServerSideEncryptionByDefault": by_default, "BucketKeyEnabled": True}
        with translated():
            self._s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [rule]})

    def put_policy(self, name: str, policy: Document) -> None:
        """Say who may do what with the bucket."""
        with translated():
            self._s3.put_bucket_policy(Bucket=name, Policy=json.dumps(policy))

    def _encryption(self, name: str) -> str | None:
        with unless("ServerSideEncryptionConfigurationNotFoundError"):
            answer = self._s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]
            by_default = answer["Rules"][0]["ApplyServerSideEncryptionByDefault"]
            found: str | None = by_default.get("KMSMasterKeyID")
            return found
        return None

    def _policy(self, name: str) -> Document | None:
        with unless("NoSuchBucketPolicy"):
            document: Document = json.loads(self._s3.get_bucket_policy(Bucket=name)["Policy"])
            return document
        return None
