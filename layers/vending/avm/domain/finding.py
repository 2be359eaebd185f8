"""What a control finds, and what it has changed (design, section 4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Verdict = Literal["compliant", "violated", "pending", "unknown", "deferred", "suppressed"]
"""``pending``: AWS works on it. ``unknown``: it could not be looked at; never compliant. ``deferred``: the foundation
does not have yet what it needs. ``suppressed``: an operator has made an exception."""

ACCOUNT_SCOPE = "account"
"""Scope of a finding that is about the account as a whole; any other scope is a Region."""


@dataclass(frozen=True)
class Finding:
    """What a control's look at AWS has shown."""

    control: str
    status: Verdict
    evidence: Mapping[str, Any] = field(default_factory=dict)
    """What was read, by the API's names, as JSON has it; of a violation, what is not as it should be."""
    region: str | None = None

    @property
    def scope(self) -> str:
        """Return what it is about: the account, or one Region of it."""
        return self.region or ACCOUNT_SCOPE


@dataclass(frozen=True)
class Change:
    """One thing that a control has made true."""

    control: str
    operation: str
    """The call, by its name in the API."""
    resource: str
    operation_id: str | None = None
    """AWS's id of an asynchronous operation that was started; later looks get it as ``Target.operation_id``."""


@dataclass(frozen=True)
class PlannedChange:
    """One thing that a control will make true in an account that is not there yet."""

    action: str
    """The call, as IAM names it: ``iam:CreateRole``."""
    subject: str
    """What it makes or changes, for people; an account that has no id yet goes by its name."""
