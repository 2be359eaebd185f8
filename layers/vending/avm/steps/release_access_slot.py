"""ReleaseAccessSlot: the account's assignments are there; the next account's begin."""

from __future__ import annotations

from avm.steps.gateways import Gateways
from avm.steps.slots import hand_on, vacate
from avm.steps.step import AccountInput, StepOutput


class Input(AccountInput):
    """The request's and the account's id."""


class Output(StepOutput):
    """Nothing: the slot is handed on."""


def run(step: Input, gateways: Gateways) -> Output:
    """Give the slot up and hand it on."""
    vacate(gateways, "access", step.request_id)
    hand_on(gateways, "access", step.time)
    return Output()
