"""S3: the bucket that keeps the reports on accounts. Its versioning keeps the earlier ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

from avm.aws.errors import translated
from avm.contracts.report import Report
from avm.domain.errors import RecordInconsistent, ReportNotFound

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class Reports:
    """The latest report on each account."""

    def __init__(self, client: S3Client, bucket_name: str) -> None:
        """``bucket_name``: of the stack's report bucket, which encrypts by default."""
        self._client = client
        self._bucket = bucket_name

    def put(self, report: Report) -> None:
        """Keep a report as the latest on its account."""
        with translated():
            self._client.put_object(
                Bucket=self._bucket,
                Key=_key(report.account_id),
                Body=report.model_dump_json().encode(),
                ContentType="application/json",
            )

    def latest(self, account_id: str) -> Report:
        """Return the latest report on an account; raises ReportNotFound where it has none."""
        missing = f"account {account_id} has not been observed yet"
        with translated(NoSuchKey=lambda _: ReportNotFound(missing)):
            text = self._client.get_object(Bucket=self._bucket, Key=_key(account_id))["Body"].read()
        try:
            return Report.model_validate_json(text)
        except ValidationError as error:
            message = f"the report on account {account_id} cannot be read: {error}"
            raise RecordInconsistent(message) from error


def _key(account_id: str) -> str:
    return f"accounts/{account_id}/report.json"
