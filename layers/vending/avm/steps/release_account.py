"""ReleaseAccount: what was promised has been verified, so the quarantine is lifted."""

from __future__ import annotations

from avm.domain.account import RELEASED_TAG
from avm.domain.errors import VerificationFailed
from avm.steps.gateways import Gateways
from avm.steps.slots import next_turn
from avm.steps.step import TurnInput, TurnOutput, due


class Input(TurnInput):
    """The ids, and the turn for the policy write, if it was taken."""


class Output(TurnOutput):
    """When the turn is; without one the account is released."""


def run(step: Input, gateways: Gateways) -> Output:
    """Tag the account ``avm:released-at`` and lift the quarantine; raises VerificationFailed where it stays.

    The tag comes first: if the function dies in between, the next run lifts the quarantine, and no run sets it again.
    What was never released is taken to be quarantined, whatever is read: an answer may be older than the quarantine.
    """
    organizations = gateways.organizations
    name = gateways.catalog.quarantine.aws_name
    released = RELEASED_TAG in organizations.tags(step.account_id)
    held = not released or name in organizations.attached_scps(step.account_id)
    turn = due(step, lambda: next_turn(gateways, "policy-writes", step.time)) if held else None
    if turn is not None:
        return Output(start_at=turn)
    if not released:
        organizations.tag(step.account_id, {RELEASED_TAG: step.time})
    if held:
        organizations.detach_policy(organizations.scp_id(name), step.account_id)
        if name in organizations.attached_scps(step.account_id):
            message = f"SCP {name} was detached from {step.account_id} and is still there"
            raise VerificationFailed(message)
    return Output()
