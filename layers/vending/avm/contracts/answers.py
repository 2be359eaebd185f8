"""What the API answers beside requests, reports and plans: the smaller objects, and pages of them (docs/api.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from avm.contracts.adoption_plan import AdoptionPlan
from avm.contracts.request_view import RequestView
from avm.contracts.sweep import SweepReport
from avm.domain.account import AccountStatus
from avm.domain.account_request import ApprovalDecision, Status
from avm.domain.breaker import Repair
from avm.domain.exemption import Exemption
from avm.domain.proposal import Proposal


class Answer(BaseModel):
    """Base of what is answered: nothing more than is written here."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Page(Answer):
    """Some of many, newest first."""

    cursor: str | None = Field(description="Ask with it for the next page; null on the last one.")


class RequestPage(Page):
    """Some of the requests."""

    items: Sequence[RequestView]


class Preflight(Answer):
    """What posting a request would do."""

    request_id: str | None
    status: Status | None = Field(description="Of the request, if it was accepted before.")
    name: str
    type: str
    ou: str
    email: str | None
    regions: Sequence[str]
    approval: bool


class AuditRow(Answer):
    """One thing that happened to a request."""

    time: str
    actor: str
    action: str
    details: Mapping[str, Any]


class Audit(Answer):
    """What happened to a request, oldest first."""

    items: Sequence[AuditRow]


class Account(Answer):
    """The account object."""

    account_id: str
    name: str
    email: str
    type: str
    ou: str
    status: AccountStatus
    request_id: str
    created_at: str
    ready_at: str | None
    departed_at: str | None
    catalog_version: str
    compliance: Mapping[str, int] | None


class AccountPage(Page):
    """Some of the accounts."""

    items: Sequence[Account]


class AccountType(Answer):
    """What can be asked for."""

    name: str
    description: str
    ou: str
    regions: Sequence[str]
    permission_sets: Sequence[str]
    budget: Mapping[str, Any]


class AccountTypes(Answer):
    """All that can be asked for."""

    items: Sequence[AccountType]


class Run(Answer):
    """A run that has begun; it is over when what it makes names its id."""

    observation_id: str
    status: Literal["PENDING"]


class PlanRun(Answer):
    """A plan that is being made; it is there when its status is `DONE`."""

    plan_id: str
    status: Literal["PENDING"]


class AccountRun(Run):
    """A run about one account."""

    account_id: str


class Adoption(Answer):
    """The request that adopts an account, and the latest plan."""

    account_id: str
    request: RequestView | None
    plan: AdoptionPlan | None


class ExceptionPage(Page):
    """The exceptions of an account that hold."""

    items: Sequence[Exemption]


class ExceptionEnd(Answer):
    """A control that must be true again."""

    account_id: str
    control: str


class Stop(Answer):
    """Which repairs are stopped."""

    scope: str = Field(description="`machine`, `ACCOUNT`, or `ACCOUNT/CONTROL`.")
    since: str
    reason: str


class BreakerState(Answer):
    """Whether repairs go on."""

    open: Sequence[Stop]
    repairs: Sequence[Repair] = Field(description="Those within the last hour.")


class ProposalPage(Page):
    """The proposed repairs that wait for a decision."""

    items: Sequence[Proposal]


class DecidedProposal(Proposal):
    """A proposed repair about which was decided."""

    decision: ApprovalDecision


class SweepRun(Answer):
    """A sweep that has begun."""

    observation_id: str
    status: Literal["RUNNING"]


class Sweep(Answer):
    """How a sweep stands, and what it has found."""

    observation_id: str
    status: str = Field(description="`RUNNING`, `SUCCEEDED`, `FAILED`, `TIMED_OUT`, `ABORTED`.")
    report: SweepReport | None = Field(description="null while it has not ended well.")


class DeadLetterView(Answer):
    """A message that could not be taken."""

    id: str
    queue: str
    time: str
    code: str | None
    reason: str | None
    request_id: str | None
    body: Annotated[str, Field(max_length=4096)]


class DeadLetterPage(Page):
    """The messages that could not be taken."""

    items: Sequence[DeadLetterView]


class Health(Answer):
    """That the API can do its work."""

    status: Literal["ok"]
    catalog_version: str


class Fault(Answer):
    """One thing wrong with one field."""

    field: str = Field(description="A path like `access[0].permission_set`; empty for the body as a whole.")
    reason: str
    hint: str


class Problem(Answer):
    """What was refused, and what to do (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    code: str = Field(description="Its chapter in the runbook.")
    hint: str
    errors: Sequence[Fault] | None = Field(default=None, description="All that is wrong, of an invalid request.")
    instance: str | None = Field(default=None, description="What to look for in the log, of a server error.")


class GatewayMessage(BaseModel):
    """What API Gateway says by itself, as `message` or `Message`."""

    message: str | None = None
