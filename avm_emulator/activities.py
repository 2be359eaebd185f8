"""What runs in the emulated world, and what does nothing but wait for something else that runs.

Activities form chains: a state waits for the answer to its call, the call for the function that it invokes, the
function for the answer to a call of its own. When that last call waits on the clock, none of the others does anything,
so all of them sleep: each activity knows the one that waits for it.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(eq=False)
class Activity:
    """Something that runs: a request, a function, a state."""

    number: int
    """Names it across processes: whoever is called on its behalf is told the number."""
    waiter: Activity | None
    """The activity that does nothing but wait for the end of this one; so it sleeps whenever this one does."""
    sleepers: int = 0
    """How many threads wait on the clock, in this activity and those that it waits for; it sleeps while one does."""
    ended: bool = False
    weight: int = 1
    """0: an onlooker, who sees the world and changes nothing; the clock does not wait for it."""


class Activities:
    """The activities of one clock, each begun in the thread that it ends in."""

    def __init__(self, lock: threading.RLock, rest: Callable[[], None]) -> None:
        """``rest`` is called, under ``lock``, whenever nothing is awake any more."""
        self.awake = 0
        """How many are awake."""
        self._lock = lock
        self._rest = rest
        self._numbers = itertools.count(1)
        self._known: dict[int, Activity] = {}
        self._threads = threading.local()

    @property
    def here(self) -> Activity | None:
        """Return the activity of this thread that began last."""
        stack = self._stack()
        return stack[-1] if stack else None

    def find(self, number: int) -> Activity | None:
        """Return the activity with this number, unless it has ended."""
        with self._lock:
            return self._known.get(number)

    def open(self, waiter: Activity | None, *, onlooker: bool = False) -> Activity:
        """Count one more activity, to be entered by some thread; what is done for an onlooker is an onlooker, too."""
        weight = 0 if onlooker else 1 if waiter is None else waiter.weight
        with self._lock:
            activity = Activity(next(self._numbers), waiter, weight=weight)
            self._known[activity.number] = activity
            self.awake += weight
            return activity

    def start(self, activity: Activity, thread: threading.Thread) -> None:
        """Start the thread that enters an activity; when it cannot start, the activity ends."""
        try:
            threading.Thread.start(thread)
        except RuntimeError:  # the system has no more threads
            self.enter(activity)
            self.leave()
            raise

    def enter(self, activity: Activity) -> None:
        """Make it the activity of this thread, until ``leave``."""
        self._stack().append(activity)

    def leave(self) -> None:
        """End the activity of this thread that began last; raise RuntimeError when there is none."""
        activity = self._required()
        self._stack().pop()
        with self._lock:
            activity.ended = True
            del self._known[activity.number]
            if activity.sleepers:
                # Its waiter waits no longer for what still sleeps: a call of a function that has timed out.
                self._count_sleepers(activity.waiter, -activity.sleepers)
            else:
                self.awake -= activity.weight
            self._notice_rest()

    def fall_asleep(self) -> Activity:
        """Let the activity of this thread sleep, and all that wait for it; raise RuntimeError when there is none."""
        activity = self._required()
        with self._lock:
            self._count_sleepers(activity, 1)
            self._notice_rest()
        return activity

    def wake(self, activity: Activity) -> None:
        """End one sleep of an activity and of all that wait for it."""
        with self._lock:
            self._count_sleepers(activity, -1)

    def _count_sleepers(self, activity: Activity | None, change: int) -> None:
        while activity is not None and not activity.ended:
            was_awake = activity.sleepers == 0
            activity.sleepers += change
            self.awake += activity.weight * ((activity.sleepers == 0) - was_awake)
            activity = activity.waiter

    def _notice_rest(self) -> None:
        if self.awake == 0:
            self._rest()

    def _required(self) -> Activity:
        if self.here is None:
            message = "an activity ends (or waits on the clock) that never began"
            raise RuntimeError(message)
        return self.here

    def _stack(self) -> list[Activity]:
        """Return the activities of this thread, the innermost last."""
        stack: list[Activity] = vars(self._threads).setdefault("stack", [])
        return stack
