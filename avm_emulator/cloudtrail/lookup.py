"""LookupEvents, which moto lacks: the event history of an account in a Region."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from avm_emulator.boundary.moto_app import not_implemented
from avm_emulator.errors import AwsError

if TYPE_CHECKING:
    from werkzeug import Response

    from avm_emulator.boundary import Call
    from avm_emulator.cloudtrail.history import History, Recorded

_PAGE = 50
_KEPT = 90 * 86_400
"""Seconds for which the history goes back (API reference, LookupEvents)."""

_ATTRIBUTES: Mapping[str, Callable[[Recorded], str | None]] = {
    "AccessKeyId": lambda recorded: recorded.identity.get("accessKeyId"),
    "EventId": lambda recorded: recorded.event_id,
    "EventName": lambda recorded: recorded.event_name,
    "EventSource": lambda recorded: recorded.event_source,
    "ReadOnly": lambda recorded: _truth(not recorded.call.mutating),
    "Username": lambda recorded: recorded.user_name,
}


class Lookup:
    """Answers LookupEvents."""

    def __init__(self, history: History) -> None:
        """Look into ``history``."""
        self._history = history

    def answer(self, call: Call) -> Response | None:
        """Answer the call if it is LookupEvents (an interceptor).

        Raises:
            AwsError: as botocore's model names them; NotImplementedByEmulator for lookups by resource.
        """
        if (call.service, call.operation) != ("cloudtrail", "LookupEvents"):
            return None
        parameters = call.parameters
        if parameters.get("EventCategory"):
            raise not_implemented(call.service, call.operation, "Insights events")
        size = parameters.get("MaxResults", _PAGE)
        if not 1 <= size <= _PAGE:
            raise AwsError("InvalidMaxResultsException", f"MaxResults must be from 1 to {_PAGE}, not {size}.")
        has_attribute = _attribute(parameters.get("LookupAttributes", []))
        now = self._history.emulator.clock.now()
        begin, end = _range(parameters, now)

        def wanted(recorded: Recorded) -> bool:
            here = (recorded.call.account, recorded.region) == (call.account, call.region)
            seen = recorded.delivered_at <= now
            return here and seen and begin <= recorded.call.time <= end and has_attribute(recorded)

        found = list(self._history.newest_first(wanted))
        start = _start(parameters.get("NextToken"), found)
        page = found[start : start + size]
        result: dict[str, Any] = {"Events": [_event(recorded) for recorded in page]}
        if start + size < len(found):
            result["NextToken"] = base64.b64encode(page[-1].event_id.encode()).decode()
        return call.answer(result)


def _range(parameters: Mapping[str, Any], now: float) -> tuple[float, float]:
    """Return begin and end of the time that is asked for (AWS epoch seconds)."""
    begin, end = (_seconds(parameters.get(name)) for name in ("StartTime", "EndTime"))
    if begin is not None and end is not None and begin > end:
        raise AwsError("InvalidTimeRangeException", "StartTime must not be later than EndTime.")
    return max(begin or 0.0, now - _KEPT), now if end is None else end


def _attribute(attributes: list[dict[str, str]]) -> Callable[[Recorded], bool]:
    if not attributes:
        return lambda _: True
    if len(attributes) > 1:
        raise AwsError("InvalidLookupAttributesException", "You can look events up by one attribute only.")
    key, value = attributes[0].get("AttributeKey", ""), attributes[0].get("AttributeValue", "")
    if key in ("ResourceName", "ResourceType"):
        raise not_implemented("cloudtrail", "LookupEvents", f"by {key}")
    if key not in _ATTRIBUTES or not value:
        message = f"Attributes are {', '.join(_ATTRIBUTES)}, with a value; not {key!r} with {value!r}."
        raise AwsError("InvalidLookupAttributesException", message)
    return lambda recorded: _ATTRIBUTES[key](recorded) == value


def _start(token: str | None, found: list[Recorded]) -> int:
    """Return where a page begins: after the event that the token names, whatever has happened since."""
    if token is None:
        return 0
    try:
        last = base64.b64decode(token, validate=True).decode()
    except (binascii.Error, ValueError):
        last = ""
    for position, recorded in enumerate(found):
        if recorded.event_id == last:
            return position + 1
    raise AwsError("InvalidNextTokenException", "The token is not valid, or was used with other parameters.")


def _event(recorded: Recorded) -> dict[str, Any]:
    event: dict[str, Any] = {
        "EventId": recorded.event_id,
        "EventName": recorded.event_name,
        "ReadOnly": _truth(not recorded.call.mutating),
        "AccessKeyId": recorded.identity.get("accessKeyId"),
        "EventTime": int(recorded.call.time),
        "EventSource": recorded.event_source,
        "Username": recorded.user_name,
        "Resources": [],
        "CloudTrailEvent": json.dumps(recorded.record),
    }
    return {name: value for name, value in event.items() if value is not None}


def _seconds(moment: Any) -> float | None:
    return moment.timestamp() if isinstance(moment, datetime) else moment


def _truth(value: bool) -> str:  # noqa: FBT001  what it writes
    return "true" if value else "false"
