"""S3's settings for an account as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from avm.aws.errors import translated, unless


class PublicAccess:
    """The block of public access that holds for every bucket of an account."""

    def __init__(self, client: Any, account_id: str) -> None:
        """``client``: ``s3control`` of boto3, with the credentials of a session in the account."""
        self._client = client
        self._account_id = account_id

    def block(self) -> Mapping[str, bool]:
        """Return the settings by their names in the API; nothing where the account has none."""
        with translated(), unless("NoSuchPublicAccessBlockConfiguration"):
            answer = self._client.get_public_access_block(AccountId=self._account_id)
            return dict(answer["PublicAccessBlockConfiguration"])
        return {}

    def put_block(self, settings: Mapping[str, bool]) -> None:
        """Say all settings; AWS takes those that are not named for False."""
        with translated():
            self._client.put_public_access_block(
                AccountId=self._account_id, PublicAccessBlockConfiguration=dict(settings)
            )
