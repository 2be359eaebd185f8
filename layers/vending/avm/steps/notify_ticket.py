"""NotifyTicket: what has become of a request is told to the ticketing system that it came from.

A rule of the bus puts the events of such requests into a queue of their own. What a ticketing system does not take is
tried again by the queue, and put aside with the reason at last.
"""

from __future__ import annotations

import json

from avm.contracts.ticket_answer import Transition, answer_to
from avm.domain.errors import TicketNotTold
from avm.domain.signature import signed
from avm.steps.gateways import Gateways
from avm.steps.messages import Input, give_up
from avm.steps.step import StepOutput

__all__ = ["Input", "Output", "give_up", "run"]


class Output(StepOutput):
    """What was told, and of which request."""

    event: str
    request_id: str


def run(step: Input, gateways: Gateways) -> Output:
    """Sign and post what an event tells.

    Raises ServiceUnavailable and TicketNotTold: then the message comes again.
    """
    transition = Transition.model_validate_json(step.body)
    name = transition.detail.webhook
    source = gateways.catalog.webhooks.get(name)
    if source is None:
        raise TicketNotTold(f"the catalog has no webhooks/{name}.yaml any more")
    secrets = gateways.webhook_secrets.valid(name)
    if not secrets:
        raise TicketNotTold(f"source '{name}' has no secret in Secrets Manager")
    body = json.dumps(answer_to(transition, gateways.api_url)).encode()
    # each try has a signature of its own time: the receiver takes none that is minutes old
    headers = {"Content-Type": "application/json", **signed(body, secrets[0], gateways.real_time())}
    gateways.ticket_systems.post(source.answers, body, headers)
    return Output(event=transition.detail_type, request_id=transition.detail.request_id)
