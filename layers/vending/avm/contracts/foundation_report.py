"""The report on the foundation: what each of its controls was found to be, and what is left to do for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from avm.domain.finding import Verdict

Purpose = Literal["plan", "apply", "observe"]
"""``observe``: a plan that nobody has asked for, because of an event or a sweep; what is untrue is told."""
_Time = Annotated[str, Field(description="ISO 8601, UTC.")]


class PlannedStep(BaseModel):
    """One call that brings the organization closer to the catalog."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    operation: str = Field(description="As IAM names it, `organizations:CreatePolicy`.")
    subject: str = Field(description="What it changes.")
    before: Any = Field(description="What AWS shows now; null: it is not there.")
    after: Any = Field(description="What it will show; null: it will not be there.")


class FoundationRow(BaseModel):
    """One control of the foundation."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    control: str
    status: Verdict
    steps: tuple[PlannedStep, ...] = Field(default=(), description="What an apply does, in this order.")
    by_hand: tuple[str, ...] = Field(default=(), description="What no API does: what somebody has to do, and where.")
    waits_for: tuple[str, ...] = Field(default=(), description="What AWS or a vend works on, or what must come first.")
    to_look_at: tuple[str, ...] = Field(
        default=(), description="What no API shows: what somebody has to look at, and where. It changes no status."
    )
    left_alone: tuple[str, ...] = Field(default=(), description="What belongs to others; it is never touched.")
    evidence: Mapping[str, Any] = Field(description="What AWS showed, by the API's operation; else why it did not.")
    observed_at: _Time


class FoundationReport(BaseModel):
    """All controls of the foundation, as one run has found them in the end."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    organization_id: str | None = Field(description="null where the organization could not be looked at.")
    catalog_version: str
    time: _Time
    observation_id: str = Field(description="What the run was started as; the answer to its post names it.")
    purpose: Purpose
    ready: bool = Field(description="Whether vends can rely on it: what is not true yet, no vend needs.")
    made: tuple[str, ...] = Field(description="The calls that the run has made, in order.")
    controls: tuple[FoundationRow, ...]
