"""What SQS notes of who sends a message, and asks of its texts: moto knows one sender for all, and takes any text."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from moto.sqs.models import sqs_backends

from avm_emulator.errors import AwsError

if TYPE_CHECKING:
    from werkzeug import Response

    from avm_emulator.boundary import Call

_SENDING = frozenset({"SendMessage", "SendMessageBatch"})
_NOT_ALLOWED = re.compile("[^\x09\x0a\x0d\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_sender: ContextVar[str | None] = ContextVar("sender", default=None)


def sender() -> str | None:
    """Return the SenderId of the message that the call in this thread sends; None when a service of AWS sends it."""
    return _sender.get()


def note_sender(call: Call, proceed: Callable[[], Response]) -> Response:
    """Let messages say who has sent them (a wrapper)."""
    if call.service != "sqs" or call.operation not in _SENDING or call.is_internal:
        return proceed()
    token = _sender.set(call.principal.unique_id)
    try:
        return proceed()
    finally:
        _sender.reset(token)


def refuse_texts(call: Call) -> None:
    """Raise AwsError for characters that no message may hold, an empty attribute, or too much in all (an interceptor).

    The entries of a batch are not looked at.
    """
    if (call.service, call.operation) != ("sqs", "SendMessage"):
        return
    attributes = call.parameters.get("MessageAttributes", {})
    size = len(call.parameters["MessageBody"].encode())
    for name, attribute in attributes.items():
        value = attribute.get("StringValue", attribute.get("BinaryValue", ""))
        if not value:
            message = f"The message attribute '{name}' must contain non-empty message attribute value."
            raise AwsError("InvalidParameterValue", message)
        size += sum(
            len(part if isinstance(part, bytes) else part.encode()) for part in (name, attribute["DataType"], value)
        )
    texts = [call.parameters["MessageBody"], *(each.get("StringValue", "") for each in attributes.values())]
    if any(_NOT_ALLOWED.search(text) for text in texts):
        raise AwsError("InvalidMessageContents", "Invalid characters were found in the message body or an attribute.")
    queue = _queue(call.parameters["QueueUrl"], call.region)
    if queue is not None and size > queue.maximum_message_size:
        message = f"Reason: Message must be shorter than {queue.maximum_message_size} bytes."
        raise AwsError("InvalidParameterValue", f"One or more parameters are invalid. {message}")


def _queue(url: str, region: str) -> Any:
    account, _, name = url.rpartition("/")
    return sqs_backends[account.rpartition("/")[2]][region].queues.get(name)
