"""The public keys in a bucket, ``keys/UUID.pem``: each is kept for ever, so that old reports can be verified."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from avm.aws.errors import unless
from avm.contracts.signed_report import SignedReport, key_file

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class PublicKeys:
    """The public keys in one bucket. Errors are botocore's: whoever asks says what they mean."""

    def __init__(self, client: S3Client, bucket_name: str, **owner: str) -> None:
        """``owner``: ExpectedBucketOwner, where the bucket is another account's."""
        self._client = client
        self._bucket = bucket_name
        self._owner: dict[str, Any] = owner
        self._kept: set[str] = set()

    def put(self, signed: SignedReport) -> None:
        """Keep the public key of a signature, once a process; one that is there is never written again."""
        key_id = signed.signature.key_id
        if key_id in self._kept:
            return
        with unless("PreconditionFailed"):
            self._client.put_object(
                Bucket=self._bucket,
                Key=_name(key_id),
                Body=signed.public_key.encode(),
                ContentType="application/x-pem-file",
                IfNoneMatch="*",
                **self._owner,
            )
        self._kept.add(key_id)

    def get(self, key_id: str) -> str:
        """Return a public key, PEM."""
        answer = self._client.get_object(Bucket=self._bucket, Key=_name(key_id), **self._owner)
        return answer["Body"].read().decode()


def _name(key_id: str) -> str:
    return f"keys/{key_file(key_id)}"
