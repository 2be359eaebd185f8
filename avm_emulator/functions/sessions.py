"""Whose work a session is: what a function does in a role that it has taken is still the function's."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from werkzeug import Response

    from avm_emulator.boundary import Call
    from avm_emulator.context import Emulator

_ACCESS_KEY_ID = re.compile(rb"<AccessKeyId>(\w+)</AccessKeyId>")


class ChainedSessions:
    """Stands around the calls of STS (a wrapper)."""

    def __init__(self, emulator: Emulator) -> None:
        """Fill ``emulator.function_sessions``."""
        self._functions = emulator.function_sessions

    def note(self, call: Call, proceed: Callable[[], Response]) -> Response:
        """Have a call answered; note the session that a function, or a session of its, begins."""
        response = proceed()
        function = self._functions.get(call.access_key or "")
        if function is not None and (call.service, call.operation) == ("sts", "AssumeRole"):
            begun = _ACCESS_KEY_ID.search(response.get_data())
            if begun:
                self._functions[begun[1].decode()] = function
        return response
