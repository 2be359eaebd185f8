"""What a control finds, and what it has changed (design, section 4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class Finding:
    """What a control's look at AWS has shown. ``unknown`` is never compliant."""

    control: str
    status: Literal["compliant", "violated", "pending", "unknown"]
    evidence: Mapping[str, Any] = field(default_factory=dict)
    """What was read; of a violation, what is not as it should be."""


@dataclass(frozen=True)
class Change:
    """One thing that a control has made true."""

    control: str
    operation: str
    """The call, by its name in the API."""
    resource: str
