"""The one clock of the emulator.

Everything that happens later (a Wait state, a retry, a delayed message, an account that is created in 30 s) waits
here, in AWS-seconds. Two ways to pass time:

* ``speed`` a number: ``speed`` AWS-seconds pass in one real second.
* ``speed`` ``"max"``: discrete events. The clock stands while anything runs (a request, a function, a state) and
  jumps to the next due work when nothing does. So every thread that works has an *activity* (``activities.py``), which
  sleeps only while the thread waits on the clock (``clock_threads.py``); whoever wakes it does so in the same locked
  step, so that the clock never sees a gap between "woken" and "running".

Due entries have a kind: ``work`` (jumped to), ``timeout`` (a limit on something that should end by itself: never
jumped to), ``schedule`` (recurring: never jumped to) and ``watchdog`` (the schedule that mends what got lost: jumped to
when no work is due and ``idle`` says so). On the way to a jump's end the clock stops at every entry that is due
earlier, whatever its kind, fires it and lets what it started come to rest: work due in ten minutes sees a one-minute
schedule ten times. With a numeric speed all four simply happen when their time comes.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, Literal, Protocol

from avm_emulator.activities import Activities, Activity
from avm_emulator.clock_threads import ClockEvent
from avm_emulator.compute import Compute
from avm_emulator.timers import Kind, Timer, Timers

log = logging.getLogger(__name__)

Speed = float | Literal["max"]

_AFTER_FAILURE = 0.2
"""Real seconds."""


class Idle(Protocol):
    """Decides what happens at speed max when nothing runs and no work is due; asked under the clock's lock."""

    def goes_on(self, *, watchdog: bool) -> bool:
        """Say whether to go on to the watchdog's next time; ``watchdog``: whether there is one."""

    def ticked(self) -> None:
        """Note that the watchdog has been jumped to."""


class Clock:
    """AWS time, waiting and the count of what runs; see the module's docstring."""

    def __init__(self, speed: Speed = 1.0, start: float | None = None) -> None:
        """``start``: AWS epoch seconds at the beginning (default: now)."""
        if speed != "max" and not 0 < speed < float("inf"):
            message = f"speed is a number above 0 or 'max', not {speed!r}"
            raise ValueError(message)
        self.speed: Speed = speed
        self.idle: Idle | None = None
        """By default the clock stands when no work is due."""
        self.compute = Compute()
        """What the threads of the clock compute meanwhile, in real time."""
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._base = time.time() if start is None else start
        self._real_base = time.monotonic()
        self._timers = Timers()
        self._activities = Activities(self._lock, self._changed.notify_all)
        self._thread = threading.local()
        self._held = False
        self._target: float | None = None
        self._closed = False
        self._driver = threading.Thread(target=self._drive, name="clock-driver", daemon=True)
        self._driver.start()

    # -- reading -------------------------------------------------------------------------------------------------
    def now(self) -> float:
        """Return AWS epoch seconds."""
        with self._lock:
            if self._held or self.speed == "max":
                return self._base
            return self._base + (time.monotonic() - self._real_base) * self.speed

    @property
    def active(self) -> int:
        """Return how many activities are awake now."""
        with self._lock:
            return self._activities.awake

    @property
    def held(self) -> bool:
        """Return whether the clock is held by hand."""
        with self._lock:
            return self._held

    @property
    def at_rest(self) -> bool:
        """Return whether nothing runs and no work is due: what is left are time-outs and schedules."""
        with self._lock:
            return self.active == 0 and not self._timers.has("work")

    def pending(self) -> list[Timer]:
        """Return what is due later, soonest first."""
        with self._lock:
            return self._timers.pending()

    # -- control -------------------------------------------------------------------------------------------------
    def hold(self, *, held: bool) -> None:
        """Stop the clock, or let it go on."""
        with self._lock:
            self._rebase(self.now())
            self._held = held
            self._changed.notify_all()

    def advance(self, seconds: float) -> None:
        """Move the clock forward by hand, held or not, and return when it is there.

        What becomes due on the way fires in order, whatever its kind, each when nothing runs any more: what an entry
        starts has its own time. So the caller must hold no activity.
        """
        if not 0 <= seconds < float("inf"):
            message = f"the clock only moves forward, not by {seconds} s"
            raise ValueError(message)
        with self._lock:
            target = (self.now() if self._target is None else self._target) + seconds
            self._target = target
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._closed or self._target is None or self._target > target)

    def close(self) -> None:
        """Stop the driver and drop what is due; what waits now waits for ever."""
        with self._lock:
            self._closed = True
            self._timers = Timers()
            self._changed.notify_all()

    # -- activities ----------------------------------------------------------------------------------------------
    @property
    def activity_here(self) -> Activity | None:
        """Return the activity of this thread, if it has one."""
        return self._activities.here

    def find(self, number: int) -> Activity | None:
        """Return the activity with this number, unless it has ended."""
        return self._activities.find(number)

    @contextlib.contextmanager
    def activity(self, waiter: Activity | None = None, *, onlooker: bool = False) -> Iterator[Activity]:
        """Hold the clock (at speed max) while the block runs: a request, a function, a state.

        Args:
            waiter: what waits for the block's end, elsewhere; by default what this thread did before.
            onlooker: whether it changes nothing, so that the clock need not wait for it.
        """
        activity = self.begin(waiter, onlooker=onlooker)
        try:
            yield activity
        finally:
            self.end()

    def begin(self, waiter: Activity | None = None, *, onlooker: bool = False) -> Activity:
        """Begin an activity in this thread; pair it with ``end``."""
        activity = self._activities.open(waiter or self.activity_here, onlooker=onlooker)
        self._activities.enter(activity)
        return activity

    def end(self) -> None:
        """End the activity that began last in this thread; raise RuntimeError when there is none."""
        self._activities.leave()

    # -- waiting -------------------------------------------------------------------------------------------------
    def sleep(self, seconds: float) -> None:
        """Wait for AWS-seconds. The caller has an activity, which sleeps meanwhile."""
        ClockEvent(self).wait(seconds, kind="work")

    def call_at(self, due: float, action: Callable[[], Any], *, kind: Kind = "work", name: str = "") -> Timer:
        """Run ``action`` in a thread of its own, as an activity, at ``due`` (AWS epoch seconds)."""
        recurs = kind in ("schedule", "watchdog")
        return self._add(due, lambda: self.submit(action, name=name, recurs=recurs), kind, name)

    def call_later(self, seconds: float, action: Callable[[], Any], *, kind: Kind = "work", name: str = "") -> Timer:
        """Run ``action`` in a thread of its own, as an activity, after AWS-seconds."""
        return self.call_at(self.now() + max(0.0, seconds), action, kind=kind, name=name)

    def try_again_at(self, due: float, action: Callable[[], Any], *, name: str) -> None:
        """Run ``action`` at ``due`` like ``call_at``: what this thread has tried is tried once more.

        What a schedule has begun is not jumped to: as long as it fails, each time of the schedule would bring new work.
        """
        self.call_at(due, action, kind="schedule" if self._recurs() else "work", name=name)

    def submit(
        self, action: Callable[[], Any], *, name: str = "", waiter: Activity | None = None, recurs: bool = False
    ) -> None:
        """Run ``action`` now, in a thread of its own, as an activity.

        ``waiter``: the activity that does nothing but wait for the end of the action; by default none. ``recurs``: it
        is a time of a schedule, or done for one; so is what such a thread submits.
        """
        activity = self._activities.open(waiter)
        recurs = recurs or self._recurs()

        def run() -> None:
            self._thread.recurs = recurs
            self._activities.enter(activity)
            try:
                with self.compute.measured("background"):
                    action()
            except Exception:
                log.exception("background work failed: %s", name)
            finally:
                self.end()

        # No pool: with all of its threads waiting for the clock, the action that wakes them would never start.
        self._activities.start(activity, threading.Thread(target=run, name=f"clock {name}".rstrip(), daemon=True))

    def _recurs(self) -> bool:
        return getattr(self._thread, "recurs", False)

    def _add(self, due: float, fire: Callable[[], None], kind: Kind, name: str) -> Timer:
        with self._lock:
            timer = self._timers.add(due, fire, kind, name)
            self._changed.notify_all()
            return timer

    # -- the driver ----------------------------------------------------------------------------------------------
    def _drive(self) -> None:
        with self._lock:
            while not self._closed:
                try:
                    seconds = self._step()
                except Exception:  # without this thread nothing would ever happen again
                    log.exception("the clock could not decide what comes next; it tries again")
                    seconds = _AFTER_FAILURE
                self._changed.wait(seconds)

    def _step(self) -> float | None:
        """Fire what is due, if anything; return the real seconds until there may be more (None: when told)."""
        timer = self._timers.earliest()
        if self._target is not None and self.active == 0:
            if timer is not None and timer.due <= self._target:
                return self._jump(timer)
            self._rebase(max(self.now(), self._target))
            self._target = None
            self._changed.notify_all()
        if self._held:
            return None
        if self.speed == "max":
            return self._step_at_max(timer)
        if timer is None:
            return None
        remaining = (timer.due - self.now()) / self.speed
        return remaining if remaining > 0 else self._fire(timer)

    def _step_at_max(self, timer: Timer | None) -> float | None:
        if self.active:
            return None
        if self._timers.has("work"):
            return self._jump(timer) if timer else None
        goes_on = self.idle is not None and self.idle.goes_on(watchdog=self._timers.has("watchdog"))
        if self.idle is None or timer is None or not goes_on:
            return None
        if timer.kind == "watchdog":
            self.idle.ticked()
        return self._jump(timer)

    def _jump(self, timer: Timer) -> float:
        self._rebase(max(self.now(), timer.due))
        return self._fire(timer)

    def _fire(self, timer: Timer) -> float:
        timer.cancel()
        try:
            timer.fire()
        except Exception:  # the clock must go on
            log.exception("what was due could not be started: %s", timer.name)
        return 0.0

    def _rebase(self, now: float) -> None:
        self._base = now
        self._real_base = time.monotonic()
