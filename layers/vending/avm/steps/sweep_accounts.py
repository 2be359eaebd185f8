"""SweepAccounts: every control of a batch of accounts is looked at; what is untrue is handed to its repair.

What is the same for all accounts is read once a batch. An account that cannot be looked at keeps none of the others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from avm.contracts.sweep import BatchResult, Drifted, SweptAccount
from avm.controls.registry import kept_by_foundation
from avm.domain.errors import VendingError
from avm.domain.finding import Finding
from avm.domain.foundation import Foundation
from avm.steps.gateways import Gateways
from avm.steps.notice_drift import start_look
from avm.steps.reach import View
from avm.steps.report_keeping import archive
from avm.steps.step import StepOutput
from avm.steps.verify_account import Input as Verification
from avm.steps.verify_account import Verified, verify

EMPTY = BatchResult(accounts=0, compliance={}, drifted=(), unseen={})


class Input(BaseModel):
    """Which sweep, which batch of its plan, and which accounts of that are left."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    observation_id: str
    time: str
    batch: int
    left: tuple[str, ...] = ()
    """Accounts of the batch that AWS would not show for the moment; at the first look all are."""
    looks: int = 0
    """How often the batch was looked at before."""


class Output(StepOutput):
    """The accounts that have to be looked at again."""

    left: tuple[str, ...]


def run(step: Input, gateways: Gateways) -> Output:
    """Look, keep what was found, and start what repairs it; raises what keeps all accounts from being looked at."""
    plan = gateways.reports.sweep_plan(step.observation_id)
    chosen = [each for each in plan.batches[step.batch] if not step.looks or each.account_id in step.left]
    before = gateways.reports.sweep_batch(step.observation_id, step.batch) if step.looks else EMPTY
    view: View = {}
    compliance = Counter(before.compliance)
    drifted, unseen, left = list(before.drifted), dict(before.unseen), []
    unarchived = dict(before.unarchived)
    for account in chosen:
        try:
            verified = _look(account, plan.foundation, step, gateways, view)
        except VendingError as error:
            unseen[account.account_id] = f"{error.code}: {error}"
            continue
        if verified.report is None:
            left.append(account.account_id)
            continue
        compliance.update(finding.status for finding in verified.findings)
        drifted += _hand_on(account, verified.findings, step, gateways)
        try:  # last: a log archive that takes nothing is mended by what was just handed on
            archive(verified.report, plan.foundation, gateways)
        except VendingError as error:
            unarchived[account.account_id] = f"{error.code}: {error}"
    result = BatchResult(
        accounts=before.accounts + sum(each.account_id not in {*unseen, *left} for each in chosen),
        compliance=dict(sorted(compliance.items())),
        drifted=tuple(drifted),
        unseen=unseen,
        unarchived=unarchived,
    )
    gateways.reports.put_sweep_batch(step.observation_id, step.batch, result)
    return Output(left=tuple(left))


def _look(account: SweptAccount, foundation: Foundation, step: Input, gateways: Gateways, view: View) -> Verified:
    """Return what was found; without a report where AWS has not shown all of the account."""
    looked = Verification(
        request_id=account.request_id,
        attempt=account.attempt,
        account_id=account.account_id,
        time=step.time,
        observation_id=step.observation_id,
        foundation=foundation,
        looks=step.looks,
    )
    return verify(looked, gateways, view)


def _hand_on(account: SweptAccount, findings: Sequence[Finding], step: Input, gateways: Gateways) -> list[Drifted]:
    """Start what looks at each untrue control again, and repairs it; return them.

    Also at what is true, and Security Hub still shows.
    """
    untrue = {finding.control: finding.status for finding in findings if finding.status in {"violated", "unknown"}}
    record = gateways.table.account(account.account_id)
    shown = gateways.drift.open_findings(account.account_id)
    for control in sorted({*untrue, *shown}):
        if record is not None and (control in shown or control not in kept_by_foundation()):
            start_look(record, control, step.time, gateways)
    return [
        Drifted(account_id=account.account_id, control=control, status=status)
        for control, status in sorted(untrue.items())
    ]
