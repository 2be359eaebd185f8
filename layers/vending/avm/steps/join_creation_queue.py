"""JoinCreationQueue: the request stands in line for an account, by its arrival.

The workflow waits a moment after it, so that requests that arrive together are all in line before the first is served.
"""

from __future__ import annotations

from avm.steps.gateways import Gateways
from avm.steps.slots import enqueue
from avm.steps.step import StepInput, StepOutput


class Input(StepInput):
    """The request's id."""


class Output(StepOutput):
    """Nothing: the request is in the queue."""


def run(step: Input, gateways: Gateways) -> Output:
    """Put the request into the queue, unless its account is there already."""
    record = gateways.table.request(step.request_id)
    if record.account_id is None:
        enqueue(gateways, "creation", record)
    return Output()
