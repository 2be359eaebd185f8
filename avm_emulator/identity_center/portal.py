"""The identity portal (``sso``): how people use their assignments, with the access token of a sign-in; moto has none.

On AWS a browser signs in and sso-oidc gives the token; here ``POST /_emulator/credentials`` does both (``sign_in``).
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any, TypeVar

from botocore import xform_name

from avm_emulator.errors import AwsError
from avm_emulator.identity_center import access, roles
from avm_emulator.identity_center.events import federated
from avm_emulator.identity_center.state import IdentityCenter, PermissionSet, PortalSession, center_of
from avm_emulator.pages import InvalidPageError, cut
from avm_emulator.role_sessions import begin_session

if TYPE_CHECKING:
    from moto.identitystore.models import User
    from werkzeug import Response

    from avm_emulator.boundary import Call
    from avm_emulator.context import Emulator
    from avm_emulator.organizations.state import Account

T = TypeVar("T")

SESSION_SECONDS = 8 * 3600
"""How long a sign-in lasts, in real seconds, as the expiry of all credentials (user guide: 8 hours by default)."""
_PAGE_SIZE = 100  # botocore: shape MaxResultType of sso


@dataclass(frozen=True)
class SignedIn:
    """A user who has shown a valid token."""

    center: IdentityCenter
    token: str
    user: User

    def permission_sets(self) -> list[tuple[Account, PermissionSet]]:
        """Return what the user has and where, each pair once; closed accounts are left out (assumed)."""
        assignments = access.assignments_of(self.center, "USER", self.user.UserId)
        pairs = dict.fromkeys((found.target_id, found.permission_set_arn) for found in assignments)
        accounts = access.accounts_in_use(self.center)
        return [(accounts[id_], self.center.permission_set(arn)) for id_, arn in pairs if id_ in accounts]


def sign_in(emulator: Emulator, user_name: str) -> dict[str, Any] | None:
    """Sign a user in; return the token in the shape of sso-oidc's CreateToken, or None when there is no such user."""
    center = _center(emulator)
    with IdentityCenter.lock:
        user = access.find_user(center, user_name)
        if user is None:
            return None
        token = secrets.token_urlsafe(48)
        center.portal_sessions[token] = PortalSession(user.UserId, time.time() + SESSION_SECONDS)
    return {"accessToken": token, "tokenType": "Bearer", "expiresIn": SESSION_SECONDS}


class IdentityPortal:
    """Answers the calls of ``sso``."""

    def __init__(self, emulator: Emulator) -> None:
        """Serve the instance of ``emulator``'s organization."""
        self._emulator = emulator

    def answer(self, call: Call) -> Response | None:
        """Answer a call of the portal (an interceptor)."""
        if call.service != "sso":
            return None
        arguments = {xform_name(name): value for name, value in call.parameters.items() if value is not None}
        wanted = call.model.input_shape.required_members if call.model.input_shape else []
        if absent := [name for name in wanted if xform_name(name) not in arguments]:
            raise AwsError("InvalidRequestException", f"Missing required parameters: {', '.join(absent)}.")
        with IdentityCenter.lock:
            signed_in = _signed_in(_center(self._emulator), arguments.pop("access_token"))
            answer = OPERATIONS[call.operation](signed_in, **arguments)
            if call.operation == "GetRoleCredentials":
                told = (signed_in.user.UserId, arguments["role_name"], arguments["account_id"])
                federated(self._emulator, signed_in.center, *told)
            return call.answer(answer)


def list_accounts(
    signed_in: SignedIn, *, max_results: int | None = None, next_token: str | None = None
) -> dict[str, Any]:
    """Return the accounts in which the user has a permission set."""
    accounts = {account.id: account for account, _ in signed_in.permission_sets()}
    found, token = _page(list(accounts.values()), next_token, max_results)
    listed = [{"accountId": a.id, "accountName": a.name, "emailAddress": a.email} for a in found]
    return {"accountList": listed, "nextToken": token}


def list_account_roles(
    signed_in: SignedIn, *, account_id: str, max_results: int | None = None, next_token: str | None = None
) -> dict[str, Any]:
    """Return the names of the permission sets that the user has in an account; raise ForbiddenException for none."""
    names = [permission_set.name for account, permission_set in signed_in.permission_sets() if account.id == account_id]
    if not names:
        raise _no_access()
    found, token = _page(names, next_token, max_results)
    return {"roleList": [{"roleName": name, "accountId": account_id} for name in found], "nextToken": token}


def get_role_credentials(signed_in: SignedIn, *, role_name: str, account_id: str) -> dict[str, Any]:
    """Return credentials of the role of a permission set; raise ForbiddenException where the user does not have it."""
    permission_sets = [found for account, found in signed_in.permission_sets() if account.id == account_id]
    wanted = next((found for found in permission_sets if found.name == role_name), None)
    if wanted is None:
        raise _no_access()
    center = signed_in.center
    role = roles.role_in(account_id, center.provisioned[account_id, wanted.permission_set_arn])
    session = begin_session(center.region_name, role.arn, signed_in.user.UserName, int(role.max_session_duration))
    return {
        "roleCredentials": {
            "accessKeyId": session.access_key_id,
            "secretAccessKey": session.secret_access_key,
            "sessionToken": session.session_token,
            "expiration": int(session.expiration.replace(tzinfo=UTC).timestamp() * 1000),
        }
    }


def logout(signed_in: SignedIn) -> dict[str, Any]:
    """End the sign-in; sessions in roles go on (botocore: Logout)."""
    del signed_in.center.portal_sessions[signed_in.token]
    return {}


OPERATIONS: Mapping[str, Callable[..., dict[str, Any]]] = {
    "GetRoleCredentials": get_role_credentials,
    "ListAccountRoles": list_account_roles,
    "ListAccounts": list_accounts,
    "Logout": logout,
}
"""All operations of ``sso``."""


def _center(emulator: Emulator) -> IdentityCenter:
    return center_of(emulator.management_account_id, emulator.region)


def _signed_in(center: IdentityCenter, token: str) -> SignedIn:
    session = center.portal_sessions.get(token)
    user = access.user(center, session.user_id) if session and time.time() < session.expires_at else None
    if user is None:
        raise AwsError("UnauthorizedException", "Session token not found or invalid")
    return SignedIn(center, token, user)


def _no_access() -> AwsError:
    """Return the error that users of the service report; botocore's model does not name it."""
    return AwsError("ForbiddenException", "No access", 403)


def _page(items: Sequence[T], next_token: str | None, max_results: int | None) -> tuple[list[T], str | None]:
    try:
        return cut(items, next_token, max_results, size=_PAGE_SIZE)
    except InvalidPageError as error:
        raise AwsError("InvalidRequestException", str(error)) from error
