"""At-least-once delivery, on demand: what is caused inside ``twice`` is delivered two times.

The places where something is delivered (queues, asynchronous invocations, rules of event buses) ask for ``copies``; on
AWS, each of them may deliver twice whenever it likes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_copies: ContextVar[int] = ContextVar("copies", default=1)


def copies() -> int:
    """Return how many times to deliver what the call in this thread causes."""
    return _copies.get()


@contextmanager
def twice() -> Iterator[None]:
    """Let all that the block causes, in this thread, be delivered twice."""
    token = _copies.set(2)
    try:
        yield
    finally:
        _copies.reset(token)
