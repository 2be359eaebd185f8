"""Who waits for the answer to a call: the number of an activity, in the header ``X-Amzn-Trace-Id``.

The SDKs send this header from within a function by themselves: the runtime tells them the trace of each invocation, and
they hand it on with every call (botocore: ``add_recursion_detection_header``). Here the parent segment of a trace is
the activity of the invocation. The emulator's own clients send it, too.
"""

from __future__ import annotations

import re
import time
import uuid
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from avm_emulator.activities import Activity
    from avm_emulator.clock import Clock

HEADER = "X-Amzn-Trace-Id"
_PARENT = re.compile(r"Parent=(?P<number>[0-9a-f]{16})(;|$)")


def trace_of(number: int) -> str:
    """Return the value of the header for what is done on behalf of an activity, by its number; it is not sampled."""
    return f"Root=1-{int(time.time()):08x}-{uuid.uuid4().hex[:24]};Parent={number:016x};Sampled=0"


def number_in(environ: WSGIEnvironment) -> int | None:
    """Return the number of the activity that a request is made on behalf of; it may have ended, or belong to nobody."""
    match = _PARENT.search(environ.get("HTTP_X_AMZN_TRACE_ID", ""))
    return int(match["number"], 16) if match else None


def waiter_of(environ: WSGIEnvironment, clock: Clock) -> Activity | None:
    """Return the activity that waits for the answer to a request, if it is one of the emulator's."""
    number = number_in(environ)
    return None if number is None else clock.find(number)
