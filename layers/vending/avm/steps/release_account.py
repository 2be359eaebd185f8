"""ReleaseAccount: what was promised is true, so the quarantine is lifted."""

from __future__ import annotations

from collections.abc import Iterator

from avm.aws.organizations import Account
from avm.controls import bootstrap_restricted, vending_roles
from avm.domain.account import RELEASED_TAG
from avm.domain.errors import VerificationFailed
from avm.domain.finding import Finding
from avm.steps.assign_access import missing_assignments
from avm.steps.gateways import Gateways
from avm.steps.slots import next_turn
from avm.steps.step import TurnInput, TurnOutput, due


class Input(TurnInput):
    """The ids, and the turn for the policy write, if it was taken."""


class Output(TurnOutput):
    """When the turn is; without one the account is released."""


def run(step: Input, gateways: Gateways) -> Output:
    """Look at the account once more, tag it ``avm:released-at`` and lift the quarantine; raises VerificationFailed.

    The tag comes first: if the function dies in between, the next run lifts the quarantine, and no run sets it again.
    What was never released is taken to be quarantined, whatever is read: an answer may be older than the quarantine.
    """
    organizations = gateways.organizations
    _verify(step, gateways)
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


def _verify(step: Input, gateways: Gateways) -> None:
    organizations = gateways.organizations
    record = gateways.table.request(step.request_id)
    account = organizations.account(step.account_id)
    if account.state != "ACTIVE":
        message = f"account {step.account_id} is {account.state}, not ACTIVE"
        raise VerificationFailed(message)
    ou = gateways.catalog.account_type(record.request.type).ou
    parent = organizations.parent_id(step.account_id)
    if parent != organizations.ou_id(ou):
        message = f"account {step.account_id} stands under {parent}, not in OU {ou}"
        raise VerificationFailed(message)
    missing = missing_assignments(gateways, record, step.account_id)
    if missing:
        message = f"Identity Center does not show {len(missing)} of the assignments of account {step.account_id}"
        raise VerificationFailed(message)
    for finding in _found_inside(step, gateways, account):
        if finding.status != "compliant":
            message = f"{finding.control} of account {step.account_id} is {finding.status}: {dict(finding.evidence)}"
            raise VerificationFailed(message)


def _found_inside(step: Input, gateways: Gateways, account: Account) -> Iterator[Finding]:
    trusted = gateways.trusted(account)
    roles = gateways.roles(account.id, vending_roles.OBSERVE, step.request_id)
    yield vending_roles.observe(roles, vending_roles.vending_roles(gateways.partition, account.id, trusted))
    yield bootstrap_restricted.observe(roles, trusted)
