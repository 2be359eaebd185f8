"""The log archive's bucket for reports: what is written there stays, and nobody but the machine writes.

``accounts/ACCOUNT/OBSERVATION/DIGEST.json`` is a report, ``DIGEST.sig.json`` its signature, ``DIGEST.html`` its page,
and ``keys/UUID.pem`` the public key: a report's files name its digest, so that a step that is run again puts others
beside them or the same once more, and never a signature of one report beside another.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from avm.aws.errors import translated
from avm.aws.public_keys import PublicKeys
from avm.contracts.signed_report import SignedReport
from avm.domain.errors import ReportNotArchived, VendingError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_REFUSALS = (
    "AccessDenied",
    "AllAccessDisabled",
    "NoSuchBucket",
    "KMS.DisabledException",
    "KMS.KMSInvalidStateException",
    "KMS.NotFoundException",
)
"""What S3 answers where the bucket, its policy or its key is not as control log-archive-stores promises."""


class ReportArchive:
    """One bucket, of one account: a bucket that somebody else has made under its name gets nothing."""

    def __init__(self, client: S3Client, bucket_name: str, owner: str) -> None:
        """``client``: of the function itself, whose role the bucket's policy admits; ``owner``: the log archive."""
        self._client = client
        self._bucket = bucket_name
        self._owner = owner
        self._keys = PublicKeys(client, bucket_name, ExpectedBucketOwner=owner)

    def put(self, signed: SignedReport, page: str) -> None:
        """Keep a report with all that belongs to it, the report itself last; raises ReportNotArchived."""
        stem = f"accounts/{signed.account_id}/{signed.observation_id}/{signed.signature.digest}"
        with translated(**dict.fromkeys(_REFUSALS, _refused(signed, self._bucket))):
            self._keys.put(signed)
            self._put(f"{stem}.sig.json", signed.signature.model_dump_json(), "application/json")
            self._put(f"{stem}.html", page, "text/html; charset=utf-8")
            self._put(f"{stem}.json", signed.report, "application/json")

    def _put(self, key: str, text: str, kind: str) -> None:
        self._client.put_object(
            Bucket=self._bucket, Key=key, Body=text.encode(), ContentType=kind, ExpectedBucketOwner=self._owner
        )


def _refused(signed: SignedReport, bucket: str) -> Callable[[str], VendingError]:
    def refused(said: str) -> VendingError:
        subject = f"the report {signed.observation_id} on account {signed.account_id}"
        return ReportNotArchived(f"{subject} is kept by the machine, but bucket {bucket} did not take it: {said}")

    return refused
