"""STS: sessions in other roles, always by the Region's own endpoint (aws-semantics 3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from avm.aws.errors import translated

if TYPE_CHECKING:
    from mypy_boto3_sts import STSClient

SESSION_SECONDS = 900
"""The shortest session that AssumeRole gives; a step needs less."""


@dataclass(frozen=True)
class Session:
    """A session in a role."""

    credentials: Mapping[str, str] = field(repr=False)
    """Keyword arguments of a boto3 client."""
    expires: datetime


class Sessions:
    """Sessions in roles."""

    def __init__(self, client: STSClient) -> None:
        """``client``: with the credentials of whoever takes the roles."""
        self._client = client

    def assume(
        self, role_arn: str, session_name: str, *, external_id: str | None = None, policy: str | None = None
    ) -> Session:
        """Return a session in ``role_arn``; ``policy`` narrows it to what both the role and the document allow."""
        given: dict[str, Any] = {"ExternalId": external_id, "Policy": policy}
        with translated():
            answer = self._client.assume_role(
                RoleArn=role_arn,
                RoleSessionName=f"avm-{session_name}"[:64],
                DurationSeconds=SESSION_SECONDS,
                **{name: value for name, value in given.items() if value is not None},
            )
        return Session(keys_of(answer), answer["Credentials"]["Expiration"])


def keys_of(answer: Any) -> dict[str, str]:
    """Return the credentials in an answer of STS as boto3 takes them."""
    credentials = answer["Credentials"]
    return {
        "aws_access_key_id": credentials["AccessKeyId"],
        "aws_secret_access_key": credentials["SecretAccessKey"],
        "aws_session_token": credentials["SessionToken"],
    }
