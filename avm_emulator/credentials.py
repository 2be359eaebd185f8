"""Credentials to act as somebody: what ``POST /_emulator/credentials`` hands out, without asking any trust policy."""

from __future__ import annotations

import datetime as dt
from typing import Any

from moto.iam.models import iam_backends
from moto.organizations.models import organizations_backends
from moto.sts.models import sts_backends
from moto.sts.utils import random_session_token
from moto.utilities.utils import get_partition

from avm_emulator.context import Emulator

_VALID = dt.timedelta(hours=1)
_SESSION = "avm-local"


class UnknownPrincipalError(Exception):
    """There is no such account, role or permission set; the message says what there is."""


def credentials_of(emulator: Emulator, account_id: str, principal: str) -> dict[str, str]:
    """Return temporary credentials in the shape of STS (``Expiration``: ISO 8601 in real time, as all of AWS's).

    Args:
        emulator: the emulator.
        account_id: an account that exists.
        principal: ``root``, the name of a role of the account, or of a permission set that is provisioned in it.

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
        session = sts_backends[account_id][partition].assume_role(
            region_name=emulator.region,
            role_session_name=_SESSION,
            role_arn=_role_arn(account_id, partition, principal),
            policy="",
            duration=int(_VALID.total_seconds()),
            external_id="",
        )
        key, token = session.access_key, session.session_token
    return {
        "AccessKeyId": key.access_key_id,
        "SecretAccessKey": key.secret_access_key,
        "SessionToken": token,
        "Expiration": (dt.datetime.now(dt.UTC) + _VALID).isoformat(timespec="seconds"),
    }


def _role_arn(account_id: str, partition: str, principal: str) -> str:
    arns: dict[str, Any] = {role.name: role.arn for role in list(iam_backends[account_id][partition].roles.values())}
    # The role of a permission set: AWSReservedSSO_NAME_16 hexadecimal digits.
    found = [name for name in arns if name == principal or name.rpartition("_")[0] == f"AWSReservedSSO_{principal}"]
    if not found:
        message = (
            f"account {account_id} has no role {principal} and no provisioned permission set {principal}; "
            f"it has {', '.join(sorted(arns)) or 'no roles at all'}"
        )
        raise UnknownPrincipalError(message)
    return str(arns[found[0]])
