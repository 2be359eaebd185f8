"""SQS event sources: Lambda's pollers, which fetch messages in batches, invoke, and delete what succeeded.

Nothing polls: a poller looks at its queue when a message arrives, becomes visible or is given up, and when a batch
ends. Facts: developer guide, "Using Lambda with Amazon SQS".
"""

from __future__ import annotations

import contextlib
import json
import logging
import threading
from functools import partial
from typing import TYPE_CHECKING, Any

from moto.events.models import EventPattern
from moto.sqs.exceptions import ReceiptHandleIsInvalid
from moto.sqs.models import sqs_backends

from avm_emulator.errors import AwsError

if TYPE_CHECKING:
    from avm_emulator.functions.service import Functions
    from avm_emulator.timers import Timer

log = logging.getLogger(__name__)

CONCURRENT_BATCHES = 5
"""Batches that Lambda processes at once to begin with; how it scales further is not modelled."""
_JUST_AFTER = 0.001
"""moto shows a message strictly after the millisecond in which its time-out ends."""


class Poller:
    """The poller of one event source mapping."""

    def __init__(self, functions: Functions, function: Any, mapping: Any) -> None:
        """Read ``mapping`` (moto's) anew for each batch, so that updates count at once; ``function`` is moto's."""
        self._functions = functions
        self._clock = functions.clock
        self._function = function
        self._mapping = mapping
        self._queue_name = mapping.event_source_arn.rsplit(":", 1)[1]
        self._lock = threading.Lock()
        self._running = 0
        self._window: Timer | None = None
        self._next_visible: Timer | None = None

    def wake(self) -> None:
        """Look at the queue, in a thread of the clock."""
        self._clock.submit(self._poll, name=f"event source {self._queue_name}")

    def _poll(self, *, window_is_over: bool = False) -> None:
        backend = sqs_backends[self._mapping.account_id][self._mapping.region]
        queue = backend.queues.get(self._queue_name)
        with self._lock:
            if window_is_over:
                self._window = None
            if queue is None or self not in pollers_of(queue):
                return
            while self._mapping.enabled and self._running < self._concurrency():
                if not window_is_over and self._gathers(queue):
                    break
                window_is_over = False
                messages = backend.receive_message(
                    self._queue_name, self._mapping.batch_size, 0, queue.visibility_timeout, ["All"]
                )
                if not messages:
                    break
                self._running += 1
                self._clock.submit(partial(self._process, backend, messages), name=f"batch of {self._queue_name}")
            self._wake_when_visible(queue)

    def _concurrency(self) -> int:
        scaling = self._mapping.scaling_config or {}
        return int(scaling.get("MaximumConcurrency", CONCURRENT_BATCHES))

    def _gathers(self, queue: Any) -> bool:
        """Return whether the batch waits for more messages, until its window is over."""
        window = self._mapping.max_batch_window
        available = len(queue.messages)
        if not window or available == 0 or available >= self._mapping.batch_size:
            return False
        if self._window is None:
            self._window = self._clock.call_later(
                window, partial(self._poll, window_is_over=True), name=f"window of {self._queue_name}"
            )
        return True

    def _wake_when_visible(self, queue: Any) -> None:
        hidden = [max(m.visible_at, m.delayed_until) / 1000 for m in list(queue._messages)]
        later = [time for time in hidden if time + _JUST_AFTER > self._clock.now()]
        if self._next_visible is not None:
            self._next_visible.cancel()
            self._next_visible = None
        if later:
            due = min(later) + _JUST_AFTER
            self._next_visible = self._clock.call_at(due, self._poll, name=f"messages of {self._queue_name}")

    def _process(self, backend: Any, messages: list[Any]) -> None:
        try:
            failed = self._failures(messages)
            for message in messages:
                if message.id not in failed:
                    with contextlib.suppress(ReceiptHandleIsInvalid):  # its queue was purged, or somebody deleted it
                        backend.delete_message(self._queue_name, message.receipt_handle)
        finally:
            with self._lock:
                self._running -= 1
            self._poll()

    def _failures(self, messages: list[Any]) -> set[str]:
        """Invoke the function and return the ids of the messages that stay in the queue."""
        records = [self._record(message) for message in messages]
        wanted = [record for record in records if self._passes_filter(record)]
        if not wanted:
            return set()  # what no filter wants is deleted
        everything = {record["messageId"] for record in wanted}
        try:
            outcome = self._functions.invoke(self._function, json.dumps({"Records": wanted}).encode())
        except AwsError as error:
            log.info("batch of %s returns to the queue: %s", self._queue_name, error)
            return everything
        if outcome.is_error:
            return everything
        if "ReportBatchItemFailures" not in (self._mapping.function_response_types or []):
            return set()
        return _reported(json.loads(outcome.payload), everything)

    def _passes_filter(self, record: dict[str, Any]) -> bool:
        filters = (self._mapping.filter_criteria or {}).get("Filters", [])
        if not filters:
            return True
        try:
            body = json.loads(record["body"])
        except ValueError:
            body = record["body"]
        return any(EventPattern.load(f["Pattern"]).matches_event({**record, "body": body}) for f in filters)

    def _record(self, message: Any) -> dict[str, Any]:
        attributes = {
            "ApproximateReceiveCount": str(message.approximate_receive_count),
            "SentTimestamp": str(message.sent_timestamp),
            "SenderId": message.sender_id,
            "ApproximateFirstReceiveTimestamp": str(message.approximate_first_receive_timestamp),
            "MessageGroupId": message.group_id,
            "MessageDeduplicationId": message.deduplication_id,
            "SequenceNumber": message.sequence_number,
            "AWSTraceHeader": message.system_attributes.get("AWSTraceHeader", {}).get("StringValue"),
        }
        record = {
            "messageId": message.id,
            "receiptHandle": message.receipt_handle,
            "body": message.body,
            "attributes": {name: value for name, value in attributes.items() if value is not None},
            "messageAttributes": {name: _attribute(value) for name, value in message.message_attributes.items()},
            "md5OfBody": message.body_md5,
            "eventSource": "aws:sqs",
            "eventSourceARN": self._mapping.event_source_arn,
            "awsRegion": self._mapping.region,
        }
        if message.message_attributes:
            record["md5OfMessageAttributes"] = message.attribute_md5
        return record


def pollers_of(queue: Any) -> list[Poller]:
    """Return the pollers of a queue of moto's, a list to add to and remove from."""
    pollers: list[Poller] = vars(queue).setdefault("pollers", [])
    return pollers


def _attribute(value: dict[str, Any]) -> dict[str, Any]:
    attribute: dict[str, Any] = {"stringListValues": [], "binaryListValues": [], "dataType": value["DataType"]}
    for wire, name in (("StringValue", "stringValue"), ("BinaryValue", "binaryValue")):
        if wire in value:
            attribute[name] = value[wire] if isinstance(value[wire], str) else value[wire].decode()
    return attribute


def _reported(answer: Any, everything: set[str]) -> set[str]:
    """Return the failed ids that the function reports; all of them when it does not report properly.

    Proper is nothing at all, or ``{"batchItemFailures": [{"itemIdentifier": id}]}`` with known ids.
    """
    if answer is None or answer == {}:
        return set()
    if not isinstance(answer, dict) or not isinstance(failures := answer.get("batchItemFailures", ()), list | None):
        return everything
    identifiers = [failure.get("itemIdentifier") for failure in failures or []]
    return set(identifiers) if everything.issuperset(identifiers) else everything
