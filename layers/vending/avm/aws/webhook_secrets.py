"""The secrets with which ticketing systems and the machine sign what they send each other: one a source."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from avm.aws.errors import error_code, translated

MIN_CHARACTERS = 32
"""A shorter secret can be guessed: it counts as none."""

_STAGES = ("AWSCURRENT", "AWSPREVIOUS")
"""Secrets Manager itself moves the labels when a new value is put (user guide, "Secret versions")."""


class WebhookSecrets:
    """Secrets Manager, as far as webhooks go. Nothing is kept: a secret that is taken back counts no more at once."""

    def __init__(self, client: Any, prefix: str) -> None:
        """``prefix``: what the names of the secrets begin with; the source's name follows."""
        self._client = client
        self._prefix = prefix

    def valid(self, source: str) -> tuple[str, ...]:
        """Return the source's secrets, the current one first; empty where it has none."""
        found = (self._value(source, stage) for stage in _STAGES)
        return tuple(value for value in found if value is not None and len(value) >= MIN_CHARACTERS)

    def _value(self, source: str, stage: str) -> str | None:
        with translated():
            try:
                answer = self._client.get_secret_value(SecretId=self._prefix + source, VersionStage=stage)
            except ClientError as error:
                if error_code(error) == "ResourceNotFoundException":
                    return None
                raise
        value: str | None = answer.get("SecretString")
        return value
