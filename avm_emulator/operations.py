"""Operations of a service as plain functions that answer at the boundary, for services of which moto has little.

``create_members(guardduty, call, *, detector_id, account_details)`` takes what the service knows, the call, and the
members of the operation's input under their Python names; it returns the answer in the form of boto3's, or None where
there is nothing to say. What no function answers is left to moto.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Protocol

from botocore import xform_name

if TYPE_CHECKING:
    from werkzeug import Response

    from avm_emulator.boundary import Call

OperationFunction = Callable[..., dict[str, Any] | None]


class Service(Protocol):
    """What a service knows, as its functions get it."""

    lock: threading.RLock
    """Taken by every call, and by what is completed later."""

    def settle(self, call: Call) -> None:
        """Bring about what has become due without that a clock went there for it, before a call is answered."""


class Operations:
    """Answers the operations of one service, one call at a time."""

    def __init__(self, service: str, state: Service, functions: Iterable[OperationFunction]) -> None:
        """Let ``functions``, named as the operations in Python, answer with ``state`` as their first argument.

        ``service``: boto3 client name.
        """
        self._service = service
        self._state = state
        self._functions = {function.__name__: function for function in functions}

    def answer(self, call: Call) -> Response | None:
        """Answer a call of the service (an interceptor); raise what the function raises."""
        function = self._functions.get(xform_name(call.operation)) if call.service == self._service else None
        if function is None:
            return None
        arguments = {xform_name(name): value for name, value in call.parameters.items()}
        with self._state.lock:
            self._state.settle(call)
            return call.answer(function(self._state, call, **arguments) or {})
