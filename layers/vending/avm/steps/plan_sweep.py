"""PlanSweep: which accounts a sweep looks at. Those that AWS does not show as ACTIVE, or that a vend works on, are out.

Managed accounts that have left the organization, or come back, are told and kept as such: the event may be lost. The
plan is kept in the report bucket: the workflow reads it from there, and carries no accounts itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel, ConfigDict

from avm.aws.organizations import Account
from avm.contracts.sweep import SweepPlan, SweptAccount
from avm.domain.account import AccountRecord
from avm.steps.gateways import Gateways
from avm.steps.membership import depart, has_departed, rejoin
from avm.steps.notice_drift import UNDER_CARE
from avm.steps.step import StepOutput
from avm.steps.targets import find_foundation

BATCH = 10
"""Accounts that one function looks at: each takes some seconds, a function may run for five minutes."""
PAGE = 100


class Input(BaseModel):
    """What the sweep is known as, and when it began."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    observation_id: str
    time: str


class Output(StepOutput):
    """Where the plan is."""

    bucket: str
    key: str
    batches: int


def run(step: Input, gateways: Gateways) -> Output:
    """Read which accounts there are, from AWS and from the table, and keep the plan."""
    records = list(_known(gateways))
    present = {account.id: account for account in gateways.organizations.accounts()}
    known = {
        account.account_id: _kept(account, present.get(account.account_id), step.time, gateways) for account in records
    }
    left_out = {
        account_id: reason
        for account_id, account in known.items()
        if (reason := _left_out(account, present.get(account_id)))
    }
    chosen = [
        SweptAccount(
            account_id=account_id,
            request_id=account.request_id,
            attempt=gateways.table.request(account.request_id).attempt,
        )
        for account_id, account in sorted(known.items())
        if account_id not in left_out
    ]
    unmanaged = present.keys() - known.keys() - {gateways.management_account_id}
    plan = SweepPlan(
        sweep_id=step.observation_id,
        time=step.time,
        foundation=find_foundation(gateways, next(iter(present.values()))),
        batches=tuple(tuple(chosen[start : start + BATCH]) for start in range(0, len(chosen), BATCH)),
        unmanaged=tuple(sorted(unmanaged)),
        left_out=left_out,
    )
    key = gateways.reports.put_sweep_plan(plan)
    return Output(bucket=gateways.reports.bucket, key=key, batches=len(plan.batches))


def _known(gateways: Gateways) -> Iterator[AccountRecord]:
    cursor: str | None = None
    while True:
        page, cursor = gateways.table.accounts(limit=PAGE, cursor=cursor)
        yield from page
        if cursor is None:
            return


def _kept(account: AccountRecord, present: Account | None, time: str, gateways: Gateways) -> AccountRecord:
    if account.status == "DEPARTED" and present:
        return rejoin(account, time, gateways)
    # told once it is certain: a list may lag behind
    if account.status in UNDER_CARE and not present and has_departed(account.account_id, gateways):
        return depart(account, time, gateways)
    return account


def _left_out(account: AccountRecord, present: Account | None) -> str | None:
    if present is None:
        return "it is no account of the organization any more"
    if present.state != "ACTIVE":
        return f"AWS shows it as {present.state}"
    return None if account.status in UNDER_CARE else f"it is {account.status}"
