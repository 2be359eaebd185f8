"""The one clock of the emulator.

Everything that happens later (a Wait state, a retry, a delayed message, an account that is created in 30 s) waits
here, in AWS-seconds. Two ways to pass time:

* ``speed`` a number: ``speed`` AWS-seconds pass in one real second.
* ``speed`` ``"max"``: discrete events. The clock stands while anything runs (a request, a function, a state) and
  jumps to the next due work when nothing does. So every thread that works holds an *activity*, and gives it up only
  while it waits in this module; whoever wakes it hands the activity over in the same locked step, so that the clock
  never sees a gap between "woken" and "running".

Due entries have a kind: ``work`` (jumped to), ``timeout`` (a limit on something that should end by itself: never jumped
to) and ``schedule`` (recurring: never jumped to). With a numeric speed all three simply happen when their time comes.
"""

from __future__ import annotations

import contextlib
import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Literal

log = logging.getLogger(__name__)

Kind = Literal["work", "timeout", "schedule"]
Speed = float | Literal["max"]


@dataclass(order=True)
class Timer:
    """Something due at ``due`` (AWS epoch seconds); ``cancel`` it as long as it has not fired."""

    due: float
    order: int
    fire: Callable[[], None] = field(compare=False)
    kind: Kind = field(compare=False)
    name: str = field(compare=False)
    cancelled: bool = field(compare=False, default=False)

    def cancel(self) -> None:
        """Make the timer never fire; harmless afterwards."""
        self.cancelled = True


class Clock:
    """AWS time, waiting and the count of what runs; see the module's docstring."""

    def __init__(self, speed: Speed = 1.0, start: float | None = None, workers: int = 256) -> None:
        """``start``: AWS epoch seconds at the beginning (default: now)."""
        if speed != "max" and not speed > 0:
            message = f"speed is a number above 0 or 'max', not {speed!r}"
            raise ValueError(message)
        self.speed: Speed = speed
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._base = time.time() if start is None else start
        self._real_base = time.monotonic()
        self._timers: list[Timer] = []
        self._order = itertools.count()
        self._active = 0
        self._held = False
        self._closed = False
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="clock")
        self._driver = threading.Thread(target=self._drive, name="clock-driver", daemon=True)
        self._driver.start()

    # -- reading -------------------------------------------------------------------------------------------------
    def now(self) -> float:
        """AWS epoch seconds."""
        with self._lock:
            if self._held or self.speed == "max":
                return self._base
            return self._base + (time.monotonic() - self._real_base) * self.speed

    @property
    def active(self) -> int:
        """How many activities run now."""
        with self._lock:
            return self._active

    @property
    def held(self) -> bool:
        """True while the clock is held by hand."""
        with self._lock:
            return self._held

    def pending(self) -> list[Timer]:
        """What is due later, soonest first."""
        with self._lock:
            return sorted(timer for timer in self._timers if not timer.cancelled)

    # -- control -------------------------------------------------------------------------------------------------
    def hold(self, held: bool) -> None:
        """Stop the clock (True) or let it go on (False)."""
        with self._lock:
            self._rebase(self.now())
            self._held = held
            self._changed.notify_all()

    def advance(self, seconds: float) -> None:
        """Move the clock forward by hand; what becomes due fires, whatever its kind."""
        if seconds < 0:
            message = f"the clock only moves forward, not by {seconds} s"
            raise ValueError(message)
        with self._lock:
            target = self.now() + seconds
            while self._timers and self._timers[0].due <= target:
                self._rebase(max(self.now(), self._timers[0].due))
                self._fire_next()
            self._rebase(target)
            self._changed.notify_all()

    def close(self) -> None:
        """Stop the driver and drop what is due."""
        with self._lock:
            self._closed = True
            self._timers.clear()
            self._changed.notify_all()
        self._pool.shutdown(wait=False, cancel_futures=True)

    # -- activities ----------------------------------------------------------------------------------------------
    @contextlib.contextmanager
    def activity(self) -> Iterator[None]:
        """Hold the clock (at speed max) while the block runs: a request, a function, a state."""
        self.begin()
        try:
            yield
        finally:
            self.end()

    def begin(self) -> None:
        """Count one more activity; pair it with ``end``."""
        with self._lock:
            self._active += 1

    def end(self) -> None:
        """Count one activity less."""
        with self._lock:
            self._active -= 1
            if self._active <= 0:
                self._changed.notify_all()

    # -- waiting -------------------------------------------------------------------------------------------------
    def sleep(self, seconds: float) -> None:
        """Wait for AWS-seconds. The caller holds an activity, gives it up and gets it back."""
        ClockEvent(self).wait(seconds, kind="work")

    def call_at(self, due: float, action: Callable[[], Any], *, kind: Kind = "work", name: str = "") -> Timer:
        """Run ``action`` in a thread of the clock, as an activity, at ``due`` (AWS epoch seconds)."""

        def fire() -> None:
            self._active += 1
            self._pool.submit(run)

        def run() -> None:
            try:
                action()
            except Exception:
                log.exception("what was due at %s failed: %s", due, name)
            finally:
                self.end()

        return self._add(due, fire, kind, name)

    def call_later(self, seconds: float, action: Callable[[], Any], *, kind: Kind = "work", name: str = "") -> Timer:
        """Run ``action`` in a thread of the clock, as an activity, after AWS-seconds."""
        return self.call_at(self.now() + max(0.0, seconds), action, kind=kind, name=name)

    def submit(self, action: Callable[[], Any], *, name: str = "") -> None:
        """Run ``action`` now, in a thread of the clock, as an activity."""
        self.begin()

        def run() -> None:
            try:
                action()
            except Exception:
                log.exception("background work failed: %s", name)
            finally:
                self.end()

        self._pool.submit(run)

    def _add(self, due: float, fire: Callable[[], None], kind: Kind, name: str) -> Timer:
        with self._lock:
            timer = Timer(due, next(self._order), fire, kind, name)
            heapq.heappush(self._timers, timer)
            self._changed.notify_all()
            return timer

    # -- the driver ----------------------------------------------------------------------------------------------
    def _rebase(self, now: float) -> None:
        self._base = now
        self._real_base = time.monotonic()

    def _fire_next(self) -> None:
        timer = heapq.heappop(self._timers)
        if not timer.cancelled:
            timer.cancelled = True
            timer.fire()

    def _next(self) -> Timer | None:
        while self._timers and self._timers[0].cancelled:
            heapq.heappop(self._timers)
        if self.speed != "max":
            return self._timers[0] if self._timers else None
        return min((t for t in self._timers if t.kind == "work" and not t.cancelled), default=None)

    def _drive(self) -> None:
        with self._lock:
            while not self._closed:
                timer = self._next()
                if timer is None or self._held:
                    self._changed.wait()
                elif self.speed == "max":
                    if self._active > 0:
                        self._changed.wait()
                    else:
                        self._rebase(max(self._base, timer.due))
                        timer.cancelled = True
                        timer.fire()
                else:
                    remaining = (timer.due - self.now()) / self.speed
                    if remaining > 0:
                        self._changed.wait(remaining)
                    else:
                        self._fire_next()


class ClockEvent:
    """``threading.Event`` on the clock: ``wait`` takes AWS-seconds and gives the caller's activity up meanwhile."""

    def __init__(self, clock: Clock) -> None:
        """Bind to ``clock``."""
        self._clock = clock
        self._flag = False
        self._waiters: list[threading.Event] = []

    def is_set(self) -> bool:
        """Whether the event has happened."""
        return self._flag

    def set(self) -> None:
        """Wake everyone who waits; each gets an activity before this returns."""
        with self._clock._lock:  # noqa: SLF001  one module, one lock
            self._flag = True
            woken, self._waiters = self._waiters, []
            self._clock._active += len(woken)  # noqa: SLF001
            for waiter in woken:
                waiter.set()

    def clear(self) -> None:
        """Forget that the event has happened."""
        self._flag = False

    def wait(self, timeout: float | None = None, *, kind: Kind = "timeout") -> bool:
        """Wait until set, at most ``timeout`` AWS-seconds; answer whether it is set.

        ``kind`` says what the time-out is: a limit (``timeout``) or the very thing waited for (``work``).
        """
        with self._clock._lock:  # noqa: SLF001
            if self._flag:
                return True
            mine = threading.Event()
            self._waiters.append(mine)
            timer = None
            if timeout is not None:
                timer = self._clock._add(self._clock.now() + max(0.0, timeout), lambda: self._expire(mine), kind, "wait")  # noqa: SLF001
            self._clock.end()
        mine.wait()
        if timer is not None:
            timer.cancel()
        return self._flag

    def _expire(self, waiter: threading.Event) -> None:
        if waiter in self._waiters:
            self._waiters.remove(waiter)
            self._clock._active += 1  # noqa: SLF001
            waiter.set()


class ClockThread(threading.Thread):
    """A thread that counts as an activity from ``start`` to its end; ``join`` gives the caller's own up meanwhile."""

    def __init__(self, clock: Clock, **kwargs: Any) -> None:
        """Take the arguments of ``threading.Thread`` by name."""
        super().__init__(**kwargs)
        self._clock = clock
        self._done = ClockEvent(clock)

    def start(self) -> None:
        """Start; the activity is counted before the thread runs."""
        self._clock.begin()
        super().start()

    def run(self) -> None:
        """Run the target, then wake those who joined."""
        try:
            super().run()
        finally:
            self._done.set()
            self._clock.end()

    def join(self, timeout: float | None = None) -> None:
        """Wait for the end, at most ``timeout`` AWS-seconds."""
        self._done.wait(timeout)


class ClockCondition:
    """``threading.Condition`` on the clock, for the few uses of the interpreter: acquire, wait, notify."""

    def __init__(self, clock: Clock) -> None:
        """Bind to ``clock``."""
        self._clock = clock
        self._lock = threading.RLock()
        self._waiting: list[ClockEvent] = []

    def acquire(self) -> bool:
        """Take the condition's lock."""
        return self._lock.acquire()

    def release(self) -> None:
        """Give the condition's lock back."""
        self._lock.release()

    def __enter__(self) -> ClockCondition:
        """Take the condition's lock."""
        self._lock.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        """Give the condition's lock back."""
        self._lock.release()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait to be notified, with the lock given up meanwhile."""
        event = ClockEvent(self._clock)
        self._waiting.append(event)
        self._lock.release()
        try:
            return event.wait(timeout)
        finally:
            self._lock.acquire()

    def notify(self, n: int = 1) -> None:
        """Wake ``n`` of those who wait."""
        for _ in range(min(n, len(self._waiting))):
            self._waiting.pop(0).set()

    def notify_all(self) -> None:
        """Wake all who wait."""
        self.notify(len(self._waiting))


class ThreadingOnClock:
    """Stands in for the module ``threading`` in code that must wait on the clock (the interpreter of state machines)."""

    Lock = staticmethod(threading.Lock)
    RLock = staticmethod(threading.RLock)
    current_thread = staticmethod(threading.current_thread)

    def __init__(self, clock: Clock) -> None:
        """Bind to ``clock``."""
        self._clock = clock

    def Thread(self, **kwargs: Any) -> ClockThread:  # noqa: N802  the name in threading
        """Return a thread that counts as an activity."""
        return ClockThread(self._clock, **kwargs)

    def Event(self) -> ClockEvent:  # noqa: N802
        """Return an event on the clock."""
        return ClockEvent(self._clock)

    def Condition(self) -> ClockCondition:  # noqa: N802
        """Return a condition on the clock."""
        return ClockCondition(self._clock)


class TimeOnClock:
    """Stands in for the module ``time`` in code that must sleep on the clock."""

    def __init__(self, clock: Clock) -> None:
        """Bind to ``clock``."""
        self.sleep = clock.sleep
        self.time = clock.now
        self.monotonic = clock.now
