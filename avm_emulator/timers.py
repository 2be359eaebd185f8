"""What is due later on the clock, by kind and time."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, get_args

Kind = Literal["work", "timeout", "schedule", "watchdog"]
"""``work``: jumped to at speed max; ``timeout``: a limit on something that should end by itself; ``schedule``: recurs;
``watchdog``: the schedule that mends what the application has lost, jumped to while something is open."""

_COMPACT_FROM = 256
"""Entries of a kind from which on cancelled ones are worth removing."""


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


class Timers:
    """Timers by kind, so that what is never jumped to does not hide fired ones; used under the clock's lock."""

    def __init__(self) -> None:
        """Begin with nothing due."""
        self._heaps: dict[Kind, list[Timer]] = {kind: [] for kind in get_args(Kind)}
        self._compact_at = dict.fromkeys(self._heaps, _COMPACT_FROM)
        self._order = itertools.count()

    def add(self, due: float, fire: Callable[[], None], kind: Kind, name: str) -> Timer:
        """Make something due."""
        timer = Timer(due, next(self._order), fire, kind, name)
        heap = self._heaps[kind]
        heapq.heappush(heap, timer)
        if len(heap) > self._compact_at[kind]:
            heap[:] = [timer for timer in heap if not timer.cancelled]
            heapq.heapify(heap)
            self._compact_at[kind] = max(_COMPACT_FROM, 2 * len(heap))
        return timer

    def earliest(self) -> Timer | None:
        """Return what is due first, of any kind."""
        return min(filter(None, map(self._head, self._heaps)), default=None)

    def has(self, kind: Kind) -> bool:
        """Say whether anything of a kind is due."""
        return self._head(kind) is not None

    def pending(self) -> list[Timer]:
        """Return all that is due, soonest first."""
        return sorted(timer for heap in self._heaps.values() for timer in heap if not timer.cancelled)

    def _head(self, kind: Kind) -> Timer | None:
        heap = self._heaps[kind]
        while heap and heap[0].cancelled:
            heapq.heappop(heap)
        return heap[0] if heap else None
