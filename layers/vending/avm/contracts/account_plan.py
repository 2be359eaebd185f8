"""The plan of a vend: what it would create and change, and why it would be refused or parked."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from avm.domain.account_request import AccountRequest, Requester, Status


class PlannedCall(BaseModel):
    """One call that the vend would make."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    by: str = Field(description="The control that makes it, or the state of the vend.")
    scope: str = Field(description="`account`, or the Region that it is about.")
    call: str = Field(description="As IAM names it, `iam:CreateRole`.")
    subject: str = Field(description="What it makes or changes; `ACCOUNT` stands for an id that AWS gives.")


class PlanProblem(BaseModel):
    """One reason for which the vend would be refused, or parked."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    by: str = Field(description="The control, or the state of the vend, that would fail.")
    code: str
    message: str
    hint: str


class AccountPlan(BaseModel):
    """What the vend of a request would meet, and do."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    plan_id: str
    status: Literal["PENDING", "DONE"]
    catalog_version: str
    time: str = Field(description="ISO 8601, UTC: when it was asked for, or made.")
    requester: Requester
    request: AccountRequest
    accepted: Status | None = Field(default=None, description="Of the request, if it was accepted before.")
    email: str | None = Field(description="null: it is made from an id that the request does not have yet.")
    ou: str
    regions: tuple[str, ...]
    approval: bool = Field(description="Whether somebody has to agree first.")
    deferred: tuple[str, ...] = Field(
        default=(), description="Controls that wait for the foundation; of a foundational account only."
    )
    changes: tuple[PlannedCall, ...] = Field(default=(), description="None where a control has a problem.")
    problems: tuple[PlanProblem, ...] = ()
