"""RequestRepairApproval: nothing is mended before somebody agrees; the state waits on a task token."""

from __future__ import annotations

from avm.domain.proposal import STANDS, Proposal
from avm.domain.time import from_iso, iso
from avm.steps.gateways import Gateways
from avm.steps.step import AccountInput, StepOutput


class Input(AccountInput):
    """The account, the control, the run, and the task token."""

    observation_id: str
    control: str
    token: str


class Output(StepOutput):
    """Nothing: the decision comes by the task token."""


def run(step: Input, gateways: Gateways) -> Output:
    """Put the proposal where people find it; DriftDetected has told of it."""
    drift = gateways.drift.drift(step.account_id, step.observation_id)
    proposal = Proposal(
        observation_id=step.observation_id,
        request_id=step.request_id,
        account_id=step.account_id,
        control=step.control,
        found=drift.before if drift else {},
        cause=drift.cause if drift else None,
        proposed_at=step.time,
        until=iso(from_iso(step.time) + STANDS),
    )
    gateways.proposals.put(proposal, step.token)
    return Output()
