"""What Security Hub shows of a control that is untrue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

FOUNDATION = "foundation"
"""Whose a finding is that no single account is behind with."""


class OpenFinding(BaseModel):
    """A finding of Security Hub that is not resolved."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    account_id: str
    """The account whose control it is, or ``FOUNDATION``."""
    control: str
    finding_id: str
    since: str
    found: Mapping[str, Any]
    """Scope -> what was found."""
    cause: Mapping[str, Any] | None = None
    is_suppressed: bool = False
    """An exception holds: nobody has to work on it."""
