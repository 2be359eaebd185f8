"""What a control is: one promise about an account, with how to look at it and how to make it true.

A new control is one file here with one class, its name in an account type, and what is generated from its declaration.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Protocol, TypeVar

from pydantic import BaseModel

from avm.aws.budgets import Budgets
from avm.aws.identity_center import IdentityCenter
from avm.aws.organizations import Account, Organizations
from avm.aws.probes import MemberClients
from avm.aws.root_credentials import RootCredentials
from avm.domain.account_request import AccountRequest
from avm.domain.account_type import AccountType
from avm.domain.catalog import Catalog
from avm.domain.catalog_model import CatalogModel
from avm.domain.finding import Change, Finding, PlannedChange, Verdict
from avm.domain.foundation import Foundation, FoundationPart
from avm.domain.remediation import Mode
from avm.domain.trust import Trusted

Plane = Literal["broker", "organization", "member", "security", "identity-center"]
"""As whom it works: through the bootstrap role, in the management account, in the account's vending roles, in the
delegated administrator of the security services, or in Identity Center."""

Scope = Literal["account", "region"]

Duty = Literal[
    "create_vending_roles",
    "restrict_bootstrap",
    "attach_guardrails",
    "harden_account",
    "enroll_logging",
    "enroll_security",
    "assign_access",
]
"""The function that enforces it."""

_Read = TypeVar("_Read")

Check = Callable[[], object]
"""A look at AWS that raises a VendingError, or means nothing."""

_NO_CHANGES = ("Describe", "Get", "List", "Pass")
"""How the names of actions begin that change nothing by themselves."""


@dataclass(frozen=True)
class Grant:
    """Actions that a control needs, and what on: ``{partition}``, ``{account}`` and ``{region}`` are filled in."""

    actions: tuple[str, ...]
    resources: tuple[str, ...] = ("*",)
    plane: Plane | None = None
    """Whose role needs them, where a control works on another plane beside its own."""
    observing_only: bool = False
    """Of a look: ``enforce`` does without it, or looks in another role."""


@dataclass(frozen=True)
class DriftEvent:
    """A call, as CloudTrail records it, after which the control may be untrue."""

    source: str
    """``ec2.amazonaws.com``."""
    name: str
    """``CreateDefaultVpc``."""


class NoParameters(CatalogModel):
    """The parameters of a control that takes none."""


@dataclass(frozen=True)
class Target:
    """What a control is about: one account, in one Region of it where the control's scope is ``region``."""

    account: Account
    account_type: AccountType
    catalog: Catalog
    request: AccountRequest
    """What was asked for: contacts, tags, access."""
    request_id: str
    foundation: Foundation
    trusted: Trusted
    """Whom the machine's roles in the account trust."""
    region: str | None = None
    operation_id: str | None = None
    """What an earlier round has started and AWS may still work on."""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """What the account type gives the control, by the model that the control declares."""


class Reach(Protocol):
    """The ways to AWS, by plane: as ``avm-observe`` while a control observes, as ``avm-enforce`` while it enforces."""

    @property
    def organizations(self) -> Organizations:
        """AWS Organizations, by way of the broker."""

    @property
    def budgets(self) -> Budgets:
        """AWS Budgets of the management account, by way of the broker."""

    @property
    def root_credentials(self) -> RootCredentials:
        """What root users of member accounts have to sign in with, by way of the broker."""

    @property
    def identity_center(self) -> IdentityCenter:
        """IAM Identity Center."""

    def member(self, region: str | None = None) -> MemberClients:
        """Return the account's clients in a Region, without one at home, for a gateway of ``avm.aws`` to take."""

    def security(self, region: str) -> MemberClients:
        """Return the security account's clients in a Region, in its role ``avm-security``."""

    def bootstrap(self) -> MemberClients:
        """Return the account's clients as its bootstrap role, by way of the broker."""

    def once(self, key: tuple[str, ...], read: Callable[[], _Read]) -> _Read:
        """Return what ``read`` returns; where many accounts are looked at, it is read once for all of them.

        ``key``: names the call and what it depends on. For what is the same for all accounts, and for looks only.
        """


class Control(ABC):
    """One thing that must be true of an account. A subclass declares it; one instance serves all accounts.

    What goes wrong is raised: the engine makes a finding ``unknown`` of it, with the true cause. A partial answer
    (``UnprocessedAccounts`` …) is an error, too.
    """

    name: ClassVar[str]
    """In kebab-case; its file has the same name, with underscores."""
    promise: ClassVar[str]
    """What is true where it is compliant; for people, one sentence."""
    plane: ClassVar[Plane]
    scope: ClassVar[Scope] = "account"
    duty: ClassVar[Duty]
    needs: ClassVar[tuple[str, ...]] = ()
    """Controls that must be true before this one can be enforced."""
    foundation: ClassVar[tuple[FoundationPart, ...]] = ()
    """Without these it is ``deferred``: the foundation is not that far."""
    observe_grants: ClassVar[tuple[Grant, ...]] = ()
    enforce_grants: ClassVar[tuple[Grant, ...]] = ()
    """Beside those to observe; the policies of the roles of its plane are made of both."""
    drift_events: ClassVar[tuple[DriftEvent, ...]] = ()
    mode: ClassVar[Mode] = "enforce"
    """What is done about drift."""
    kept_by_foundation: ClassVar[bool] = False
    """Whether it is about what all accounts share: its drift is told once, of the foundation, and mended there."""
    blocks_ready: ClassVar[bool] = True
    """Whether an account is not ready while this is ``pending``; False only where AWS itself takes hours."""
    deadline_seconds: ClassVar[int] = 1800
    """How long it may be ``pending``."""
    parameters: ClassVar[type[BaseModel]] = NoParameters
    """What an account type may say about it."""

    @abstractmethod
    def observe(self, target: Target, reach: Reach) -> Finding:
        """Look at AWS; change nothing, trust no stored flag."""

    @abstractmethod
    def enforce(self, target: Target, reach: Reach) -> list[Change]:
        """Make it true; what is true already costs no mutating call. What AWS finishes later is not waited for."""

    def planned(self, target: Target, reach: Reach) -> list[PlannedChange]:  # noqa: ARG002  most need no look
        """Return the calls by which ``enforce`` makes it true in an account that AWS has just made, one row each.

        A control that does not say so itself makes each call of ``changing_actions`` once. ``target.account`` has no
        id: only what ``checks`` look at can be looked at. A test vends accounts and compares.
        """
        subject = target.account.name if target.region is None else f"{target.account.name} in {target.region}"
        return [PlannedChange(action, subject) for action in self.changing_actions()]

    def checks(self, target: Target, reach: Reach) -> list[Check]:  # noqa: ARG002  most have none
        """Return looks, each of which raises what would keep it from being made true in an account to come.

        ``target.account`` has no id: only the organization, Identity Center and the security account can be looked at.
        """
        return []

    @classmethod
    def changing_actions(cls) -> tuple[str, ...]:
        """Return which calls may make it true, as IAM names them."""
        declared = {action for grant in cls.enforce_grants for action in grant.actions}
        return tuple(sorted(each for each in declared if not each.partition(":")[2].startswith(_NO_CHANGES)))

    def finding(self, target: Target, status: Verdict, **evidence: Any) -> Finding:
        """Return a finding of this control; ``evidence``: the API's operation -> what it showed."""
        return Finding(self.name, status, evidence, target.region)

    def change(self, operation: str, resource: str, operation_id: str | None = None) -> Change:
        """Return a change that this control has made."""
        return Change(self.name, operation, resource, operation_id)
