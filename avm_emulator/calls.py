"""The record of every AWS call: what ``GET /_emulator/calls`` answers and the proofs count."""

from __future__ import annotations

import itertools
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

MAXIMUM = 200_000
"""Calls that are kept; the oldest are forgotten first. About 100 MB when full, some 2,000 vends."""


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One AWS call that has been answered; the fields are those of interfaces.md, in its order, and ``fault``."""

    seq: int
    """Order of the answers, from 1 without gaps."""
    time: str
    """When the call arrived: ISO 8601, UTC, emulated clock, microseconds."""
    service: str
    """boto3 client name."""
    operation: str
    account: str
    """The caller's account."""
    region: str
    principal: str
    """ARN of the caller."""
    request_id: str
    error: str | None
    """AWS error code, or None."""
    mutating: bool
    own: bool
    """Whether the call addresses a resource of the application's own stack."""
    source: str
    """The function, or the client: session, role or root, and the product of its user agent."""
    fault: str | None = None
    """The fault that was injected (``/_emulator/faults``), or None."""

    def to_dict(self) -> dict[str, Any]:
        """Return the record as ``GET /_emulator/calls`` shows it."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def iso8601(epoch: float) -> str:
    """Return AWS epoch seconds as ISO 8601 in UTC, with microseconds."""
    return datetime.fromtimestamp(epoch, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


class CallLog:
    """The last ``MAXIMUM`` calls, in the order in which they were answered."""

    def __init__(self, maximum: int = MAXIMUM) -> None:
        """``maximum``: how many calls are kept."""
        self._records: deque[CallRecord] = deque(maxlen=maximum)
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def append(self, *, time: float, **values: Any) -> CallRecord:
        """Record a call; ``time`` in AWS epoch seconds, ``values`` those of ``CallRecord`` but its number."""
        with self._lock:
            record = CallRecord(seq=next(self._numbers), time=iso8601(time), **values)
            self._records.append(record)
        return record

    def __iter__(self) -> Iterator[CallRecord]:
        """Iterate over a copy, oldest first."""
        with self._lock:
            return iter(list(self._records))

    def select(self, *, since: int = 0, **wanted: Any) -> list[CallRecord]:
        """Return the calls after number ``since`` whose fields have the wanted values, oldest first."""
        return [
            record
            for record in self
            if record.seq > since and all(getattr(record, name) == value for name, value in wanted.items())
        ]
