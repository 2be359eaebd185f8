"""The ways to AWS that a control gets: one account, in one role, for the length of one invocation."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from avm.aws.budgets import Budgets
from avm.aws.identity_center import IdentityCenter
from avm.aws.organizations import Organizations
from avm.aws.probes import MemberClients
from avm.aws.root_credentials import RootCredentials
from avm.aws.sts import Session
from avm.controls.vending_roles import SECURITY
from avm.domain.errors import FoundationBehind
from avm.domain.foundation import Foundation

if TYPE_CHECKING:
    from avm.steps.gateways import Gateways

_Read = TypeVar("_Read")

View = dict[tuple[str, ...], Any]
"""What was read once for many accounts: the organization as one look at it has shown it."""


class AccountReach:
    """What ``avm.controls.control.Reach`` describes, for one account in one of its vending roles."""

    def __init__(
        self,
        gateways: Gateways,
        foundation: Foundation,
        account_id: str,
        role: str,
        session_name: str,
        *,
        memory: View | None = None,
    ) -> None:
        """``role``: ``avm-observe`` or ``avm-enforce``; ``memory``: of ``once``, without which it reads each time."""
        self._gateways = gateways
        self._foundation = foundation
        self._account_id = account_id
        self._role = role
        self._session_name = session_name
        self._memory = memory
        self._clients: dict[tuple[str, str | None], MemberClients] = {}

    @property
    def organizations(self) -> Organizations:
        """AWS Organizations, by way of the broker."""
        return self._gateways.organizations

    @property
    def budgets(self) -> Budgets:
        """AWS Budgets of the management account, by way of the broker."""
        return self._gateways.budgets

    @property
    def root_credentials(self) -> RootCredentials:
        """What root users of member accounts have to sign in with, by way of the broker."""
        return self._gateways.root_credentials

    @property
    def identity_center(self) -> IdentityCenter:
        """IAM Identity Center."""
        return self._gateways.identity_center

    def member(self, region: str | None = None) -> MemberClients:
        """Return the account's clients in a Region, without one at home."""
        return self._in(self._role, region, lambda: self._member_session)

    def security(self, region: str) -> MemberClients:
        """Return the security account's clients in a Region; raises FoundationBehind where there is none."""
        return self._in(SECURITY, region, lambda: self._security_session)

    def bootstrap(self) -> MemberClients:
        """Return the account's clients as its bootstrap role, by way of the broker."""
        return self._in("bootstrap", None, lambda: self._bootstrap_session)

    def once(self, key: tuple[str, ...], read: Callable[[], _Read]) -> _Read:
        """Return what ``read`` returns, read once unless this is a reach that remembers nothing."""
        if self._memory is None:
            return read()
        if key not in self._memory:
            self._memory[key] = read()
        found: _Read = self._memory[key]
        return found

    @cached_property
    def _member_session(self) -> Session:
        return self._gateways.session(self._account_id, self._role, self._session_name)

    @cached_property
    def _security_session(self) -> Session:
        if self._foundation.security_account_id is None:
            message = "the organization has no account of type security"
            raise FoundationBehind(message)
        return self._gateways.session(self._foundation.security_account_id, SECURITY, self._session_name)

    @cached_property
    def _bootstrap_session(self) -> Session:
        sessions = self._gateways.bootstrap_sessions(self._account_id)
        return sessions.assume(self._gateways.bootstrap_role(self._account_id), self._session_name)

    def _in(self, role: str, region: str | None, session: Callable[[], Session]) -> MemberClients:
        if (role, region) not in self._clients:
            self._clients[role, region] = _Cached(self._gateways.member_clients(region, session()))
        return self._clients[role, region]


class _Cached:
    """Clients of one session in one Region, each made once: making one costs tens of milliseconds."""

    def __init__(self, clients: MemberClients) -> None:
        self._clients = clients
        self._made: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        """Return the client of a service, by boto3's name."""
        if service not in self._made:
            self._made[service] = self._clients.client(service)
        return self._made[service]
