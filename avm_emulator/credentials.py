"""Credentials to act as somebody: what ``POST /_emulator/credentials`` hands out, without asking any trust policy."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from moto.iam.models import Role, iam_backends
from moto.organizations.models import organizations_backends
from moto.sts.utils import random_session_token
from moto.utilities.utils import get_partition

from avm_emulator.context import Emulator
from avm_emulator.identity_center import center_of, sign_in
from avm_emulator.role_sessions import begin_session

_VALID = dt.timedelta(hours=1)
_SESSION = "avm-local"


class UnknownPrincipalError(Exception):
    """There is no such account, role or permission set; the message says what there is."""


def credentials_of(emulator: Emulator, account_id: str, principal: str) -> dict[str, str]:
    """Return temporary credentials in the shape of STS (``Expiration``: ISO 8601 in real time, as all of AWS's).

    Args:
        emulator: the emulator.
        account_id: an account that exists.
        principal: ``root``, the name of a role of the account (alone or after its path), or of a permission set that is
            provisioned in it.

    Raises:
        UnknownPrincipalError: there is no such account, or no such principal in it.
    """
    if account_id not in {emulator.management_account_id, *organizations_backends.master_accounts}:
        message = f"there is no account {account_id}: not the management account, nor created by CreateAccount yet"
        raise UnknownPrincipalError(message)
    partition = get_partition(emulator.region)
    if principal == "root":
        key, token = iam_backends[account_id][partition].create_temp_access_key(), random_session_token()
    else:
        role_arn = _role_arn(emulator, account_id, partition, principal)
        session = begin_session(emulator.region, role_arn, _SESSION, int(_VALID.total_seconds()))
        key, token = session.access_key, session.session_token
    return {
        "AccessKeyId": key.access_key_id,
        "SecretAccessKey": key.secret_access_key,
        "SessionToken": token,
        "Expiration": (dt.datetime.now(dt.UTC) + _VALID).isoformat(timespec="seconds"),
    }


def portal_token_of(emulator: Emulator, user_name: str) -> dict[str, Any]:
    """Return an access token for the identity portal (``sso``), as sso-oidc's CreateToken does after a sign-in.

    Raises:
        UnknownPrincipalError: Identity Center has no user of that name.
    """
    token = sign_in(emulator, user_name)
    if token is None:
        message = f"Identity Center has no user {user_name}"
        raise UnknownPrincipalError(message)
    return token


def _role_arn(emulator: Emulator, account_id: str, partition: str, principal: str) -> str:
    roles: list[Role] = list(iam_backends[account_id][partition].roles.values())
    wanted = principal.removeprefix("/")
    # The role of a permission set: AWSReservedSSO_NAME_16 hexadecimal digits.
    reserved = re.compile(rf"AWSReservedSSO_{re.escape(principal)}_[0-9a-f]{{16}}")
    named = [role for role in roles if wanted in (role.name, f"{role.path}{role.name}".removeprefix("/"))]
    found = named or [role for role in roles if reserved.fullmatch(role.name)]
    if found:
        return str(found[0].arn)
    permission_sets = center_of(emulator.management_account_id, emulator.region).permission_sets
    if any(permission_set.name == principal for permission_set in permission_sets):
        message = f"permission set {principal} is not provisioned in account {account_id}: nobody is assigned it there"
        raise UnknownPrincipalError(message)
    message = (
        f"account {account_id} has no role {principal}, and there is no permission set {principal}; "
        f"it has {', '.join(sorted(role.name for role in roles)) or 'no roles at all'}"
    )
    raise UnknownPrincipalError(message)
