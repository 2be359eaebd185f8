"""Where CloudFormation waits for the answers of custom resources: a bucket of its own, by a presigned URL.

A request says where its answer goes. Whoever could have ours put elsewhere would make the function call what it is
told to; so answers go to that bucket in this Region alone, where the SDK itself finds S3.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from botocore.awsrequest import AWSRequest
from botocore.exceptions import ConnectionError as AwsConnectionError
from botocore.exceptions import HTTPClientError
from botocore.httpsession import URLLib3Session

from avm.domain.errors import ServiceUnavailable, StackNotTold

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

TIMEOUT_SECONDS = 10
"""For the connection, and for the answer."""
_BUCKET = "cloudformation-custom-resource-response-"
"""Followed by the Region, in the older ones without its hyphens (CloudFormation user guide, "VPC endpoints")."""


class StackAnswers:
    """Puts answers; certificates are verified, and no redirection is followed."""

    def __init__(self, s3: S3Client) -> None:
        """``s3``: boto3's client of the Region, which knows where S3 is."""
        region = s3.meta.region_name
        self._endpoint = urlsplit(s3.meta.endpoint_url)
        self._buckets = (f"{_BUCKET}{region.replace('-', '')}", f"{_BUCKET}{region}")
        self._hosts = _hosts(self._endpoint.hostname or "", region)
        self._session = URLLib3Session(timeout=TIMEOUT_SECONDS)

    def check(self, url: str) -> None:
        """Raise StackNotTold unless an answer at ``url`` is one to CloudFormation."""
        try:
            parts = urlsplit(url)
            ours = self._is_place(parts) and parts.port == self._endpoint.port and parts.username is None
        except ValueError:
            ours = False
        if not ours:
            raise StackNotTold(f"the address for the answer is not CloudFormation's in this Region: {url[:200]!r}")

    def put(self, url: str, body: bytes) -> None:
        """Put an answer; raises ServiceUnavailable where that may pass, StackNotTold where it is not taken."""
        self.check(url)
        # the signature of the URL is one for no content type
        request = AWSRequest("PUT", url, headers={"Content-Type": ""}, data=body)
        try:
            answer = self._session.send(request.prepare())
        except (HTTPClientError, AwsConnectionError) as error:
            message = f"CloudFormation does not take the answer: {error}"
            raise ServiceUnavailable(message) from error
        status = answer.status_code
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise ServiceUnavailable(f"CloudFormation does not take the answer: S3 answers {status}")
        if status >= HTTPStatus.MULTIPLE_CHOICES:
            raise StackNotTold(f"CloudFormation does not take the answer: S3 answers {status}")

    def _is_place(self, parts: SplitResult) -> bool:
        host = parts.hostname
        if parts.scheme != self._endpoint.scheme:
            return False
        if host in self._hosts:
            return any(parts.path.startswith(f"/{bucket}/") for bucket in self._buckets)
        return any(host == f"{bucket}.{known}" for bucket in self._buckets for known in self._hosts)


def _hosts(endpoint: str, region: str) -> frozenset[str]:
    """Return the names that S3 has in a Region: the SDK's, and the older one with a hyphen; us-east-1 once had none."""
    if not endpoint.startswith("s3."):
        return frozenset({endpoint})
    suffix = endpoint.removeprefix("s3.").removeprefix(f"{region}.")
    older = {f"s3.{suffix}"} if region == "us-east-1" else set()
    return frozenset({f"s3.{region}.{suffix}", f"s3-{region}.{suffix}", *older})
