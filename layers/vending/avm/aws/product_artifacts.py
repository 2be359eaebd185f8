"""The artifacts of Service Catalog's products: it keeps its own copies, which a product's launch role may read."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from avm.aws.errors import translated
from avm.contracts.json_document import MAX_BODY_BYTES
from avm.domain.errors import FieldProblem, InvalidRequest

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from avm.aws.sts import Session, Sessions

_SCHEME = "s3://"
"""Service Catalog writes it in capitals."""


class ProductArtifacts:
    """Reads artifacts."""

    def __init__(self, sessions: Sessions, s3_of: Callable[[Session], S3Client]) -> None:
        """``sessions``: the function's; ``s3_of``: makes S3's client of a session."""
        self._sessions = sessions
        self._s3_of = s3_of

    def read(self, path: str, launch_role_arn: str) -> str:
        """Return the text of an artifact (``S3://BUCKET/KEY``); raises InvalidRequest for what can be none of ours."""
        bucket, _, key = path[len(_SCHEME) :].partition("/")
        if not path.lower().startswith(_SCHEME) or not bucket or not key:
            raise _no_artifact(f"'{path}' is no place in S3")
        session = self._sessions.assume(launch_role_arn, "artifact")
        with translated():
            body = self._s3_of(session).get_object(Bucket=bucket, Key=key)["Body"].read(MAX_BODY_BYTES + 1)
        try:
            return body.decode()
        except UnicodeDecodeError as error:
            raise _no_artifact("it is not text in UTF-8") from error


def _no_artifact(reason: str) -> InvalidRequest:
    return InvalidRequest([FieldProblem("artifact", reason, "launch a product of templates/service_catalog.yaml")])
