"""What of moto's SQS is replaced so that pollers learn of messages and no message is lost between threads."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from moto.awslambda.models import LambdaBackend
from moto.sqs.models import Queue, SQSBackend, sqs_backends

from avm_emulator.duplicates import copies
from avm_emulator.errors import AwsError
from avm_emulator.functions.sqs_sending import sender
from avm_emulator.functions.sqs_source import Poller, pollers_of

if TYPE_CHECKING:
    from avm_emulator.functions.service import Functions

_add_message: Callable[..., None] = Queue.add_message
_delete_message: Callable[..., None] = Queue.delete_message
_receive_message: Callable[..., list[Any]] = SQSBackend.receive_message
_change_visibility: Callable[..., None] = SQSBackend.change_message_visibility
_create_mapping: Callable[..., Any] = LambdaBackend.create_event_source_mapping
_update_mapping: Callable[..., Any] = LambdaBackend.update_event_source_mapping
_delete_mapping: Callable[..., Any] = LambdaBackend.delete_event_source_mapping


def install(functions: Functions) -> None:
    """Put moto's event source mappings of queues on pollers; the last call wins."""
    clock = functions.clock

    def receive_message(self: Any, queue_name: str, count: int, wait_seconds_timeout: int, *details: Any) -> list[Any]:
        # moto lets two threads receive the same message, and spins while the message groups of a FIFO queue are busy.
        end = clock.now() + wait_seconds_timeout
        while True:
            queue = self.get_queue(queue_name)
            with queue._messages_lock:
                messages = _receive_message(self, queue_name, count, 0, *details)
                if not queue.fifo_queue and details[:1] == (0,):
                    _go_round(queue, messages)
                only_blocked = bool(queue.messages)
            remaining = end - clock.now()
            if messages or remaining <= 0:
                return messages
            if only_blocked:
                clock.sleep(min(1.0, remaining))
            else:
                queue.wait_for_messages(min(1.0, remaining))  # a second: hidden messages become visible unannounced

    def create_event_source_mapping(self: Any, spec: dict[str, Any]) -> Any:
        # moto polls inside SendMessage, one message at a time, with made-up attributes.
        function = self.get_function(spec.get("FunctionName", ""))
        queue = _queue(self, spec.get("EventSourceArn", ""))
        if queue is not None and queue.visibility_timeout < int(function.timeout):
            message = (
                f"Queue visibility timeout: {queue.visibility_timeout} seconds is less than Function timeout: "
                f"{function.timeout} seconds"
            )
            raise AwsError("InvalidParameterValueException", message, Type="User")
        mapping = _create_mapping(self, spec)
        if queue is not None:
            queue.lambda_event_source_mappings.clear()
            mapping.region = self.region_name
            mapping.poller = Poller(functions, function, mapping)
            pollers_of(queue).append(mapping.poller)
            mapping.poller.wake()
        return mapping

    Queue.add_message = _add
    Queue.delete_message = _delete
    SQSBackend.receive_message = receive_message
    SQSBackend.change_message_visibility = _change_message_visibility
    LambdaBackend.create_event_source_mapping = create_event_source_mapping
    LambdaBackend.update_event_source_mapping = _update_event_source_mapping
    LambdaBackend.delete_event_source_mapping = _delete_event_source_mapping


def _go_round(queue: Any, messages: list[Any]) -> None:
    # Whoever hides nothing gets any messages next time, on AWS; moto shows the same first ones for ever.
    seen = {message.id for message in messages}
    queue._messages = sorted(queue._messages, key=lambda message: message.id in seen)


def _add(self: Any, message: Any) -> None:
    if message.approximate_receive_count == 0:  # one that goes to its dead-letter queue was sent by somebody else
        message.sender_id = sender() or message.sender_id
    with self._messages_lock:
        _add_message(self, message)
        # A FIFO queue delivers exactly once.
        for _ in range(0 if self.fifo_queue else copies() - 1):
            _add_message(self, copy.deepcopy(message))
    _wake(self)


def _delete(self: Any, receipt_handle: str) -> None:
    # moto builds a new list of messages without a lock: one that arrives meanwhile is lost.
    with self._messages_lock:
        _delete_message(self, receipt_handle)
    if self.fifo_queue:  # the next message of its group becomes available
        _wake(self)


def _change_message_visibility(self: Any, queue_name: str, receipt_handle: str, visibility_timeout: int) -> None:
    queue = self.get_queue(queue_name)
    with queue._messages_lock:
        _change_visibility(self, queue_name, receipt_handle, visibility_timeout)
    _wake(queue)


def _update_event_source_mapping(self: Any, uuid: str, spec: dict[str, Any]) -> Any:
    mapping = _update_mapping(self, uuid, spec)
    if hasattr(mapping, "poller"):
        mapping.poller.wake()
    return mapping


def _delete_event_source_mapping(self: Any, uuid: str) -> Any:
    # moto goes on delivering to the function of a mapping that has been deleted.
    mapping = _delete_mapping(self, uuid)
    if hasattr(mapping, "poller"):
        queue = _queue(self, mapping.event_source_arn)
        if queue is not None:
            pollers_of(queue).remove(mapping.poller)
    return mapping


def _queue(backend: Any, arn: str) -> Any:
    queues = sqs_backends[backend.account_id][backend.region_name].queues
    return next((queue for queue in queues.values() if queue.queue_arn == arn), None)


def _wake(queue: Any) -> None:
    for poller in list(pollers_of(queue)):
        poller.wake()
