"""IAM's settings for an account as a whole: its alias, and what passwords of its users must be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from avm.aws.errors import translated, unless
from avm.domain.errors import UnexpectedAwsError

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient


class IamSettings:
    """The settings, as they are and as they shall be."""

    def __init__(self, client: IAMClient) -> None:
        """``client``: with the credentials of a session in the account."""
        self._client = client

    def alias(self) -> str | None:
        """Return the account's alias; None where it has none. It has one at most (botocore: ListAccountAliases)."""
        with translated():
            return next(iter(self._client.list_account_aliases()["AccountAliases"]), None)

    def set_alias(self, alias: str) -> None:
        """Give the account an alias in the place of the one that it has.

        Aliases are unique in the whole partition: raises UnexpectedAwsError where somebody else has it.
        """

        def taken(sentence: str) -> UnexpectedAwsError:
            return UnexpectedAwsError(f"another account of AWS has the alias {alias}: {sentence}")

        with translated(EntityAlreadyExists=taken):
            self._client.create_account_alias(AccountAlias=alias)

    def password_policy(self) -> Mapping[str, Any]:
        """Return what passwords must be, by the API's names; nothing where the account has no policy of its own."""
        with translated(), unless("NoSuchEntity"):
            policy: Any = self._client.get_account_password_policy()["PasswordPolicy"]
            return dict(policy)
        return {}

    def put_password_policy(self, policy: Mapping[str, Any]) -> None:
        """Say all that passwords must be: what is not said falls back to AWS's default (botocore)."""
        with translated():
            self._client.update_account_password_policy(**policy)
