"""Who may do what at the API: roles of the catalog (``api_roles``) by the caller's role, and whose a request is.

IAM comes first: who has no ``execute-api:Invoke`` never gets here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import translate
from typing import Literal, get_args

from avm.domain.account_request import SERVICE_CATALOG_STACK, Requester, RequestRecord
from avm.domain.errors import CallNotAllowed

ApiRole = Literal["requester", "operator", "approver", "auditor"]
API_ROLES: tuple[ApiRole, ...] = get_args(ApiRole)
_SEE_ALL: frozenset[ApiRole] = frozenset({"operator", "approver", "auditor"})

_SESSION = re.compile(r"arn:(?P<partition>[^:]+):sts::(?P<account>\d{12}):assumed-role/(?P<role>[^/]+)/(?P<session>.+)")
_OF_IDENTITY_CENTER = "AWSReservedSSO_"
_SIGNED = frozenset({"api", SERVICE_CATALOG_STACK})
"""Doors at which AWS itself says whose principal's signature it has verified: it is the same one at each."""


def role_of(principal: str) -> str | None:
    """Return the ARN of the role in whose session a principal is, without the role's path, which no session shows.

    None for a user or a root user.
    """
    found = _SESSION.fullmatch(principal)
    return found and f"arn:{found['partition']}:iam::{found['account']}:role/{found['role']}"


def user_of(principal: str) -> str | None:
    """Return the user of Identity Center in whose name a session is: it names sessions in its roles after users.

    IAM lets nobody change such a role ("protected role"); that its account may be trusted, ``api_roles`` say.
    """
    found = _SESSION.fullmatch(principal)
    return found["session"] if found and found["role"].startswith(_OF_IDENTITY_CENTER) else None


def roles_of(principal: str, api_roles: Mapping[ApiRole, Sequence[str]] | None) -> frozenset[ApiRole]:
    """Return the API roles of a principal; where the catalog names none, whom IAM admits is an operator."""
    if api_roles is None:
        return frozenset({"operator"})
    arn = role_of(principal)
    if arn is None:
        return frozenset()
    return frozenset(
        role
        for role, patterns in api_roles.items()
        if any(re.fullmatch(translate(pattern), arn) for pattern in patterns)
    )


def is_own(requester: Requester, asked: Requester) -> bool:
    """Return whether what somebody has asked for is the caller's.

    It is where both are the same user of Identity Center, or else have the same role. A session's name counts for
    nothing elsewhere: who takes a role chooses it.
    """
    if asked.door != requester.door and not {asked.door, requester.door} <= _SIGNED:
        return False
    if requester.on_behalf_of is not None or asked.on_behalf_of is not None:
        return requester.on_behalf_of == asked.on_behalf_of
    return _who(requester.principal) == _who(asked.principal)


def _who(principal: str) -> str:
    return role_of(principal) or principal


@dataclass(frozen=True)
class Access:
    """A caller, and what he may do."""

    requester: Requester
    roles: frozenset[ApiRole]

    def demand(self, *allowed: ApiRole) -> None:
        """Raise CallNotAllowed unless the caller has one of the roles, or is an operator."""
        if self.roles.isdisjoint({*allowed, "operator"}):
            has = f"has {_listed(self.roles)}" if self.roles else "has no role at this API"
            needed = _listed({*allowed, "operator"})
            message = f"this call is for {needed}; {self.requester.principal} {has}"
            raise CallNotAllowed(message)

    @property
    def sees_all(self) -> bool:
        """Return whether the caller may read every request."""
        return not self.roles.isdisjoint(_SEE_ALL)

    def sees(self, record: RequestRecord) -> bool:
        """Return whether the caller may read a request."""
        return self.sees_all or is_own(self.requester, record.requester)

    def check_sees(self, record: RequestRecord) -> None:
        """Raise CallNotAllowed for a request that is another's to read."""
        if not self.sees(record):
            raise _anothers(f"request '{record.request_id}'")

    def check_sees_plan(self, plan_id: str, asked: Requester) -> None:
        """Raise CallNotAllowed for a plan that is another's to read."""
        if not self.sees_all and not is_own(self.requester, asked):
            raise _anothers(f"plan '{plan_id}'")

    def check_acts(self, record: RequestRecord) -> None:
        """Raise CallNotAllowed for a request that is another's to cancel or to retry."""
        if "operator" not in self.roles and not is_own(self.requester, record.requester):
            raise _anothers(f"request '{record.request_id}'")

    def check_decides(self, record: RequestRecord) -> None:
        """Raise CallNotAllowed for a request of the caller's own, about which somebody else decides."""
        if "operator" not in self.roles and is_own(self.requester, record.requester):
            message = f"request '{record.request_id}' is your own: another approver decides about it"
            raise CallNotAllowed(message)


def _listed(roles: frozenset[ApiRole] | set[ApiRole]) -> str:
    return ", ".join(role for role in API_ROLES if role in roles)


def _anothers(what: str) -> CallNotAllowed:
    return CallNotAllowed(f"{what} is another requester's")
