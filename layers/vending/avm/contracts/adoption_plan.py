"""The plan of an adoption: what each control finds in the account, and what an adoption would change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from avm.domain.account_request import AccountRequest
from avm.domain.finding import Verdict

_Time = Annotated[str, Field(description="ISO 8601, UTC.")]


class PlannedControl(BaseModel):
    """One control, in one place."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    control: str
    scope: str = Field(description="`account`, or the Region that the row is about.")
    status: Verdict
    calls: tuple[str, ...] = Field(description="Which calls would make it true, as IAM names them; none where it is.")
    evidence: Mapping[str, Any] = Field(description="What AWS showed, by the API's operation; else why it did not.")


class AdoptionPlan(BaseModel):
    """What an adoption of one account would meet, and do."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    observation_id: str = Field(description="What the plan was started as; the answer to its post names it.")
    account_id: str
    status: Literal["PENDING", "DONE", "FAILED"]
    catalog_version: str
    time: _Time
    email: str = Field(description="The account's, which the adoption reserves.")
    request: AccountRequest = Field(description="What was asked for; its name is the account's.")
    ou_before: str | None = Field(default=None, description="The OU in which the account stands, or `Root`.")
    ou_after: str | None = Field(default=None, description="The OU of the type, to which an adoption moves it.")
    unbound: tuple[str, ...] = Field(
        default=(), description="SCPs and RCPs of the OU that it leaves, which bind it no more after the move."
    )
    left_alone: tuple[str, ...] = Field(default=(), description="What belongs to others; it is never touched.")
    controls: tuple[PlannedControl, ...] = ()
    error: Mapping[str, Any] | None = Field(default=None, description="Why nothing can be planned: no adoption begins.")
