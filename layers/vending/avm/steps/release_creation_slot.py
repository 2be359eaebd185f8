"""ReleaseCreationSlot: the account is made; the next of the queue begins."""

from __future__ import annotations

from avm.steps.gateways import Gateways
from avm.steps.slots import hand_on, vacate
from avm.steps.step import StepInput, StepOutput


class Input(StepInput):
    """The request's id."""


class Output(StepOutput):
    """Nothing: the slot is handed on."""


def run(step: Input, gateways: Gateways) -> Output:
    """Give the slot up and hand it on."""
    vacate(gateways, "creation", step.request_id)
    hand_on(gateways, "creation", step.time)
    return Output()
