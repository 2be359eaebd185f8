"""Exceptions: a control of an account that may be untrue for a while."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from avm.domain.catalog_model import CatalogModel
from avm.domain.errors import FieldProblem, InvalidRequest
from avm.domain.time import from_iso


class ExemptionLimits(CatalogModel):
    """What an exception may be."""

    max_days: Annotated[int, Field(ge=1, le=366)] = Field(
        default=90, description="Days that an exception lasts at most."
    )


class Exemption(BaseModel):
    """One exception; times are ISO 8601."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    account_id: str
    control: str
    until: str
    reason: str
    owner: str
    """Who has made it, as the door knows him."""
    created_at: str

    def holds(self, time: str) -> bool:
        """Return whether it has not ended."""
        return from_iso(time) < from_iso(self.until)


def check_until(until: str, now: str, limits: ExemptionLimits) -> None:
    """Raise InvalidRequest where an exception may not last so long, or would have ended."""
    longest = from_iso(now) + timedelta(days=limits.max_days)
    if from_iso(until) <= from_iso(now):
        raise InvalidRequest([FieldProblem("until", f"{until} is over", "give a time to come")])
    if from_iso(until) > longest:
        hint = f"the catalog allows {limits.max_days} days: {longest:%Y-%m-%d} at the latest"
        raise InvalidRequest([FieldProblem("until", f"{until} is too far away", hint)])
