"""What the doors share whose requests come as messages: accept one, or put it aside with its reason.

What can never become a request (any ``Rejected``) is put aside at once, so that it blocks nobody; everything else that
goes wrong goes through, and the message is delivered again until it has been tried ``MAX_RECEIVES`` times.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from avm.contracts import queue_message as wire
from avm.contracts.queue_message import Origin, QueueMessage, fitting, origin_of
from avm.domain.account_request import REQUEST_ID_PATTERN, Requester
from avm.domain.errors import Rejected, UnexpectedError, VendingError, problem_details
from avm.domain.time import from_epoch_ms
from avm.steps.accept_request import accept_request
from avm.steps.gateways import Gateways

MAX_RECEIVES = 5
"""How often a message is tried; the ``maxReceiveCount`` of the queues, after which SQS itself moves it."""


class SystemAttributes(BaseModel):
    """What SQS says of a message."""

    sender: str = Field(alias="SenderId")
    sent_epoch_ms: int = Field(alias="SentTimestamp")
    receives: int = Field(alias="ApproximateReceiveCount")


class MessageAttribute(BaseModel):
    """An attribute that the sender has set; None where it is no text."""

    value: str | None = Field(None, alias="stringValue")


class Input(BaseModel):
    """A record of an SQS event (Lambda developer guide, "Using Lambda with Amazon SQS")."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    message_id: str = Field(alias="messageId")
    body: str
    system: SystemAttributes = Field(alias="attributes")
    attributes: Mapping[str, MessageAttribute] = Field(alias="messageAttributes", default_factory=dict)
    source_arn: str = Field(alias="eventSourceARN")

    def message(self) -> QueueMessage:
        """Return the message."""
        return QueueMessage(
            message_id=self.message_id,
            body=self.body,
            sender=self.system.sender,
            sent_at=from_epoch_ms(self.system.sent_epoch_ms),
            attributes={name: each.value for name, each in self.attributes.items() if each.value is not None},
        )


class Output(BaseModel):
    """What has become of a message: the request it is, or the code of what is wrong with it."""

    request_id: str | None
    code: str | None = None


@dataclass(frozen=True)
class Asked:
    """What a message asks for."""

    body: object
    requester: Requester
    own_id: str
    """The request's id where the body has none."""
    event_id: str | None = None
    """The sender's event, where it came by one."""


def take(step: Input, gateways: Gateways, door: str, read: Callable[[QueueMessage, Origin], Asked]) -> Output:
    """Accept a message as a request, or put it aside with the reason.

    ``read``: what the message asks for; raises Rejected where that cannot be told.
    Raises Transient and NeedsOperator: then the message is not done with.
    """
    message = step.message()
    origin = origin_of(message, gateways.own_roles)
    asked: Asked | None = None
    try:
        asked = read(message, origin)
        accepted = accept_request(
            asked.body,
            idempotency_key=None,
            requester=asked.requester,
            now=message.sent_at,
            # a message that is delivered again, or sent back, keeps its id and so stays the same request
            new_id=lambda: asked.own_id,
            gateways=gateways,
            event_id=asked.event_id,
        )
    except Rejected as error:
        _tell(error, asked, origin, door, gateways)
        put_aside(step, _request_id(asked), error, gateways)
        return Output(request_id=_request_id(asked), code=error.code)
    return Output(request_id=accepted.record.request_id)


def give_up(step: Input, error: Exception, gateways: Gateways) -> bool:
    """Put a message aside with the reason where this was its last try; False where it comes back.

    SQS would move it without a reason. Nobody is told of a rejection: nothing is wrong with the request, and sent back
    it becomes an account.
    """
    if step.system.receives < MAX_RECEIVES:
        return False
    cause = error if isinstance(error, VendingError) else UnexpectedError(f"{type(error).__name__}: {error}")
    put_aside(step, None, cause, gateways)
    return True


def _tell(error: Rejected, asked: Asked | None, origin: Origin, door: str, gateways: Gateways) -> None:
    """Tell the refusal before it is put aside: a function that is killed in between tells it twice, not never."""
    details: dict[str, Any] = {"door": door, "message_id": origin.message_id}
    if asked is not None and asked.event_id is not None:
        details["event_id"] = asked.event_id
    details["error"] = problem_details(error.code, fitting(str(error)))
    gateways.events.publish("AccountRequestRejected", request_id=_request_id(asked), details=details)


def put_aside(step: Input, request_id: str | None, error: VendingError, gateways: Gateways) -> None:
    """Put a message aside with the reason."""
    message = step.message()
    origin = origin_of(message, gateways.own_roles)
    attributes = {
        wire.CODE: error.code,
        wire.REASON: fitting(str(error)),
        wire.MESSAGE_ID: origin.message_id,
        wire.SENDER: origin.sender,
        wire.SENT_AT: message.sent_at,
    }
    if request_id is not None:
        attributes[wire.REQUEST_ID] = request_id
    gateways.dead_letters.put(step.source_arn.rpartition(":")[2], message.body, attributes)


def _request_id(asked: Asked | None) -> str | None:
    """Return the id that a body would have as a request; None where it has none, or one that cannot be."""
    if asked is None or not isinstance(asked.body, Mapping):
        return None
    given = asked.body.get("request_id", asked.own_id)
    return given if isinstance(given, str) and re.match(REQUEST_ID_PATTERN, given) else None
