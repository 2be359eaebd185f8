"""What a sweep of the organization works through, and what it has found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from avm.domain.foundation import Foundation

_Time = Annotated[str, Field(description="ISO 8601, UTC.")]


class SweptAccount(BaseModel):
    """One account that is to be looked at."""

    model_config = ConfigDict(frozen=True)

    account_id: str
    request_id: str
    attempt: int


class SweepPlan(BaseModel):
    """What a sweep is about: the accounts in batches, and what belongs to nobody here."""

    model_config = ConfigDict(frozen=True)

    sweep_id: str
    time: str
    foundation: Foundation
    batches: tuple[tuple[SweptAccount, ...], ...]
    unmanaged: tuple[str, ...]
    left_out: Mapping[str, str]
    """Accounts of the machine that are not looked at, and why."""


class Drifted(BaseModel):
    """A control that was found untrue."""

    model_config = ConfigDict(frozen=True)

    account_id: str
    control: str
    status: str


class BatchResult(BaseModel):
    """What was found in the accounts of one batch."""

    model_config = ConfigDict(frozen=True)

    accounts: int
    compliance: Mapping[str, int]
    """How many findings have each status."""
    drifted: tuple[Drifted, ...]
    unseen: Mapping[str, str]
    """Accounts that could not be looked at, and why."""
    unarchived: Mapping[str, str] = Field(default_factory=dict)
    """Accounts whose report the log archive did not take, and why."""


class SweepReport(BaseModel):
    """The organization, as a sweep has found it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    observation_id: str = Field(description="What the sweep was started as; the answer to its post names it.")
    time: _Time
    accounts: int = Field(description="How many accounts were looked at.")
    compliance: Mapping[str, int] = Field(description="How many findings have each status.")
    drifted: tuple[dict[str, Any], ...] = Field(description="Controls that were untrue: account, control, status.")
    unseen: Mapping[str, str] = Field(description="Accounts that could not be looked at, and why.")
    unarchived: Mapping[str, str] = Field(
        default_factory=dict, description="Accounts whose report the log archive did not take, and why."
    )
    left_out: Mapping[str, str] = Field(description="Accounts of the machine that were not looked at, and why.")
    unmanaged: tuple[str, ...] = Field(description="Accounts of the organization that the machine does not know.")
