"""Which Regions that need an opt-in accounts have enabled, and which they are about to."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Status = Literal["DISABLED", "DISABLING", "ENABLED", "ENABLING"]


@dataclass(frozen=True)
class _Change:
    """What an account has asked for last about a Region."""

    enabled: bool
    done_at: float
    """AWS epoch seconds."""

    def status(self, now: float) -> Status:
        """Return how far it is."""
        if now < self.done_at:
            return "ENABLING" if self.enabled else "DISABLING"
        return "ENABLED" if self.enabled else "DISABLED"


class OptIns:
    """Of all accounts."""

    def __init__(self) -> None:
        """Begin with every such Region off."""
        self._lock = threading.Lock()
        self._changes: dict[tuple[str, str], _Change] = {}

    def status(self, account_id: str, region: str, now: float) -> Status:
        """Return how a Region of an account stands."""
        change = self._changes.get((account_id, region))
        return change.status(now) if change else "DISABLED"

    def is_enabled(self, account_id: str, region: str, now: float) -> bool:
        """Return whether the account can work there."""
        return self.status(account_id, region, now) == "ENABLED"

    def change(self, account_id: str, region: str, *, enabled: bool, done_at: float) -> None:
        """Begin to enable or disable a Region."""
        with self._lock:
            self._changes[account_id, region] = _Change(enabled, done_at)

    def in_progress(self, accounts: Iterable[str], now: float) -> int:
        """Return how many Regions the accounts enable or disable right now."""
        asked = set(accounts)
        with self._lock:
            return sum(now < each.done_at for (account, _), each in self._changes.items() if account in asked)
