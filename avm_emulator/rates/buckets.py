"""Token buckets on the emulated clock."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from avm_emulator.rates.table import Rate

_ROUNDING = 1e-3
"""Epoch seconds are exact to a microsecond or so: who waits exactly long enough must not be refused for that."""


@dataclass
class _Bucket:
    tokens: float
    filled_at: float


class Buckets:
    """The buckets of all callers, by their keys; a key's bucket is full until it is used."""

    def __init__(self) -> None:
        """Begin with full buckets."""
        self._buckets: dict[object, _Bucket] = {}
        self._lock = threading.Lock()

    def take(self, wanted: dict[object, Rate], now: float) -> bool:
        """Take one token out of each bucket, or none at all; ``now`` in AWS epoch seconds."""
        with self._lock:
            buckets = [self._filled(key, rate, now) for key, rate in wanted.items()]
            if any(bucket.tokens < 1 - _ROUNDING for bucket in buckets):
                return False
            for bucket in buckets:
                bucket.tokens -= 1
            return True

    def _filled(self, key: object, rate: Rate, now: float) -> _Bucket:
        bucket = self._buckets.setdefault(key, _Bucket(rate.burst, now))
        gained = max(0.0, now - bucket.filled_at) * rate.per_second
        bucket.tokens = min(rate.burst, bucket.tokens + gained)
        bucket.filled_at = max(now, bucket.filled_at)
        return bucket
