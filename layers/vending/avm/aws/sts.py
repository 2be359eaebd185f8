"""STS: sessions in roles of other accounts, always by the Region's own endpoint (aws-semantics 3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from avm.aws.errors import translated

if TYPE_CHECKING:
    from mypy_boto3_sts import STSClient

SESSION_SECONDS = 900
"""The shortest session that AssumeRole gives; a step needs less."""


class Sessions:
    """Sessions in roles."""

    def __init__(self, client: STSClient) -> None:
        """``client``: with the function's own credentials."""
        self._client = client

    def assume(self, role_arn: str, session_name: str) -> Mapping[str, str]:
        """Return temporary credentials of ``role_arn`` as keyword arguments of a boto3 client."""
        with translated():
            credentials = self._client.assume_role(
                RoleArn=role_arn, RoleSessionName=f"avm-{session_name}"[:64], DurationSeconds=SESSION_SECONDS
            )["Credentials"]
        return {
            "aws_access_key_id": credentials["AccessKeyId"],
            "aws_secret_access_key": credentials["SecretAccessKey"],
            "aws_session_token": credentials["SessionToken"],
        }
