"""Threads that wait on the clock: their activities sleep meanwhile, and are awake again before the waker goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from avm_emulator.activities import Activity
    from avm_emulator.clock import Clock
    from avm_emulator.timers import Kind


class _Waiter:
    """One thread in ``ClockEvent.wait``."""

    def __init__(self, activity: Activity) -> None:
        self.activity = activity
        self.woken = threading.Event()
        self.by_event = False


class ClockEvent:
    """``threading.Event`` on the clock: ``wait`` takes AWS-seconds, and the caller's activity sleeps meanwhile."""

    def __init__(self, clock: Clock) -> None:
        """Bind to ``clock``."""
        self._clock = clock
        self._flag = False
        self._waiters: list[_Waiter] = []

    def is_set(self) -> bool:
        """Whether the event has happened."""
        return self._flag

    def set(self) -> None:
        """Wake everyone who waits; the activity of each is awake before this returns."""
        with self._clock._lock:
            self._flag = True
            waiters, self._waiters = self._waiters, []
            for waiter in waiters:
                waiter.by_event = True
                self._wake(waiter)

    def clear(self) -> None:
        """Forget that the event has happened."""
        self._flag = False

    def wait(self, timeout: float | None = None, *, kind: Kind = "timeout") -> bool:
        """Wait until set, at most ``timeout`` AWS-seconds; answer whether it has been set.

        ``kind`` says what the time-out is: a limit (``timeout``) or the very thing waited for (``work``).
        """
        timer = None
        with self._clock._lock:
            if self._flag:
                return True
            waiter = _Waiter(self._clock._activities.fall_asleep())
            self._waiters.append(waiter)
            if timeout is not None:
                due = self._clock.now() + max(0.0, timeout)
                timer = self._clock._add(due, lambda: self._expire(waiter), kind, "wait")
        waiter.woken.wait()
        if timer is not None:
            timer.cancel()
        return waiter.by_event

    def _expire(self, waiter: _Waiter) -> None:
        if waiter in self._waiters:
            self._waiters.remove(waiter)
            self._wake(waiter)

    def _wake(self, waiter: _Waiter) -> None:
        self._clock._activities.wake(waiter.activity)
        waiter.woken.set()


class ClockThread(threading.Thread):
    """A thread that counts as an activity from ``start`` to its end; the caller's own sleeps in ``join``."""

    def __init__(self, clock: Clock, **kwargs: Any) -> None:
        """Take the arguments of ``threading.Thread`` by name; a daemon unless told otherwise.

        A thread that waits for a clock that has been closed must not keep the process from ending.
        """
        super().__init__(**{"daemon": True, **kwargs})
        self._clock = clock
        self._done = ClockEvent(clock)

    def start(self) -> None:
        """Start; the activity is counted before the thread runs."""
        self._activity = self._clock._activities.open(None)
        self._clock._activities.start(self._activity, self)

    def run(self) -> None:
        """Run the target, then wake those who joined."""
        self._clock._activities.enter(self._activity)
        try:
            with self._clock.compute.measured("states"):
                super().run()
        finally:
            self._done.set()
            self._clock.end()

    def join(self, timeout: float | None = None) -> None:
        """Wait for the end, at most ``timeout`` AWS-seconds."""
        self._done.wait(timeout)


class ClockCondition:
    """``threading.Condition`` on the clock, for the few uses of moto: acquire, wait, notify."""

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

    def __enter__(self) -> Self:
        """Take the condition's lock."""
        self._lock.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        """Give the condition's lock back."""
        self._lock.release()

    def wait(self, timeout: float | None = None, *, kind: Kind = "timeout") -> bool:
        """Wait to be notified, with the lock (taken once) given up meanwhile; answer whether it was so."""
        event = ClockEvent(self._clock)
        self._waiting.append(event)
        self._lock.release()
        try:
            return event.wait(timeout, kind=kind)
        finally:
            self._lock.acquire()
            if event in self._waiting:  # the time is over: a later notify is for somebody else
                self._waiting.remove(event)

    def wait_for(self, predicate: Callable[[], Any], timeout: float | None = None, *, kind: Kind = "timeout") -> Any:
        """Wait until ``predicate`` is true, at most ``timeout`` AWS-seconds; answer its last value."""
        end = None if timeout is None else self._clock.now() + timeout
        while not (result := predicate()):
            remaining = None if end is None else end - self._clock.now()
            if remaining is not None and remaining <= 0:
                break
            self.wait(remaining, kind=kind)
        return result

    def notify(self, n: int = 1) -> None:
        """Wake ``n`` of those who wait."""
        for _ in range(min(n, len(self._waiting))):
            self._waiting.pop(0).set()

    def notify_all(self) -> None:
        """Wake all who wait."""
        self.notify(len(self._waiting))


class ThreadingOnClock:
    """Stands in for the module ``threading`` in code that waits on the clock: the interpreter of state machines."""

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
