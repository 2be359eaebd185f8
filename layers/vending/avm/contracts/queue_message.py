"""Messages of the queues: where one comes from, and what a dead letter carries.

A dead letter that a function of ours has put aside is a new message to SQS, and so is one that is sent back. The
attributes keep what it was first: without them, a request without an id of its own would become another request.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

MESSAGE_ID = "message_id"
SENDER = "sender"
SENT_AT = "sent_at"
CODE = "code"
REASON = "reason"
REQUEST_ID = "request_id"

MAX_REASON_BYTES = 1024
MAX_SHOWN_CHARACTERS = 4096
"""How much of a body is shown: 500 of them stay below Lambda's 6 MB for an answer (Lambda quotas)."""

_NOT_ALLOWED = re.compile("[^\x09\x0a\x0d\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What a message's text must not hold (SQS API reference, SendMessage)."""


@dataclass(frozen=True)
class QueueMessage:
    """A message as a queue gives it.

    ``sender``: SenderId, the sender's unique id (``AROA…:session``); ``sent_at``: SentTimestamp, ISO 8601;
    ``attributes``: message attributes that are texts.
    """

    message_id: str
    body: str
    sender: str
    sent_at: str
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Origin:
    """The message that somebody outside has sent: its id, and who that was."""

    message_id: str
    sender: str


def origin_of(message: QueueMessage, own_roles: Collection[str]) -> Origin:
    """Return where a message comes from first.

    Attributes count only where one of our own functions has sent it (``own_roles``: ids of their roles): anybody who
    may send can set attributes, and could pass for somebody else.
    """
    role = message.sender.partition(":")[0]
    if role in own_roles and {MESSAGE_ID, SENDER} <= set(message.attributes):
        return Origin(message.attributes[MESSAGE_ID], message.attributes[SENDER])
    return Origin(message.message_id, message.sender)


@dataclass(frozen=True)
class DeadLetter:
    """A message in a dead-letter queue; ``queue``: name of the queue that it was taken from."""

    queue: str
    message: QueueMessage

    @property
    def sent_at(self) -> str:
        """Return when the message was sent that was put aside; SQS itself moves a message with its time."""
        return self.message.attributes.get(SENT_AT, self.message.sent_at)

    def view(self) -> dict[str, Any]:
        """Return the dead letter of the API.

        Without code and reason it is one that SQS itself has moved, having delivered it in vain.
        """
        attributes = self.message.attributes
        return {
            "id": self.message.message_id,
            "queue": self.queue,
            "time": self.sent_at,
            "code": attributes.get(CODE),
            "reason": attributes.get(REASON),
            "request_id": attributes.get(REQUEST_ID),
            "body": self.message.body[:MAX_SHOWN_CHARACTERS],
        }


def fitting(text: str, most: int = MAX_REASON_BYTES) -> str:
    """Return a text as SQS takes it for an attribute: allowed characters only, not empty, cut to 1 KiB of UTF-8.

    ``most``: bytes of UTF-8 to which it is cut instead.
    """
    allowed = _NOT_ALLOWED.sub("?", text) or "?"
    if len(allowed.encode()) <= most:
        return allowed
    return allowed.encode()[: most - 3].decode(errors="ignore") + "…"
