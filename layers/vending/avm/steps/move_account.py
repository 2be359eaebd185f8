"""MoveAccount: once, straight from the root, or from where an adopted account stood, to the OU of its type."""

from __future__ import annotations

from avm.domain.errors import UnexpectedParent
from avm.steps.gateways import Gateways
from avm.steps.slots import next_turn
from avm.steps.step import TurnInput, TurnOutput, due


class Input(TurnInput):
    """The ids, and the turn for the move, if it was taken."""


class Output(TurnOutput):
    """When the turn is; without one the account stands in its OU."""


def run(step: Input, gateways: Gateways) -> Output:
    """Move the account to its OU, if it stands where it is known to: else raises UnexpectedParent.

    A move changes every inherited policy: an account is moved once, never by way of another OU (aws-semantics 1.4).
    """
    organizations = gateways.organizations
    record = gateways.table.request(step.request_id)
    ou = gateways.catalog.account_type(record.request.type).ou
    destination = organizations.ou_id(ou)
    parent = organizations.parent_id(step.account_id)
    if parent == destination:
        return Output()
    start = record.adopted_from or organizations.root_id()
    if parent != start:
        message = f"account {step.account_id} stands under {parent}, neither {start} nor OU {ou} ({destination})"
        raise UnexpectedParent(message)
    turn = due(step, lambda: next_turn(gateways, "move-account", step.time))
    if turn is None:
        organizations.move_account(step.account_id, parent, destination)
    return Output(start_at=turn)
