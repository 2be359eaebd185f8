"""What the steps of the foundation share: their input, the organization that they are about, and the ways to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict

from avm.aws.account_quota import AccountQuota
from avm.aws.cost_allocation import CostAllocation
from avm.aws.designations import Designations
from avm.aws.errors import translated
from avm.aws.management_trails import ManagementTrails
from avm.aws.organization_setup import OrganizationSetup
from avm.aws.organizations import Account, Organizations
from avm.aws.permission_sets import PermissionSets
from avm.aws.probes import MemberClients
from avm.aws.root_access import RootAccess
from avm.aws.sts import Session
from avm.contracts.foundation_report import FoundationRow, PlannedStep
from avm.controls.vending_roles import OBSERVE, SECURITY
from avm.domain.account import AccountStatus
from avm.domain.account_request import Requester
from avm.domain.errors import (
    AccountNotAdoptable,
    AccountNotFound,
    FoundationBehind,
    NotYetVisible,
    RequestNotFound,
    StillPending,
    Transient,
    VendingError,
    VerificationFailed,
    problem_details,
)
from avm.domain.finding import Verdict
from avm.domain.foundation import LOG_ARCHIVE_TYPE, SECURITY_TYPE, Foundation
from avm.foundation.control import FoundationControl, FoundationReach, FoundationTarget, Look, Standing
from avm.steps.accept_adoption import accept_adoption
from avm.steps.accept_request import accept_request
from avm.steps.adoption import check_adoptable, find_account
from avm.steps.control_rounds import WORDS, Failure
from avm.steps.gateways import Gateways
from avm.steps.observe_account import repair_account
from avm.steps.targets import accounts_of_type

FOUNDATION = Requester(door="foundation", principal="foundation")
"""Who asks for the foundational accounts, and through which door."""


class FoundationInput(BaseModel):
    """The input that all of them share. Unknown fields are ignored: a newer state machine may send more."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    observation_id: str
    """What the run is known as."""
    time: str
    """When the state was entered, ISO 8601: the step's only clock."""


class OrganizationReach:
    """What ``avm.foundation.control.FoundationReach`` describes."""

    def __init__(self, gateways: Gateways, step: FoundationInput, memory: Mapping[str, str]) -> None:
        """``step``: names the run and tells the time; ``memory``: what earlier rounds of the run have read."""
        self._gateways = gateways
        self._step = step
        self._sessions: dict[str, Session] = {}
        self._accounts: Sequence[Account] | None = None
        self._types: dict[str, Sequence[Account]] = {}
        self.memory = dict(memory)
        """What this one has read, and those before it."""

    @property
    def setup(self) -> OrganizationSetup:
        """What only the foundation does in AWS Organizations, by way of the broker."""
        return self._gateways.organization_setup

    @property
    def organizations(self) -> Organizations:
        """AWS Organizations as vends use it, by way of the broker."""
        return self._gateways.organizations

    @property
    def permission_sets(self) -> PermissionSets:
        """The permission sets of Identity Center."""
        return self._gateways.permission_sets

    @property
    def trails(self) -> ManagementTrails:
        """The trails of the management account, by way of the broker."""
        return self._gateways.management_trails

    @property
    def cost_allocation(self) -> CostAllocation:
        """The tags by which billing allocates costs, by way of the broker."""
        return self._gateways.cost_allocation

    @property
    def account_quota(self) -> AccountQuota:
        """How many accounts AWS lets the organization have, by way of the broker."""
        return self._gateways.account_quota

    @property
    def root_access(self) -> RootAccess:
        """Central management of root access, by way of the broker."""
        return self._gateways.root_access

    @property
    def designations(self) -> Designations:
        """Who administers the security services, by way of the broker."""
        return self._gateways.designations

    def security(self, region: str) -> MemberClients:
        """Return the security account's clients in a Region; raises FoundationBehind where there is none."""
        return self._inside(SECURITY_TYPE, SECURITY, region)

    def log_archive(self, region: str) -> MemberClients:
        """Return the log archive's clients in a Region; raises FoundationBehind where there is none."""
        return self._inside(LOG_ARCHIVE_TYPE, OBSERVE, region)

    def _inside(self, account_type: str, role: str, region: str) -> MemberClients:
        if account_type not in self._sessions:
            account_id = self.account_of(account_type)
            if account_id is None:
                message = f"the organization has no account of type {account_type}"
                raise FoundationBehind(message)
            self._sessions[account_type] = self._gateways.session(account_id, role, self._step.observation_id)
        return self._gateways.member_clients(region, self._sessions[account_type])

    def account_of(self, account_type: str) -> str | None:
        """Return the organization's account of a type; None while there is none, or its vend is not over.

        One that was found is remembered: many controls ask, and AWS takes few of these calls at once.
        """
        key = f"account of type {account_type}"
        found = self.memory.get(key) or next(
            (each.id for each in self._of_type(account_type) if not each.is_closed), ""
        )
        if found:
            self.memory[key] = found
        return found or None

    def closed_account_of(self, account_type: str) -> str | None:
        """Return an account of a type that is closed; None where there is none."""
        return next((each.id for each in self._of_type(account_type) if each.is_closed), None)

    def is_open(self, account_id: str) -> bool:
        """Return whether the organization has the account, and it is not closed."""
        try:
            return not self._gateways.organizations.account(account_id).is_closed
        except NotYetVisible:
            return False

    def accounts(self) -> Sequence[Account]:
        """Return all accounts of the organization, closed ones included; as they were when this was asked first."""
        if self._accounts is None:
            self._accounts = self._gateways.organizations.accounts()
        return self._accounts

    def standing(self, request_id: str) -> Standing | None:
        """Return how a request stands; None where nobody has made it."""
        try:
            record = self._gateways.table.request(request_id)
        except RequestNotFound:
            return None
        problem = "" if record.error is None else f"{record.error['message']} {record.error['hint']}"
        return Standing(record.status, record.account_id, problem)

    def request(self, body: Mapping[str, Any]) -> None:
        """Ask for an account as everybody does; the same again is the same request."""
        accept_request(
            body,
            idempotency_key=None,
            requester=FOUNDATION,
            now=self._step.time,
            new_id=lambda: str(body["request_id"]),
            gateways=self._gateways,
        )

    def obstacle_to_adoption(self, account_id: str) -> str | None:
        """Return why an account cannot be adopted; None where it can."""
        try:
            check_adoptable(find_account(account_id, self._gateways), self._gateways)
        except (AccountNotAdoptable, AccountNotFound) as error:
            return str(error)
        return None

    def adopt(self, account_id: str, body: Mapping[str, Any]) -> None:
        """Ask for the adoption of an account as everybody does; the same again is the same request."""
        accept_adoption(
            account_id, body, idempotency_key=None, requester=FOUNDATION, now=self._step.time, gateways=self._gateways
        )

    def account_status(self, account_id: str) -> AccountStatus | None:
        """Return how an account stands with the machine; None where the machine does not know it."""
        account = self._gateways.table.account(account_id)
        return account.status if account else None

    def convergence(self, account_id: str) -> str | None:
        """Return how this run's repair of an account stands; None where it is not begun."""
        return self._gateways.control_runs.status(f"repair-{self._of(account_id)}")

    def converge(self, account_id: str) -> None:
        """Begin to make all controls of an account true; the same again in this run begins nothing."""
        repair_account(account_id, (), new_id=lambda: self._of(account_id), gateways=self._gateways)

    def _of_type(self, account_type: str) -> Sequence[Account]:
        """Return the accounts of a type, as they were when this was asked first: a look asks for none twice."""
        if account_type not in self._types:
            found = self._gateways.catalog.account_types.get(account_type)
            try:
                self._types[account_type] = tuple(accounts_of_type(self._gateways, found)) if found else ()
            except FoundationBehind:  # its OU is not there either
                self._types[account_type] = ()
        return self._types[account_type]

    def _of(self, account_id: str) -> str:
        return f"{account_id}-{self._step.observation_id}"

    def remember(self, key: str, read: Callable[[], str]) -> str:
        """Return what ``read`` returns, read once for all rounds of a run."""
        if key not in self.memory:
            self.memory[key] = read()
        return self.memory[key]

    def forget(self, key: str) -> None:
        """Read anew what ``key`` stands for when it is asked for again."""
        self.memory.pop(key, None)


def organization(
    gateways: Gateways, controls: Iterable[FoundationControl] = (), reach: FoundationReach | None = None
) -> FoundationTarget:
    """Return what ``controls`` are about; raises FoundationBehind where there is no organization.

    Without ``reach`` nothing is known of the foundational accounts.
    """
    found = gateways.organization_setup.description()
    foundation = Foundation(
        partition=gateways.partition,
        organization_id=found.id,
        home_region=gateways.catalog.organization.home_region,
        management_account_id=gateways.management_account_id,
        bucket_suffix=gateways.catalog.organization.log_archive.bucket_suffix,
    )
    parts = {part for control in controls for part in control.foundation} if reach else set()
    accounts: dict[str, str | None] = {}
    if reach and "log-archive" in parts:
        accounts["log_archive_account_id"] = reach.account_of(LOG_ARCHIVE_TYPE)
    if reach and "security-account" in parts:
        accounts["security_account_id"] = reach.account_of(SECURITY_TYPE)
    foundation = foundation.model_copy(update=accounts)
    return FoundationTarget(gateways.catalog, found, foundation, gateways.application_account_id)


@dataclass(frozen=True)
class Seen:
    """What came out when a control was looked at, or its steps were done."""

    control: str
    look: Look
    error: VendingError | None = None
    """Why it could not be looked at, or which step failed."""
    missing: tuple[str, ...] = ()
    """What must come first: without it there is nothing to look at."""
    blocks_ready: bool = True
    """Whether anybody waits for it while it is pending."""

    @property
    def status(self) -> Verdict:
        """Return what the control is found to be."""
        if self.error is not None:
            return "unknown"
        return "deferred" if self.missing else self.look.status

    def row(self, time: str, enforcement: Failure | None = None) -> FoundationRow:
        """Return it as the report shows it; ``enforcement``: with what doing its steps has failed."""
        evidence = dict(self.look.shown)
        if self.error is not None:
            evidence |= problem_details(self.error.code, str(self.error))
        if enforcement is not None:
            evidence["enforcement"] = problem_details(enforcement.error, enforcement.cause)
        return FoundationRow(
            control=self.control,
            status=self.status,
            steps=tuple(PlannedStep.model_validate(step, from_attributes=True) for step in self.look.steps),
            by_hand=self.look.by_hand,
            waits_for=(*self.look.waits_for, *self.missing),
            to_look_at=self.look.to_look_at,
            left_alone=self.look.left_alone,
            evidence=evidence,
            observed_at=time,
        )

    def failure(self) -> Failure | None:
        """Return why it is not true; None where it is, or where nobody waits until it is."""
        is_left_to_others = self.error is None and not self.missing and not self.look.steps
        if self.status == "compliant" or (is_left_to_others and not self.blocks_ready):
            return None
        problem = self.error or self._problem()
        return Failure(control=self.control, status=self.status, error=problem.code, cause=str(problem)[:WORDS])

    def _problem(self) -> VendingError:
        if self.look.by_hand:
            return FoundationBehind(f"{self.control}: {' '.join(self.look.by_hand)}")
        if self.look.steps:
            left = "; ".join(f"{step.operation} {step.subject}" for step in self.look.steps)
            return VerificationFailed(f"{self.control}: AWS does not show what was done, or it is not done yet: {left}")
        return StillPending(f"{self.control} waits for {', '.join((*self.look.waits_for, *self.missing))}")


def look_at(control: FoundationControl, target: FoundationTarget, reach: FoundationReach) -> Seen:
    """Return what the control sees; what fails is kept with its true cause."""
    missing = target.foundation.missing(control.foundation)
    try:
        with translated():
            if missing:
                return Seen(control.name, control.look_early(reach), missing=missing)
            return Seen(control.name, control.look(target, reach), blocks_ready=control.blocks_ready)
    except VendingError as error:
        return Seen(control.name, Look({}), error)


def handed_on(reach: OrganizationReach, seen: Iterable[Seen]) -> Mapping[str, str]:
    """Return what the next round need not read again: nothing once a look has come to its end, it would be old."""
    return reach.memory if any(isinstance(each.error, Transient) for each in seen) else {}
