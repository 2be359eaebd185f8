"""Memory of what reads have answered, for answers that are late.

A stale answer is the last one that the same read (same parameters, caller's account and Region) got before its answer
changed, by whatever: a write, or an asynchronous operation that has ended. "Not found" is an answer, too: a resource
may be seen late. What has never been read before it changed cannot be read late.
"""

from __future__ import annotations

import json
import re
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from werkzeug import Response

from avm_emulator.boundary.protocol import error_code
from avm_emulator.faults import models

if TYPE_CHECKING:
    from avm_emulator.boundary import Call

MAXIMUM = 20_000
"""Reads that are remembered, each with two answers; those longest not repeated are forgotten first."""
LARGEST = 65_536
"""Bytes of the largest answer that is remembered."""

_NOT_THERE = re.compile(r"not.?(found|exist)|no.?such|nonexist|404", re.IGNORECASE)
_VOLATILE = frozenset({"content-length", "date", "server", "x-amzn-requestid", "x-amz-request-id", "x-amz-id-2"})
_REQUEST_ID = re.compile(rb"<(RequestId|requestId|RequestID)>[^<]*</")


@dataclass(frozen=True)
class Answer:
    """What a read answered, without what differs in every answer."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @classmethod
    def of(cls, response: Response) -> Answer:
        """Return the answer in a response that is not yet identified."""
        headers = tuple((name, value) for name, value in response.headers if name.lower() not in _VOLATILE)
        return cls(response.status_code, headers, _REQUEST_ID.sub(rb"<\1></", response.get_data()))

    def response(self) -> Response:
        """Return it as a response of its own."""
        return Response(self.body, self.status, list(self.headers))


class Reads:
    """The last two different answers of each read."""

    def __init__(self) -> None:
        """Begin without memory."""
        self._answers: OrderedDict[str, tuple[Answer, Answer | None]] = OrderedDict()
        self._lock = threading.Lock()

    def remember(self, call: Call, response: Response) -> None:
        """Keep a true answer, if it belongs to a read that can be late."""
        if not self._can_be_late(call, response):
            return
        key, answer = _key(call), Answer.of(response)
        with self._lock:
            last, earlier = self._answers.get(key, (None, None))
            if last is None or answer == last:
                self._answers[key] = (answer, earlier)
            else:
                self._answers[key] = (answer, last)
            self._answers.move_to_end(key)
            if len(self._answers) > MAXIMUM:
                self._answers.popitem(last=False)

    def earlier(self, call: Call) -> Answer | None:
        """Return what a read, whose true answer has just been remembered, answered before that changed."""
        with self._lock:
            return self._answers.get(_key(call), (None, None))[1]

    @staticmethod
    def _can_be_late(call: Call, response: Response) -> bool:
        # A strongly consistent read is never late (DynamoDB developer guide, "Read consistency").
        if not models.reads(call.service, call.operation) or call.parameters.get("ConsistentRead"):
            return False
        if len(response.get_data()) > LARGEST:
            return False
        code = error_code(response, call.model, call.protocol)
        return code is None or _NOT_THERE.search(code) is not None


def _key(call: Call) -> str:
    parameters = json.dumps(call.parameters, sort_keys=True, default=repr)
    return f"{call.account}/{call.region}/{call.service}/{call.operation}/{parameters}"
