"""What IAM asks of aliases and of users that are to go, and moto does not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from moto.iam.models import IAMBackend, iam_backends

from avm_emulator.errors import AwsError
from avm_emulator.moto_classes import restore_on_stop

if TYPE_CHECKING:
    from avm_emulator.context import Emulator

_ALIAS = r"[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]"
"""botocore's pattern of accountAliasType."""
_create_alias = IAMBackend.create_account_alias
_delete_user = IAMBackend.delete_user


def install(emulator: Emulator) -> None:
    """Make IAM so until ``emulator`` stops."""
    restore_on_stop(emulator, IAMBackend)
    IAMBackend.create_account_alias = _create
    IAMBackend.delete_user = _delete


def _create(iam: IAMBackend, alias: str) -> None:
    """Give an account its alias, which nobody else in the partition has."""
    if not re.fullmatch(_ALIAS, alias):
        raise AwsError("ValidationError", f"Value '{alias}' at 'accountAlias' failed to satisfy its constraints.")
    others = (other for account in iam_backends.values() for other in account.values() if other is not iam)
    if any(alias in other.account_aliases for other in others):
        raise AwsError("EntityAlreadyExists", f"The account alias {alias} already exists.", 409)
    _create_alias(iam, alias)


def _delete(iam: IAMBackend, user_name: str) -> None:
    """Delete a user on whom nothing hangs any more (botocore: DeleteUser)."""
    user = iam.get_user(user_name)
    hanging: dict[str, Any] = {
        "delete access keys": user.access_keys,
        "delete signing certificates": user.signing_certificates,
        "delete ssh public keys": user.ssh_public_keys,
        "deactivate MFA devices": user.mfa_devices,
        "delete login profile": user.password,
        "remove users from group": iam.get_groups_for_user(user_name),
    }
    for first, found in hanging.items():
        if found:
            raise AwsError("DeleteConflict", f"Cannot delete entity, must {first} first.", 409)
    _delete_user(iam, user_name)
