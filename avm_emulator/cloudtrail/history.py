"""The event history: the last management calls, each written as a CloudTrail record when somebody wants to see it."""

from __future__ import annotations

import functools
import itertools
import uuid
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore import parsers

from avm_emulator.cloudtrail.elements import written
from avm_emulator.cloudtrail.identity import Identities
from avm_emulator.cloudtrail.naming import event_name, event_region, event_source

if TYPE_CHECKING:
    from werkzeug import Response

    from avm_emulator.boundary import Call
    from avm_emulator.context import Emulator

MAXIMUM = 20_000
"""Calls that are kept, of all accounts and Regions together; the oldest are forgotten first. About 50 MB when full."""

DELIVERY = "cloudtrail:DeliverEvent"
"""The latency of records; where it is a range, each record has its own, so that they overtake each other."""
_EVENT_VERSION = "1.11"
_NAMED = frozenset({"REMOTE_ADDR", "HTTP_USER_AGENT"})
_ERROR = 301
"""botocore takes any status from here on for an error."""


@dataclass(frozen=True, eq=False)
class Recorded:
    """A management call of which there is a record."""

    call: Call
    event_name: str
    event_source: str
    region: str
    identity: dict[str, Any]
    answer: dict[str, Any] | None
    """Status, headers and body; None for a read that has succeeded, of which nothing is recorded."""
    delivered_at: float
    """When its event arrives and the history shows it: AWS epoch seconds."""
    event_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def user_name(self) -> str | None:
        """Return the user name that LookupEvents knows the caller by: of a session its session name."""
        principal = self.call.principal
        return principal.session_name or ("root" if principal.name == "root" else self.identity.get("userName"))

    @functools.cached_property
    def record(self) -> dict[str, Any]:
        """Return the record as CloudTrail writes it."""
        call = self.call
        invoked_by = self.identity.get("invokedBy")
        return {
            "eventVersion": _EVENT_VERSION,
            "userIdentity": self.identity,
            "eventTime": iso8601(call.time),
            "eventSource": self.event_source,
            "eventName": self.event_name,
            "awsRegion": self.region,
            "sourceIPAddress": invoked_by or call.environ.get("REMOTE_ADDR", ""),
            "userAgent": invoked_by or call.environ.get("HTTP_USER_AGENT", ""),
            "requestParameters": written(call.parameters, call.model.input_shape, call.service),
            **self._outcome(),
            "requestID": call.request_id,
            "eventID": self.event_id,
            "readOnly": not call.mutating,
            "eventType": "AwsApiCall",
            "managementEvent": True,
            "recipientAccountId": call.account,
            "eventCategory": "Management",
        }

    def _outcome(self) -> dict[str, Any]:
        if self.answer is None:
            return {"responseElements": None}
        call = self.call
        parsed = parsers.create_parser(call.protocol).parse(self.answer, call.model.output_shape)
        if self.answer["status_code"] < _ERROR:
            return {"responseElements": written(parsed, call.model.output_shape, call.service)}
        error = parsed.get("Error", {})
        code = str(error.get("Code") or self.answer["status_code"])
        if call.protocol == "ec2":  # EC2 alone says whose fault it was
            code = f"{'Client' if self.answer['status_code'] < 500 else 'Server'}.{code}"  # noqa: PLR2004  HTTP
        return {"errorCode": code, "errorMessage": error.get("Message", ""), "responseElements": None}


class History:
    """The last ``MAXIMUM`` management calls of one emulator."""

    def __init__(self, emulator: Emulator, maximum: int = MAXIMUM) -> None:
        """``maximum``: how many calls are kept."""
        self.emulator = emulator
        self._identities = Identities(emulator)
        self._recorded: deque[Recorded] = deque(maxlen=maximum)
        self._numbers = itertools.count()

    def add(self, call: Call, response: Response) -> Recorded:
        """Keep a call that has been answered."""
        answer = None
        if call.mutating or response.status_code >= _ERROR:
            answer = {
                "status_code": response.status_code,
                "headers": {name.lower(): value for name, value in response.headers.items()},
                "body": response.get_data(),
            }
        # Of the request only what the record names: the rest holds its body and its connection.
        environ = {name: value for name, value in call.environ.items() if name in _NAMED}
        recorded = Recorded(
            call=replace(call, environ=environ),
            event_name=event_name(call),
            event_source=event_source(call),
            region=event_region(call),
            identity=self._identities.of(call),
            answer=answer,
            delivered_at=call.time + self.emulator.latencies.of(DELIVERY, next(self._numbers)),
        )
        self._recorded.append(recorded)
        return recorded

    def newest_first(self, wanted: Callable[[Recorded], bool]) -> Iterator[Recorded]:
        """Iterate over the calls that are wanted."""
        return filter(wanted, reversed(list(self._recorded)))


def iso8601(seconds: float) -> str:
    """Return AWS epoch seconds as CloudTrail writes the time of an event."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
