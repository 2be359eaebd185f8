"""TakeMessage: a message of the request queue becomes a request, as a posted one does.

What can never become one (any ``Rejected``) is put aside with its reason, so that it blocks nobody; everything else
that goes wrong goes through, and the message is delivered again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field

from avm.contracts import queue_message as wire
from avm.contracts.json_document import json_document
from avm.contracts.queue_message import Origin, QueueMessage, fitting, origin_of
from avm.domain.account_request import REQUEST_ID_PATTERN, Requester
from avm.domain.errors import Rejected, problem_details
from avm.domain.time import from_epoch_ms
from avm.steps.accept_request import accept_request
from avm.steps.gateways import Gateways


class SystemAttributes(BaseModel):
    """What SQS says of a message."""

    sender: str = Field(alias="SenderId")
    sent_epoch_ms: int = Field(alias="SentTimestamp")


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


def run(step: Input, gateways: Gateways) -> Output:
    """Accept the message as a request, or put it aside with the reason.

    Raises Transient and NeedsOperator: then the message is not done with.
    """
    message = step.message()
    origin = origin_of(message, gateways.own_roles)
    body: object = None
    try:
        body = json_document(message.body)
        accepted = accept_request(
            body,
            idempotency_key=None,
            requester=Requester(door="queue", principal=origin.sender),
            now=message.sent_at,
            # a message that is delivered again, or sent back, keeps its id and so stays the same request
            new_id=lambda: origin.message_id,
            gateways=gateways,
        )
    except Rejected as error:
        request_id = _request_id(body, origin)
        _put_aside(step, request_id, error, gateways)
        return Output(request_id=request_id, code=error.code)
    return Output(request_id=accepted.record.request_id)


def _put_aside(step: Input, request_id: str | None, error: Rejected, gateways: Gateways) -> None:
    message = step.message()
    origin = origin_of(message, gateways.own_roles)
    reason = fitting(str(error))
    # The event first: a function that is killed in between tells it twice rather than never.
    gateways.events.publish(
        "AccountRequestRejected",
        request_id=request_id,
        details={"door": "queue", "message_id": origin.message_id, "error": problem_details(error.code, reason)},
    )
    attributes = {
        wire.CODE: error.code,
        wire.REASON: reason,
        wire.MESSAGE_ID: origin.message_id,
        wire.SENDER: origin.sender,
        wire.SENT_AT: message.sent_at,
    }
    if request_id is not None:
        attributes[wire.REQUEST_ID] = request_id
    gateways.dead_letters.put(step.source_arn.rpartition(":")[2], message.body, attributes)


def _request_id(body: object, origin: Origin) -> str | None:
    """Return the id that a body would have as a request; None where it has none, or one that cannot be."""
    if not isinstance(body, Mapping):
        return None
    given = body.get("request_id", origin.message_id)
    return given if isinstance(given, str) and re.match(REQUEST_ID_PATTERN, given) else None
