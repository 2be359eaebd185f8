"""Executions that nothing will ever bring on: what they are, and how long the watchdog has been waited for in vain.

At speed max, when nothing runs and no work is due, an execution that still runs waits for somebody: a person who
approves, a worker that answers a task token, another execution. For people the clock waits. Everything else is the
watchdog's to mend, so the clock goes on to its next times; an execution that has not moved after ``IDLE_TICKS`` of them
(without a watchdog: at once) is stuck. After a failure (an execution that did not succeed, a server error of the
application's API) the watchdog has some of its times even where nothing runs: a record may have no execution.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

log = logging.getLogger(__name__)

IDLE_TICKS = 120
"""Times of the watchdog after which an execution that has not moved is stuck."""
TICKS_AFTER_FAILURE = 5
"""Times of the watchdog after a failure: it may have left something open that no execution shows."""
HUMAN = "Approval"
"""A task token is a person's to answer when the name of its state holds this word."""


class OpenExecution(Protocol):
    """An execution that runs."""

    execution_arn: str
    name: str

    @property
    def progress(self) -> int:
        """Return a number that grows whenever the execution moves."""

    @property
    def place(self) -> tuple[str, str]:
        """Return the state that it is in, and since when (ISO 8601)."""


@dataclass(frozen=True, eq=False)
class _Wait:
    arn: str
    state: str
    since: str
    nested_arn: str | None


@dataclass(frozen=True)
class _Stuck:
    name: str
    arn: str
    state: str
    since: str
    progress: int
    ticks: int


class Stuck:
    """Knows which executions are open and what they wait for; decides about idle time (``clock.Idle``)."""

    def __init__(self) -> None:
        """Begin with nothing open."""
        self._lock = threading.Lock()
        self._open: dict[str, OpenExecution] = {}
        self._waits: dict[_Wait, None] = {}
        self._idle: dict[str, tuple[int, int]] = {}
        """ARN → progress and ticks since, of each execution that waits for no person."""
        self._stuck: dict[str, _Stuck] = {}
        self._ticks_left = 0

    # -- what the interpreter tells ------------------------------------------------------------------------------
    def opened(self, execution: OpenExecution) -> None:
        """Note that an execution runs."""
        with self._lock:
            self._open[execution.execution_arn] = execution

    def closed(self, arn: str, *, succeeded: bool) -> None:
        """Note that an execution has ended."""
        with self._lock:
            self._open.pop(arn, None)
        if not succeeded:
            self.failed()

    def failed(self) -> None:
        """Note that something failed which the watchdog may have to mend although nothing runs."""
        with self._lock:
            self._ticks_left = TICKS_AFTER_FAILURE

    @contextmanager
    def waiting(self, arn: str, state: str, since: str, nested_arn: str | None = None) -> Iterator[None]:
        """Note that an execution waits in a state while the block runs.

        Args:
            arn: the execution.
            state: the name of the state.
            since: when it was entered (ISO 8601).
            nested_arn: the execution whose end it waits for; None when it is the answer to a task token.
        """
        wait = _Wait(arn, state, since, nested_arn)
        with self._lock:
            self._waits[wait] = None
        try:
            yield
        finally:
            with self._lock:
                del self._waits[wait]

    # -- what the clock asks -------------------------------------------------------------------------------------
    def goes_on(self, *, watchdog: bool) -> bool:
        """Say whether to go on to the watchdog's next time, because something is open that it may still mend."""
        with self._lock:
            waiting = self._waiting()
            self._idle = {arn: (found.progress, found.ticks) for arn, found in waiting.items()}
            stuck = {arn: found for arn, found in waiting.items() if not watchdog or found.ticks >= IDLE_TICKS}
            new = [found for arn, found in stuck.items() if not self._is_known(found)]
            self._stuck = stuck
            failure_is_fresh = watchdog and self._ticks_left > 0
        for found in new:
            log.error(
                "stuck: execution %s waits in state %s since %s, and nothing is due that would bring it on (idle ticks "
                "of the watchdog: %d)",
                *(found.arn, found.state, found.since, found.ticks),
            )
        return len(stuck) < len(waiting) or failure_is_fresh

    def ticked(self) -> None:
        """Count one more time of the watchdog for all that waits."""
        with self._lock:
            self._ticks_left = max(0, self._ticks_left - 1)
            self._idle = {arn: (progress, ticks + 1) for arn, (progress, ticks) in self._idle.items()}

    # -- what people ask -----------------------------------------------------------------------------------------
    def report(self) -> dict[str, Any] | None:
        """Return ``{"executions": [{"name", "arn", "state", "since"}], "ticks"}``, or None when nothing is stuck.

        An execution that has moved meanwhile is stuck no longer.
        """
        with self._lock:
            found = [
                stuck
                for stuck in self._stuck.values()
                if stuck.arn in self._open and self._open[stuck.arn].progress == stuck.progress
            ]
        if not found:
            return None
        executions = [
            {"name": stuck.name, "arn": stuck.arn, "state": stuck.state, "since": stuck.since} for stuck in found
        ]
        return {"executions": executions, "ticks": max(stuck.ticks for stuck in found)}

    def is_settled(self) -> bool:
        """Say whether all that is open waits for a person or is stuck: nothing moves any more by itself."""
        with self._lock:
            return all(self._is_known(found) for found in self._waiting().values())

    # -- under the lock ------------------------------------------------------------------------------------------
    def _waiting(self) -> dict[str, _Stuck]:
        """Return what is open and waits for no person, as it would be reported."""
        waits: dict[str, list[_Wait]] = {arn: [] for arn in self._open}
        for wait in self._waits:
            waits.setdefault(wait.arn, []).append(wait)
        found: dict[str, _Stuck] = {}
        for arn, execution in self._open.items():
            if _is_human(arn, waits):
                continue
            state, since = next(
                ((wait.state, wait.since) for wait in waits[arn] if not _is_humans(wait, waits)), execution.place
            )
            progress, ticks = self._idle.get(arn, (execution.progress, 0))
            ticks = ticks if progress == execution.progress else 0
            found[arn] = _Stuck(execution.name, arn, state, since, execution.progress, ticks)
        return found

    def _is_known(self, found: _Stuck) -> bool:
        known = self._stuck.get(found.arn)
        return known is not None and known.progress == found.progress


def _is_human(arn: str, waits: dict[str, list[_Wait]]) -> bool:
    """Say whether an execution waits for people only."""
    of_execution = waits.get(arn, [])
    return bool(of_execution) and all(_is_humans(wait, waits) for wait in of_execution)


def _is_humans(wait: _Wait, waits: dict[str, list[_Wait]]) -> bool:
    if wait.nested_arn is not None:
        return _is_human(wait.nested_arn, waits)
    return HUMAN in wait.state
