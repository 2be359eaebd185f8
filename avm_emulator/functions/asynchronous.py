"""Asynchronous invocation: Lambda's own queue with its retries, dead-letter queues and destinations.

Facts: developer guide, "How Lambda handles errors and retries with asynchronous invocation" and "Capturing records of
Lambda asynchronous invocations".
"""

from __future__ import annotations

import json
import logging
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from avm_emulator.duplicates import copies
from avm_emulator.errors import AwsError
from avm_emulator.functions.destinations import Destinations

if TYPE_CHECKING:
    from avm_emulator.functions.environment import Outcome
    from avm_emulator.functions.service import Functions

log = logging.getLogger(__name__)

MAXIMUM_REQUEST = 1_048_576
"""Bytes of the payload of an asynchronous invocation (256 KB until October 2025)."""
MAXIMUM_EVENT_AGE = 21_600
MAXIMUM_RETRY_ATTEMPTS = 2
RETRY_DELAYS = (60.0, 120.0)
"""Seconds before the second and the third attempt after a function error."""
_FIRST_BACKOFF, _LONGEST_BACKOFF = 1.0, 300.0
"""Throttled events return to the queue, with a back-off from one second to five minutes, until they are too old."""


@dataclass
class _Event:
    function: Any
    payload: bytes
    accepted_at: float
    request_id: str
    attempts: int = 0
    throttles: int = 0


class AsynchronousInvocations:
    """Takes events and sees each through to its end; everything happens on the emulated clock."""

    def __init__(self, functions: Functions) -> None:
        """``functions`` run the attempts."""
        self._functions = functions
        self._clock = functions.clock
        self._destinations = Destinations(functions.emulator)

    def accept(self, function: Any, payload: bytes) -> None:
        """Put an event into the function's queue; the first attempt starts at once.

        Raises:
            AwsError: the payload is too large.
        """
        if len(payload) > MAXIMUM_REQUEST:
            message = f"{len(payload)} byte payload is too large for type Event (limit {MAXIMUM_REQUEST} bytes)"
            raise AwsError("RequestTooLargeException", message, Type="User")
        request_id = str(uuid.uuid4())
        for _ in range(copies()):
            event = _Event(function, payload, self._clock.now(), request_id)
            self._clock.submit(partial(self._attempt, event), name=f"event of {function.function_name}")

    def _attempt(self, event: _Event) -> None:
        settings = _settings(event.function)
        maximum_age = settings.get("MaximumEventAgeInSeconds", MAXIMUM_EVENT_AGE)
        if self._clock.now() - event.accepted_at > maximum_age:
            self._discard(event, settings, "EventAgeExceeded", None)
            return
        try:
            outcome = self._functions.invoke(event.function, event.payload, event.request_id)
        except AwsError as error:
            if error.code == "TooManyRequestsException":
                self._throttled(event, settings)
            else:
                log.warning(
                    "%s loses an event [request id %s]: %s", event.function.function_name, event.request_id, error
                )
            return
        event.attempts += 1
        if not outcome.is_error:
            self._record(event, settings, "OnSuccess", "Success", outcome)
        elif event.attempts > settings.get("MaximumRetryAttempts", MAXIMUM_RETRY_ATTEMPTS):
            self._discard(event, settings, "RetriesExhausted", outcome)
        else:
            self._again(event, RETRY_DELAYS[event.attempts - 1])

    def _throttled(self, event: _Event, settings: dict[str, Any]) -> None:
        if int(event.function.reserved_concurrency) == 0:
            # A function without any concurrency sends new events to the dead-letter queue without retries.
            self._discard(event, settings, "RetriesExhausted", None)
            return
        self._again(event, min(_FIRST_BACKOFF * 2**event.throttles, _LONGEST_BACKOFF))
        event.throttles += 1

    def _again(self, event: _Event, delay: float) -> None:
        name = f"retry of {event.function.function_name}"
        self._clock.try_again_at(self._clock.now() + delay, partial(self._attempt, event), name=name)

    def _discard(self, event: _Event, settings: dict[str, Any], condition: str, outcome: Outcome | None) -> None:
        log.info("%s discarded an event: %s [request id %s]", event.function.function_name, condition, event.request_id)
        target = event.function.dead_letter_config.get("TargetArn")
        if target:
            error = json.loads(outcome.payload) if outcome else {}
            self._destinations.send_dead_letter(
                event.function,
                target,
                event.payload,
                {
                    "RequestID": ("String", event.request_id),
                    "ErrorCode": ("Number", "200" if outcome else "429"),
                    "ErrorMessage": ("String", (error.get("errorMessage") or condition)[:1024]),
                },
            )
        self._record(event, settings, "OnFailure", condition, outcome)

    def _record(
        self, event: _Event, settings: dict[str, Any], when: str, condition: str, outcome: Outcome | None
    ) -> None:
        destination = settings.get("DestinationConfig", {}).get(when, {}).get("Destination")
        if not destination:
            return
        function = event.function
        now = datetime.fromtimestamp(self._clock.now(), UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        version = str(function.version)
        arn = function.function_arn
        record: dict[str, Any] = {
            "version": "1.0",
            "timestamp": now,
            "requestContext": {
                "requestId": event.request_id,
                "functionArn": f"{arn}:$LATEST" if version == "$LATEST" else arn,
                "condition": condition,
                "approximateInvokeCount": event.attempts,
            },
            "requestPayload": json.loads(event.payload),
        }
        if outcome is not None:
            record["responseContext"] = {"statusCode": 200, "executedVersion": version}
            if outcome.is_error:
                record["responseContext"]["functionError"] = "Unhandled"
            record["responsePayload"] = json.loads(outcome.payload)
        self._destinations.send_record(function, destination, record, succeeded=when == "OnSuccess")


def _settings(function: Any) -> dict[str, Any]:
    """Return the function's EventInvokeConfig, empty when it has none."""
    configurations = function.event_invoke_config
    settings: dict[str, Any] = configurations[0].config if configurations else {}
    return settings
