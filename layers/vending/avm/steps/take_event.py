"""TakeEvent: an event ``AccountRequested`` of the application's bus becomes a request, as a posted one does.

The rule of the bus puts events into a queue of their own, into which nobody else sends: what an event says of where it
comes from is EventBridge's word.
"""

from __future__ import annotations

from avm.contracts.account_requested import account_requested
from avm.contracts.json_document import json_document
from avm.contracts.queue_message import Origin, QueueMessage
from avm.domain.account_request import Requester
from avm.steps.gateways import Gateways
from avm.steps.messages import Asked, Input, Output, give_up, take

__all__ = ["Input", "Output", "give_up", "run"]

DOOR = "events"


def run(step: Input, gateways: Gateways) -> Output:
    """Accept the event as a request, or put it aside with the reason.

    Raises Transient and NeedsOperator: then the event is not done with.
    """

    def asked(message: QueueMessage, _: Origin) -> Asked:
        event = account_requested(json_document(message.body))
        # All that an event proves is the account whose principal has put it (EventBridge, "Event structure")
        principal = f"arn:{gateways.partition}:iam::{event.account}:root"
        return Asked(event.detail, Requester(door=DOOR, principal=principal), event.id, event.id)

    return take(step, gateways, DOOR, asked)
