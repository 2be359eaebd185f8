"""Who makes a call: the account and the principal behind an access key."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from moto.iam.models import iam_backends
from moto.iam.utils import ACCOUNT_OFFSET, AWS_ROLE_ALPHABET
from moto.sts.models import sts_backends
from moto.utilities.utils import get_partition

from avm_emulator.context import Emulator

_PREFIX = 4
_ACCOUNT_END = 12


@dataclass(frozen=True)
class Principal:
    """Who makes a call, as IAM names him."""

    account: str
    arn: str
    """Root, user, or session: ``arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION``."""
    name: str
    """The short form: ``root``, ``user/NAME`` or ``ROLE/SESSION``."""
    unique_id: str
    """What IAM never gives twice (``aws:userid`` of policies): the account of root, ``AIDA…``, ``AROA…:SESSION``."""
    role_arn: str | None = None
    """ARN of the role, with its path, when the principal is a session (``aws:PrincipalArn`` of policies)."""
    session_name: str | None = None


class Principals:
    """Finds the principal of an access key in moto's IAM and STS."""

    def __init__(self, emulator: Emulator) -> None:
        """Take what is unknown for the root of the management account, in the partition of the emulator's Region."""
        self._partition = get_partition(emulator.region)
        self._management = self._root(emulator.management_account_id)
        self.anonymous = Principal(emulator.management_account_id, "anonymous", "anonymous", "anonymous")
        self._sessions: dict[str, Principal] = {}

    def of(self, access_key: str) -> Principal:
        """Return the principal of an access key; of an unknown one the management account's root."""
        session = self._sessions.get(access_key)
        if session is not None:
            return session
        account = account_of(access_key)
        if account is None or account not in iam_backends:
            return self._management
        key = iam_backends[account][self._partition].access_keys.get(access_key)
        if key is None:
            return self._management
        if key.user_name is not None:
            user = iam_backends[account][self._partition].get_user(key.user_name)
            return Principal(account, user.arn, f"user/{user.name}", user.id)
        if key.role_arn is None:
            return self._root(account)
        return self._session(account, access_key)

    def _root(self, account: str) -> Principal:
        return Principal(account, f"arn:{self._partition}:iam::{account}:root", "root", account)

    def _session(self, account: str, access_key: str) -> Principal:
        # moto scans the list of all sessions, on each call; the newest is at its end.
        sessions = sts_backends[account][self._partition].assumed_roles
        role = next(session for session in reversed(sessions) if session.access_key_id == access_key)
        name = f"{role.role_arn.rpartition('/')[2]}/{role.session_name}"
        principal = Principal(account, role.arn, name, role.user_id, role.role_arn, role.session_name)
        self._sessions[access_key] = principal
        return principal


def account_of(access_key: str) -> str | None:
    """Return the account that is written in an access key of moto's (as in AWS's own); None when there is none.

    moto itself looks the key up in every account and partition, on each call: slow with thousands of accounts.
    """
    try:
        number = int.from_bytes(base64.b32decode(access_key[_PREFIX:_ACCOUNT_END]), "big") - ACCOUNT_OFFSET
        odd = AWS_ROLE_ALPHABET.index(access_key[_ACCOUNT_END]) >= len(AWS_ROLE_ALPHABET) // 2
    except (binascii.Error, IndexError, ValueError):
        return None
    return f"{number * 2 + odd:012d}"
