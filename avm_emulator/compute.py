"""Own compute: how long the emulated world keeps this machine busy. It takes no AWS-time; it is told beside it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

Part = Literal["requests", "states", "background"]
"""``requests``: to AWS and to the application's API; ``states``: the interpreter of state machines; ``background``:
deliveries, and what AWS does by itself."""


@dataclass
class _Function:
    invocations: int = 0
    duration: float = 0.0
    """Seconds, as in the REPORT lines of the log; a function that waits for an answer counts, too."""
    cpu: float = 0.0
    """Seconds of the processor in the function's processes, their start included."""


class Compute:
    """Adds up; every method may be called from any thread."""

    def __init__(self) -> None:
        """Begin at nothing."""
        self._lock = threading.Lock()
        self._began = time.monotonic()
        self._engine_before = time.process_time()
        self._parts: dict[Part, list[float]] = {"requests": [0, 0.0], "states": [0, 0.0], "background": [0, 0.0]}
        self._functions: dict[str, _Function] = {}

    @contextmanager
    def measured(self, part: Part) -> Iterator[None]:
        """Add what this thread computes in the block."""
        began = time.thread_time()
        try:
            yield
        finally:
            self.add(part, time.thread_time() - began)

    def add(self, part: Part, cpu: float) -> None:
        """Add seconds of the processor."""
        with self._lock:
            self._parts[part][0] += 1
            self._parts[part][1] += cpu

    def add_invocation(self, function: str, duration: float, cpu: float) -> None:
        """Add an invocation: its duration and its processor time, in seconds."""
        with self._lock:
            entry = self._functions.setdefault(function, _Function())
            entry.invocations += 1
            entry.duration += duration
            entry.cpu += cpu

    def table(self) -> dict[str, Any]:
        """Return what ``GET /_emulator/compute`` answers: milliseconds since the start, but for ``real_seconds``."""
        engine = time.process_time() - self._engine_before
        with self._lock:
            functions = {
                name: {
                    "invocations": entry.invocations,
                    "duration_ms": _milliseconds(entry.duration),
                    "cpu_ms": _milliseconds(entry.cpu),
                }
                for name, entry in sorted(self._functions.items())
            }
            parts: dict[str, Any] = {
                name: {"count": int(count), "cpu_ms": _milliseconds(cpu)} for name, (count, cpu) in self._parts.items()
            }
            in_functions = sum(entry.cpu for entry in self._functions.values())
        return {
            "real_seconds": round(time.monotonic() - self._began, 3),
            "functions": functions,
            **parts,
            "engine_cpu_ms": _milliseconds(engine),
            "functions_cpu_ms": _milliseconds(in_functions),
            "total_cpu_ms": _milliseconds(engine + in_functions),
        }


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 1)
