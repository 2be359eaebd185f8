"""What a foundation control is: one promise about the organization, and the steps that lead there from what AWS shows.

Steps are the one thing that a control works out. A plan prints them, an apply does them and looks again: so the two
cannot differ, and where nothing is left to do nothing is done. A new control is one file here with one class.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Protocol

from avm.aws.account_quota import AccountQuota
from avm.aws.cost_allocation import CostAllocation
from avm.aws.designations import Designations
from avm.aws.management_trails import ManagementTrails
from avm.aws.organization_setup import OrganizationDescription, OrganizationSetup
from avm.aws.organizations import Account, Organizations
from avm.aws.permission_sets import PermissionSets
from avm.aws.probes import MemberClients
from avm.aws.root_access import RootAccess
from avm.controls.control import DriftEvent, Grant, Plane
from avm.domain.account import AccountStatus
from avm.domain.account_request import Status
from avm.domain.catalog import Catalog
from avm.domain.finding import Verdict
from avm.domain.foundation import Foundation, FoundationPart

FoundationDuty = Literal[
    "shape_organization", "prepare_access", "request_accounts", "prepare_logging", "prepare_security"
]
"""The function that does its steps."""


@dataclass(frozen=True)
class Step:
    """One call that brings the organization closer to the catalog."""

    operation: str
    """As IAM names it: ``organizations:CreatePolicy``."""
    subject: str
    """What it changes, for people."""
    act: Callable[[], None] = field(repr=False)
    """Makes the call. It may rest on what earlier steps of the same look have made, so steps are done in order."""
    before: Any = None
    """What AWS shows now, as JSON has it; None: it is not there."""
    after: Any = None
    """What it will show; None: it will not be there."""
    is_surplus: bool = False
    """It takes away what is there beside what is promised: nothing is untrue before it is done."""


@dataclass(frozen=True)
class Look:
    """What a control has seen, and what is left to do."""

    shown: Mapping[str, Any]
    """The evidence: the API's operation, or the place or account looked at -> what it showed."""
    steps: tuple[Step, ...] = ()
    waits_for: tuple[str, ...] = ()
    """What AWS, or a vend, works on."""
    by_hand: tuple[str, ...] = ()
    """What no API does: what somebody has to do, and where."""
    to_look_at: tuple[str, ...] = ()
    """What no API shows: what somebody has to look at, and where. Nothing is known of it, so it means nothing here."""
    left_alone: tuple[str, ...] = ()
    """What is there and belongs to others: it is named, never touched."""

    @classmethod
    def at_all(cls, looks: Mapping[str, Look]) -> Look:
        """Return what was seen at several places, or accounts, as one."""
        return cls(
            {place: look.shown for place, look in looks.items()},
            tuple(step for look in looks.values() for step in look.steps),
            tuple(each for look in looks.values() for each in look.waits_for),
            tuple(todo for look in looks.values() for todo in look.by_hand),
            tuple(each for look in looks.values() for each in look.to_look_at),
            tuple(each for look in looks.values() for each in look.left_alone),
        )

    @property
    def status(self) -> Verdict:
        """Return what it means: ``violated`` while anything is to be done but to take away a surplus."""
        if self.by_hand or not all(step.is_surplus for step in self.steps):
            return "violated"
        return "pending" if self.waits_for else "compliant"


@dataclass(frozen=True)
class Standing:
    """How the vend of a foundational account stands."""

    status: Status
    account_id: str | None
    problem: str = ""
    """Of a vend that has failed: why, and what to do."""


@dataclass(frozen=True)
class FoundationTarget:
    """The organization that a control is about, and what it should be."""

    catalog: Catalog
    organization: OrganizationDescription
    foundation: Foundation
    """What AWS shows of the foundational accounts and the trail, as far as the controls of this look rest on it."""
    application_account_id: str
    """The account that the machine is deployed into."""


class FoundationReach(Protocol):
    """The ways to AWS; while a control is only looked at, none of them may change anything."""

    @property
    def setup(self) -> OrganizationSetup:
        """What only the foundation does in AWS Organizations, by way of the broker."""

    @property
    def organizations(self) -> Organizations:
        """AWS Organizations as vends use it, by way of the broker."""

    @property
    def permission_sets(self) -> PermissionSets:
        """The permission sets of Identity Center."""

    @property
    def trails(self) -> ManagementTrails:
        """The trails of the management account, by way of the broker."""

    @property
    def cost_allocation(self) -> CostAllocation:
        """The tags by which billing allocates costs, by way of the broker."""

    @property
    def account_quota(self) -> AccountQuota:
        """How many accounts AWS lets the organization have, by way of the broker."""

    @property
    def root_access(self) -> RootAccess:
        """Central management of root access, by way of the broker."""

    @property
    def designations(self) -> Designations:
        """Who administers the security services, by way of the broker."""

    def security(self, region: str) -> MemberClients:
        """Return the security account's clients in a Region, in its role ``avm-security``."""

    def log_archive(self, region: str) -> MemberClients:
        """Return the log archive's clients in a Region, in its role ``avm-observe``."""

    def account_of(self, account_type: str) -> str | None:
        """Return the organization's account of a type; None while there is none, or its vend is not over."""

    def closed_account_of(self, account_type: str) -> str | None:
        """Return an account of a type that is closed; None where there is none."""

    def is_open(self, account_id: str) -> bool:
        """Return whether the organization has the account, and it is not closed."""

    def accounts(self) -> Sequence[Account]:
        """Return all accounts of the organization, closed ones included."""

    def standing(self, request_id: str) -> Standing | None:
        """Return how a request stands; None where nobody has made it."""

    def request(self, body: Mapping[str, Any]) -> None:
        """Ask for an account as everybody does; the same again is the same request."""

    def obstacle_to_adoption(self, account_id: str) -> str | None:
        """Return why an account cannot be adopted; None where it can."""

    def adopt(self, account_id: str, body: Mapping[str, Any]) -> None:
        """Ask for the adoption of an account as everybody does; the same again is the same request."""

    def account_status(self, account_id: str) -> AccountStatus | None:
        """Return how an account stands with the machine; None where the machine does not know it."""

    def convergence(self, account_id: str) -> str | None:
        """Return how this run's repair of an account stands (``RUNNING`` ...); None where it is not begun."""

    def converge(self, account_id: str) -> None:
        """Begin to make all controls of an account true; the same again in this run begins nothing."""

    def remember(self, key: str, read: Callable[[], str]) -> str:
        """Return what ``read`` returns, read once for all rounds of a run.

        For reads of which AWS takes fewer at once than a look needs: what a look has read that AWS has broken off is
        not read again in the next round. A step that changes what ``key`` stands for calls ``forget``.
        """

    def forget(self, key: str) -> None:
        """Read anew what ``key`` stands for when it is asked for again."""


class FoundationControl(ABC):
    """One thing that must be true of the organization. A subclass declares it.

    What goes wrong is raised: the engine makes it ``unknown``, with the true cause.
    """

    name: ClassVar[str]
    """In kebab-case; its file has the same name, with underscores."""
    promise: ClassVar[str]
    """What is true where it is compliant; for people, one sentence."""
    plane: ClassVar[Plane] = "organization"
    duty: ClassVar[FoundationDuty]
    needs: ClassVar[tuple[str, ...]] = ()
    """Foundation controls that must be true before its steps can be done."""
    foundation: ClassVar[tuple[FoundationPart, ...]] = ()
    """Without these there is nothing to look at yet: it is ``deferred``."""
    observe_grants: ClassVar[tuple[Grant, ...]] = ()
    enforce_grants: ClassVar[tuple[Grant, ...]] = ()
    """Beside those to look."""
    drift_events: ClassVar[tuple[DriftEvent, ...]] = ()
    deadline_seconds: ClassVar[int] = 1800
    """How long it may take until it is true."""
    blocks_ready: ClassVar[bool] = True
    """False: vending does not need it; while AWS works on it, or only people can do it, the foundation is ready."""

    def look_early(self, reach: FoundationReach) -> Look:  # noqa: ARG002  most have nothing to look at
        """Look, change nothing, before ``foundation`` is there: what belongs to others can be seen already."""
        return Look({})

    @abstractmethod
    def look(self, target: FoundationTarget, reach: FoundationReach) -> Look:
        """Look at AWS, change nothing, and return the steps that are left."""
