"""AcquireCreationSlot: one of the few creations that AWS takes at once, and the time at which to begin it.

The state waits on its task token; what answers it holds ``start_at``. A request that has its account needs no slot.
"""

from __future__ import annotations

from avm.steps.gateways import Gateways
from avm.steps.slots import park_until_granted
from avm.steps.step import StepInput, StepOutput


class Input(StepInput):
    """The request's id, the task token, and the turn that was used up in vain, if one was."""

    token: str
    used_turn: str | None = None


class Output(StepOutput):
    """Nothing: the answer comes by the task token."""


def run(step: Input, gateways: Gateways) -> Output:
    """Wake the execution as soon as the request has its slot: now, or when one is handed on."""
    record = gateways.table.request(step.request_id)
    if record.account_id is not None:
        gateways.workflows.answer(step.token, {"start_at": step.time})
        return Output()
    park_until_granted(gateways, "creation", record, token=step.token, now=step.time, used_turn=step.used_turn)
    return Output()
