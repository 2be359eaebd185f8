"""PlanAccount: what the vend of a request would do, and why it would be refused or parked. Nothing is changed.

There is no account yet. So what would be done is what the controls of its type say of a new one, and what stands in
the way is looked for in the organization, in Identity Center and in the security account. SCPs on an account take
slots that the catalog has counted; how an OU stands with its own, ``ou-guardrails`` shows.
"""

from __future__ import annotations

from contextlib import suppress
from functools import cached_property, partial

from pydantic import BaseModel, ConfigDict

from avm.aws.errors import translated
from avm.aws.organizations import Account
from avm.aws.sts import Session
from avm.contracts.account_plan import AccountPlan, PlannedCall, PlanProblem
from avm.controls.control import Check, Control, Target
from avm.controls.registry import waves
from avm.controls.vending_roles import OBSERVE
from avm.domain.account import RELEASED_TAG
from avm.domain.account_request import RequestRecord
from avm.domain.errors import (
    ERRORS,
    AccountLimitExceeded,
    EmailTaken,
    FoundationBehind,
    Transient,
    UnexpectedError,
    VendingError,
    problem_details,
)
from avm.domain.finding import ACCOUNT_SCOPE
from avm.domain.foundation import FOUNDATIONAL_TYPES, Foundation
from avm.steps.accept_request import record_of, refuse_another, stored_request
from avm.steps.gateways import Gateways
from avm.steps.park_account import problem_of
from avm.steps.reach import AccountReach
from avm.steps.step import StepOutput
from avm.steps.targets import Aim, bare_foundation, find_foundation

NO_ID = "ACCOUNT"
"""Stands for the id of an account that is not there yet."""

_GLOBAL = "iam:"
"""How calls begin that no Region has, whichever control makes them."""


class Input(BaseModel):
    """The plan's id, and what the workflow caught when it was made before."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    observation_id: str
    time: str
    """When the state was entered, ISO 8601."""
    error: str | None = None
    cause: str = ""


class Output(StepOutput):
    """Nothing: the plan is kept."""


class OutsideReach(AccountReach):
    """The ways to AWS while there is no account: those into it lead nowhere."""

    @cached_property
    def _member_session(self) -> Session:
        message = "there is no account yet to look into"
        raise UnexpectedError(message)

    @cached_property
    def _bootstrap_session(self) -> Session:
        return self._member_session


def run(step: Input, gateways: Gateways) -> Output:
    """Make the plan and keep it."""
    asked = gateways.reports.plan(step.observation_id)
    made = _Planner(asked, gateways).plan() if step.error is None else _last_try(step, asked, gateways)
    gateways.reports.put_plan(made.model_copy(update={"status": "DONE", "time": step.time}))
    return Output()


def _last_try(step: Input, asked: AccountPlan, gateways: Gateways) -> AccountPlan:
    """Return the plan with what AWS has refused to show again and again as a problem; else with nothing but why."""
    details = problem_of(str(step.error), step.cause, "PlanAccount")
    if issubclass(ERRORS.get(details["code"], UnexpectedError), Transient):
        with suppress(VendingError):
            return _Planner(asked, gateways, is_last=True).plan()
    return asked.model_copy(update={"problems": (PlanProblem(by="PlanAccount", **details),)})


class _Planner:
    """One plan in the making."""

    def __init__(self, asked: AccountPlan, gateways: Gateways, *, is_last: bool = False) -> None:
        """``is_last``: nobody comes back, so what AWS does not show for the moment is a problem."""
        self._asked = asked
        self._gateways = gateways
        self._is_last = is_last
        self._changes: list[PlannedCall] = []
        self._problems: dict[PlanProblem, None] = {}
        """Each once: what several looks come upon is one reason."""
        self._deferred: list[str] = []

    def plan(self) -> AccountPlan:
        """Return the plan with all that was found."""
        name, quarantine = self._asked.request.name, self._gateways.catalog.quarantine.aws_name
        stored = self._check_request()
        self._check("CreateAccount", partial(self._check_organization, stored))
        self._check("QuarantineAccount", partial(self._gateways.organizations.scp_id, quarantine))
        self._add("CreateAccount", "organizations:CreateAccount", f"{name}, {self._asked.email or 'e-mail by its id'}")
        self._add("QuarantineAccount", "organizations:AttachPolicy", quarantine)
        self._plan_controls(self._aim())
        self._add("ReleaseAccount", "organizations:TagResource", f"{name}: {RELEASED_TAG}")
        self._add("ReleaseAccount", "organizations:DetachPolicy", quarantine)
        return self._asked.model_copy(
            update={
                "accepted": stored and stored.status,
                "deferred": tuple(self._deferred),
                "changes": tuple(self._changes),
                "problems": tuple(self._problems),
            }
        )

    def _check_request(self) -> RequestRecord | None:
        """Look whether id, name and e-mail are free; return the request if it was accepted before."""
        asked, gateways = self._asked, self._gateways
        request_id = asked.request.request_id or asked.plan_id
        record = record_of(asked.request, request_id, asked.requester, asked.time, gateways)
        stored = stored_request(request_id, gateways)
        if stored is not None:
            self._check("ValidateRequest", partial(refuse_another, record, stored))
        else:
            self._check("ReserveAccount", partial(gateways.table.check_free, record))
        return stored

    def _check_organization(self, stored: RequestRecord | None) -> None:
        """Look whether AWS takes one more account, with this e-mail."""
        if stored and stored.account_id:
            return
        accounts = self._gateways.organizations.accounts()
        email = (self._asked.email or "").lower()
        taken = next((account.id for account in accounts if account.email.lower() == email), None)
        if taken is not None:
            message = f"account {taken} of the organization has the e-mail {self._asked.email}"
            self._tell("CreateAccount", EmailTaken(message))
        quota = self._gateways.account_quota.value()
        if quota is not None and len(accounts) >= quota:
            message = f"the organization has {len(accounts)} accounts, closed ones included, and may have {quota}"
            raise AccountLimitExceeded(message)

    def _aim(self) -> Aim:
        """Return the account to come, and the foundation as far as it is there."""
        gateways, request = self._gateways, self._asked.request
        management = gateways.organizations.account(gateways.management_account_id)
        account = Account(NO_ID, request.name, self._asked.email or "", "", management.organization_id)
        target = Target(
            account=account,
            account_type=gateways.catalog.account_type(request.type),
            catalog=gateways.catalog,
            request=request,
            request_id=request.request_id or NO_ID,
            foundation=self._foundation(account),
            trusted=gateways.trusted(management.organization_id),
        )
        return Aim(target)

    def _foundation(self, account: Account) -> Foundation:
        try:
            return find_foundation(self._gateways, account)
        except FoundationBehind as error:  # the OU of a foundational account is not there
            self._tell("PlanControls", error)
            return bare_foundation(self._gateways, account)

    def _plan_controls(self, aim: Aim) -> None:
        target = aim.target
        reach = OutsideReach(self._gateways, target.foundation, NO_ID, OBSERVE, self._asked.plan_id, memory={})
        for wave in waves(aim.controls.values()):
            for control in wave:
                if self._is_possible(control, target):
                    for each in aim.targets(control):
                        self._plan_control(control, each, reach)

    def _is_possible(self, control: Control, target: Target) -> bool:
        """Return whether the foundation has what the control needs; else it is deferred, or a problem."""
        missing = target.foundation.missing(control.foundation)
        if missing and target.account_type.name in FOUNDATIONAL_TYPES:
            self._deferred.append(control.name)
        elif missing:
            message = f"{control.name} needs what the foundation does not have: {', '.join(missing)}"
            self._tell(control.name, FoundationBehind(message))
        return not missing

    def _plan_control(self, control: Control, target: Target, reach: OutsideReach) -> None:
        for look in control.checks(target, reach):
            self._check(control.name, look)
        self._check(control.name, partial(self._add_planned, control, target, reach))

    def _add_planned(self, control: Control, target: Target, reach: OutsideReach) -> None:
        for change in control.planned(target, reach):
            region = None if change.action.startswith(_GLOBAL) else target.region
            self._add(control.name, change.action, change.subject, region)

    def _add(self, by: str, call: str, subject: str, region: str | None = None) -> None:
        self._changes.append(PlannedCall(by=by, scope=region or ACCOUNT_SCOPE, call=call, subject=subject))

    def _check(self, by: str, look: Check) -> None:
        """Look; what it raises is a problem of the plan, unless it passes by itself: then the workflow comes back."""
        try:
            with translated():
                look()
        except VendingError as error:
            if isinstance(error, Transient) and not self._is_last:
                raise
            self._tell(by, error)

    def _tell(self, by: str, error: VendingError) -> None:
        problem = PlanProblem(by=by, **problem_details(error.code, str(error)))
        self._problems.setdefault(problem)
