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
    """
    organizations = gateways.organizations
    name = gateways.catalog.quarantine.aws_name
    attached = organizations.attached_scps(step.account_id)
    turn = due(step, lambda: next_turn(gateways, "policy-writes", step.time)) if name in attached else None
    if turn is not None:
        return Output(start_at=turn)
    if RELEASED_TAG not in organizations.tags(step.account_id):
        organizations.tag(step.account_id, {RELEASED_TAG: step.time})
    if name in attached:
        organizations.detach_policy(attached[name], step.account_id)
        if name in organizations.attached_scps(step.account_id):
            message = f"SCP {name} was detached from {step.account_id} and is still there"
            raise VerificationFailed(message)
    return Output()
