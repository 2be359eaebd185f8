"""Who owns an access key, and the secret that its signatures are made with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from moto.iam.models import AccessKey, iam_backends
from moto.sts.models import sts_backends
from moto.utilities.utils import get_partition

from avm_emulator.boundary.identity import account_of
from avm_emulator.clients import ACCESS_KEY_ID, SECRET_ACCESS_KEY
from avm_emulator.context import Emulator


@dataclass(frozen=True)
class Credentials:
    """An access key as IAM or STS issued it."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    account_id: str
    user_arn: str
    """Of the user, the root or the session."""
    user_id: str
    """``AIDA…`` of a user, ``AROA…:session`` of a session, the account's id of its root."""
    expires: datetime | None = None
    """Real time; None for credentials that stay valid."""


def find(emulator: Emulator, access_key_id: str, session_token: str | None) -> Credentials | None:
    """Return the credentials with that key and session token; None if nobody issued them (or they are inactive)."""
    partition = get_partition(emulator.region)
    if access_key_id == ACCESS_KEY_ID:
        return _root(partition, emulator.management_account_id, access_key_id, SECRET_ACCESS_KEY)
    account_id = account_of(access_key_id)
    if account_id is None or account_id not in iam_backends:
        return None
    iam = iam_backends[account_id][partition]
    key = iam.access_keys.get(access_key_id)
    if key is None or key.status != "Active":
        return None
    if key.role_arn is not None:
        return _session(account_id, partition, key, session_token)
    if key.user_name is None:
        # a root's temporary key (POST /_emulator/credentials); moto keeps no token with it
        return _root(partition, account_id, access_key_id, key.secret_access_key)
    user = iam.get_user(key.user_name)
    found = Credentials(access_key_id, key.secret_access_key, account_id, user.arn, user.id)
    return found if session_token is None else None


def _session(account_id: str, partition: str, key: AccessKey, session_token: str | None) -> Credentials | None:
    for session in reversed(sts_backends[account_id][partition].assumed_roles):
        if session.access_key is key and session.session_token == session_token:
            expires = session.expiration.replace(tzinfo=UTC)
            user_id, secret = session.user_id, key.secret_access_key
            return Credentials(key.access_key_id, secret, account_id, session.arn, user_id, expires)
    return None


def _root(partition: str, account_id: str, access_key_id: str, secret: str) -> Credentials:
    arn = f"arn:{partition}:iam::{account_id}:root"
    return Credentials(access_key_id, secret, account_id, arn, account_id)
