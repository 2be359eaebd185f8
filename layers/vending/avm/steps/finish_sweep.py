"""FinishSweep: what the batches have found becomes the report; then the foundation is looked at."""

from __future__ import annotations

from collections import Counter

from pydantic import BaseModel, ConfigDict

from avm.contracts.sweep import SweepReport
from avm.steps.gateways import Gateways
from avm.steps.notice_drift import start_foundation_look
from avm.steps.step import StepOutput


class Input(BaseModel):
    """Which sweep."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    observation_id: str
    time: str


class Output(StepOutput):
    """How many accounts were looked at, and how many controls were untrue."""

    accounts: int
    drifted: int


def run(step: Input, gateways: Gateways) -> Output:
    """Add up, and keep the report; raises ReportNotFound where a batch has kept nothing."""
    plan = gateways.reports.sweep_plan(step.observation_id)
    results = [gateways.reports.sweep_batch(step.observation_id, batch) for batch in range(len(plan.batches))]
    compliance: Counter[str] = Counter()
    for result in results:
        compliance.update(result.compliance)
    report = SweepReport(
        observation_id=step.observation_id,
        time=step.time,
        accounts=sum(result.accounts for result in results),
        compliance=dict(sorted(compliance.items())),
        drifted=tuple(each.model_dump() for result in results for each in result.drifted),
        unseen={account_id: why for result in results for account_id, why in result.unseen.items()},
        unarchived={account_id: why for result in results for account_id, why in result.unarchived.items()},
        left_out=plan.left_out,
        unmanaged=plan.unmanaged,
    )
    gateways.reports.put_sweep(report)
    start_foundation_look(step.time, gateways)
    return Output(accounts=report.accounts, drifted=len(report.drifted))
