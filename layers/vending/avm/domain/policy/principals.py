"""Principals: who makes a request, and how the ``Principal`` element of a policy takes hold of him.

Source: IAM User Guide, "AWS JSON policy elements: Principal" and "… NotPrincipal".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any

_SERVICE_LINKED = ":role/aws-service-role/"


class PrincipalKind(StrEnum):
    """What kind of principal makes a request."""

    ROOT = "root user"
    USER = "IAM user"
    ROLE = "IAM role"
    SESSION = "role session"
    SERVICE_LINKED_ROLE = "service-linked role"
    SERVICE = "AWS service"
    FEDERATED = "identity provider"
    ANONYMOUS = "anonymous"


_TYPES = {PrincipalKind.ROOT: "Account", PrincipalKind.USER: "User"}
"""Values of ``aws:PrincipalType`` that are not ``AssumedRole``."""


class Grip(IntEnum):
    """How firmly a policy names a principal; the firmer, the less other policies limit what it allows."""

    NONE = 0
    ACCOUNT = 1
    """By his account: its own policies decide who in it may use the permission."""
    ROLE = 2
    """By his role's ARN: boundary and session policy still limit the session."""
    DIRECT = 3
    """Himself, or everybody: no implicit deny in his own policies matters."""


@dataclass(frozen=True)
class Principal:
    """Who makes a request."""

    kind: PrincipalKind
    account: str
    """Empty for services, identity providers and whoever does not sign: no account's policies bind them."""
    arn: str
    """Root, user, role or session; a service's name; an identity provider's ARN; of whoever does not sign, nothing."""
    role_arn: str | None = None
    """ARN of the role, with its path, where the principal is a session of one."""
    tags: Mapping[str, str] = field(default_factory=dict)
    """Tags of user, role and session, as ``aws:PrincipalTag`` shows them."""

    @classmethod
    def root(cls, account: str, partition: str = "aws") -> Principal:
        """Return the root user of an account."""
        return cls(PrincipalKind.ROOT, account, f"arn:{partition}:iam::{account}:root")

    @classmethod
    def user(cls, arn: str, tags: Mapping[str, str] | None = None) -> Principal:
        """Return an IAM user."""
        return cls(PrincipalKind.USER, arn.split(":")[4], arn, tags=tags or {})

    @classmethod
    def role(cls, arn: str, tags: Mapping[str, str] | None = None) -> Principal:
        """Return a role as such, as policy simulators take it: any of its sessions."""
        kind = PrincipalKind.SERVICE_LINKED_ROLE if _SERVICE_LINKED in arn else PrincipalKind.ROLE
        return cls(kind, arn.split(":")[4], arn, arn, tags or {})

    @classmethod
    def session(cls, role_arn: str, name: str, tags: Mapping[str, str] | None = None) -> Principal:
        """Return a session called ``name`` in a role."""
        _, partition, _, _, account, path = role_arn.split(":")
        kind = PrincipalKind.SERVICE_LINKED_ROLE if _SERVICE_LINKED in role_arn else PrincipalKind.SESSION
        arn = f"arn:{partition}:sts::{account}:assumed-role/{path.rpartition('/')[2]}/{name}"
        return cls(kind, account, arn, role_arn, tags or {})

    @classmethod
    def service(cls, name: str) -> Principal:
        """Return an AWS service: ``lambda.amazonaws.com``."""
        return cls(PrincipalKind.SERVICE, "", name)

    @classmethod
    def federated(cls, provider: str) -> Principal:
        """Return somebody whom an identity provider vouches for: ``arn:aws:iam::123456789012:saml-provider/NAME``."""
        return cls(PrincipalKind.FEDERATED, "", provider)

    @classmethod
    def anonymous(cls) -> Principal:
        """Return whoever does not sign his request."""
        return cls(PrincipalKind.ANONYMOUS, "", "")

    @property
    def own_keys(self) -> Mapping[str, str]:
        """Return the condition keys, in lower case, that IAM itself fills for every request of the principal."""
        is_service = self.kind is PrincipalKind.SERVICE
        keys = {"aws:principalisawsservice": str(is_service).lower()}
        if is_service:
            return {**keys, "aws:principalservicename": self.arn}
        if not self.account:
            return keys
        keys["aws:principalarn"] = self.role_arn or self.arn
        keys["aws:principalaccount"] = self.account
        keys["aws:principaltype"] = _TYPES.get(self.kind, "AssumedRole")
        if self.kind is PrincipalKind.USER:
            keys["aws:username"] = self.arn.rpartition("/")[2]
        return keys | {f"aws:principaltag/{key.lower()}": value for key, value in self.tags.items()}


class Principals:
    """The value of ``Principal`` or ``NotPrincipal``."""

    __slots__ = ("_accounts", "_aws", "_everybody", "_others")

    def __init__(self, element: Any) -> None:
        """Raise ValueError for what IAM does not take."""
        named = _named(element)
        self._everybody = element == "*" or "*" in named["AWS"]
        # An account is written as its number or as the ARN of its root, which mean the same
        self._accounts = {account for value in named["AWS"] if (account := _account(value))}
        self._aws = set(named["AWS"])
        self._others = set(named["Service"]) | set(named["Federated"])

    @property
    def is_everybody(self) -> bool:
        """Whether the element is ``*``."""
        return self._everybody

    def grip(self, principal: Principal) -> Grip:
        """Return how the element, as a ``Principal``, names somebody."""
        if self._everybody:
            return Grip.DIRECT
        if not principal.account:
            return Grip.DIRECT if principal.arn in self._others else Grip.NONE
        if principal.kind is PrincipalKind.ROOT:
            return Grip.DIRECT if principal.account in self._accounts else Grip.NONE
        if principal.arn in self._aws and principal.arn != principal.role_arn:
            return Grip.DIRECT
        if principal.role_arn in self._aws:
            return Grip.ROLE
        return Grip.ACCOUNT if principal.account in self._accounts else Grip.NONE

    def spares(self, principal: Principal) -> bool:
        """Say whether the element, as a ``NotPrincipal``, leaves somebody out.

        Account, role and session are looked at one after the other; whoever is to be left out must be listed as each.
        """
        if self._everybody:
            return True
        if not principal.account:
            return principal.arn in self._others
        himself = principal.kind is PrincipalKind.ROOT or {principal.arn, principal.role_arn} - {None} <= self._aws
        return himself and principal.account in self._accounts


def _named(element: Any) -> Mapping[str, Sequence[str]]:
    named: dict[str, Sequence[str]] = {"AWS": (), "Service": (), "Federated": ()}
    if element == "*":
        return named
    if not isinstance(element, Mapping) or not element:
        raise ValueError("is '*', or names AWS, Service or Federated principals")
    for kind, values in element.items():
        if kind not in named:
            raise ValueError(f"{kind!r} is not a kind of principal that is known here")
        named[kind] = (values,) if isinstance(values, str) else tuple(values)
        _check(kind, named[kind])
    return named


def _check(kind: str, values: Iterable[str]) -> None:
    for value in values:
        wrong = not isinstance(value, str) or not value or ("*" in value and value != "*")
        if wrong or (kind == "AWS" and value != "*" and not _account(value) and not value.startswith("arn:")):
            raise ValueError(f"{value!r} is not a principal; wildcards stand for everybody only, alone")


def _account(value: str) -> str | None:
    if value.isdecimal():
        return value
    return value.split(":")[4] if value.startswith("arn:") and value.endswith(":root") else None
