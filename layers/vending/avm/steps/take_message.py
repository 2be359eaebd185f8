"""TakeMessage: a message of the request queue becomes a request, as a posted one does."""

from __future__ import annotations

from avm.contracts.json_document import json_document
from avm.contracts.queue_message import Origin, QueueMessage
from avm.domain.account_request import Requester
from avm.steps.gateways import Gateways
from avm.steps.messages import Asked, Input, Output, give_up, take

__all__ = ["Input", "Output", "give_up", "run"]

DOOR = "queue"


def run(step: Input, gateways: Gateways) -> Output:
    """Accept the message as a request, or put it aside with the reason.

    Raises Transient and NeedsOperator: then the message is not done with.
    """
    return take(step, gateways, DOOR, _asked)


def _asked(message: QueueMessage, origin: Origin) -> Asked:
    return Asked(json_document(message.body), Requester(door=DOOR, principal=origin.sender), origin.message_id)
