"""AcquireAccessSlot: Identity Center assigns access in a few accounts at once only (aws-semantics 2).

The state waits on its task token. Within the account the assignments follow each other: see ``assign_access``.
"""

from __future__ import annotations

from avm.steps.gateways import Gateways
from avm.steps.slots import park_until_granted
from avm.steps.step import AccountInput, StepOutput


class Input(AccountInput):
    """The ids and the task token."""

    token: str


class Output(StepOutput):
    """Nothing: the answer comes by the task token."""


def run(step: Input, gateways: Gateways) -> Output:
    """Wake the execution as soon as the request has its slot: now, or when one is handed on."""
    record = gateways.table.request(step.request_id)
    park_until_granted(gateways, "access", record, token=step.token, now=step.time)
    return Output()
