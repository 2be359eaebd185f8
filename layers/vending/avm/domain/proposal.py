"""A repair that was proposed, and waits for a person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict

from avm.domain.time import from_iso

STANDS = timedelta(days=7)
"""How long somebody may decide: the time-out of the state RequestRepairApproval."""


class Proposal(BaseModel):
    """What was found untrue, and until when its repair can be decided about."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    observation_id: str
    """The run that has found it, and waits."""
    request_id: str
    """Of the request that has asked for the account."""
    account_id: str
    control: str
    found: Mapping[str, Any]
    """Scope -> status and evidence."""
    cause: Mapping[str, Any] | None = None
    """The call that has hinted at it; None where a sweep has found it."""
    proposed_at: str
    until: str

    def stands(self, now: str) -> bool:
        """Return whether it can be decided about."""
        return from_iso(now) < from_iso(self.until)
