"""VerifyAccount: every control of the account is looked at, and what was found is kept as its report.

A vend releases the account only after this; an observation and a repair end with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from avm.contracts.report import Report, ReportRow
from avm.contracts.signed_report import SignedReport
from avm.controls.vending_roles import OBSERVE
from avm.domain.errors import ReportNotArchived, VerificationFailed
from avm.domain.exemption import Exemption
from avm.domain.finding import Finding
from avm.domain.foundation import Foundation
from avm.steps.control_rounds import (
    WORDS,
    Failure,
    RoundStatus,
    failure_of,
    is_good,
    is_worth_another_look,
    look,
    reach_of,
)
from avm.steps.gateways import Gateways
from avm.steps.park_account import problem_of
from avm.steps.plan_controls import Purpose
from avm.steps.reach import View
from avm.steps.readiness import mark, tell_ready
from avm.steps.report_keeping import archive, keep
from avm.steps.step import AccountInput, StepOutput
from avm.steps.targets import Aim, aim

Look = tuple[Finding, Failure | None]

READINESS_REPORT = "readiness-report"
"""What stands in a control's place where not a control failed, but the report itself."""


class Input(AccountInput):
    """The ids, what the observation is known as, and what enforcing has failed with before."""

    observation_id: str
    foundation: Foundation | None
    """None: nothing can be looked at, ``failures`` say why."""
    failures: tuple[Failure, ...] = ()
    purpose: Purpose = "observe"
    """An observation takes what it sees as it is; all others have patience."""
    looks: int = 0
    """How often everything was looked at before."""


class Output(StepOutput):
    """Whether all controls are as they should be; PENDING: look again."""

    status: RoundStatus
    failures: tuple[Failure, ...]


@dataclass(frozen=True)
class Verified:
    """What a look at everything has come to."""

    output: Output
    findings: Sequence[Finding]
    report: SignedReport | None = None
    """None where a further look is due."""


def run(step: Input, gateways: Gateways) -> Output:
    """Look at everything and, where no further look is due, keep the report, also in the log archive.

    Raises VerificationFailed where the account is not in use.
    """
    verified = verify(step, gateways, {})
    try:
        if verified.report is not None:
            archive(verified.report, step.foundation, gateways)
    except ReportNotArchived as error:  # a failure beside the others: what was found stays found
        failure = Failure(control=READINESS_REPORT, status="unknown", error=error.code, cause=str(error)[:WORDS])
        return Output(status="FAILED", failures=(*verified.output.failures, failure))
    return verified.output


def verify(step: Input, gateways: Gateways, memory: View) -> Verified:
    """Look at everything and keep the report, not in the log archive yet; ``memory``: what was read before for all.

    Raises VerificationFailed where the account is not in use.
    """
    if step.foundation is None:
        unseen = [_unseen(failure) for failure in step.failures]
        report = _keep(step, gateways, unseen, ready=False)
        return Verified(Output(status="FAILED", failures=step.failures), unseen, report)
    account = aim(gateways, step.account_id, step.request_id, step.foundation)
    state = account.target.account.state
    if state != "ACTIVE":
        message = f"account {step.account_id} is {state}, not ACTIVE"
        raise VerificationFailed(message)
    looks = list(_looks(gateways, account, step, memory))
    failures = tuple(failure for _, failure in looks if failure)
    findings = [finding for finding, _ in looks]
    if is_worth_another_look(failures, step.looks, patient=step.purpose != "observe"):
        return Verified(Output(status="PENDING", failures=failures), findings)
    deferred = any(finding.status == "deferred" for finding in findings)
    report = _keep(step, gateways, findings, ready=not failures and not deferred)
    return Verified(Output(status="FAILED" if failures else "DONE", failures=failures), findings, report)


def _looks(gateways: Gateways, account: Aim, step: Input, memory: View) -> Iterator[Look]:
    reach = reach_of(gateways, account, OBSERVE, memory)
    causes = {(failure.control, failure.region): failure for failure in step.failures}
    exemptions = gateways.drift.exemptions(step.account_id)
    for control in account.controls.values():
        for target in account.targets(control):
            finding, error = look(control, target, reach)
            finding = _excepted(finding, exemptions.get(control.name), step.time)
            cause = causes.get((control.name, target.region))
            if cause is not None and not is_good(finding):
                enforced = {"enforcement": {"code": cause.error, "message": cause.cause}}
                finding = replace(finding, evidence={**finding.evidence, **enforced})
            is_waited_for = finding.status != "pending" or control.blocks_ready
            yield finding, failure_of(finding, error) if is_waited_for and not is_good(finding) else None


def _excepted(finding: Finding, exemption: Exemption | None, time: str) -> Finding:
    """Return the finding; ``suppressed`` where it may be untrue for a while."""
    if finding.status != "violated" or exemption is None or not exemption.holds(time):
        return finding
    shown = exemption.model_dump(include={"until", "reason", "owner"})
    return replace(finding, status="suppressed", evidence={**finding.evidence, "exception": shown})


def _unseen(failure: Failure) -> Finding:
    problem = problem_of(failure.error, failure.cause, "VerifyAccount")
    return Finding(failure.control, "unknown", problem, failure.region)


def _keep(step: Input, gateways: Gateways, findings: Sequence[Finding], *, ready: bool) -> SignedReport:
    report = _report(step, gateways, findings, ready=ready)
    signed = keep(report, gateways)
    account = gateways.table.account(step.account_id)
    if account is None:
        return signed
    account = account.model_copy(update={"compliance": report.compliance()})
    gateways.table.put_account(account)
    if ready and account.status == "FOUNDATION":  # nothing is deferred any more
        tell_ready(gateways, gateways.table.request(step.request_id), account.account_id, step.time)
        mark(gateways, account, step.time)
    return signed


def _report(step: Input, gateways: Gateways, findings: Sequence[Finding], *, ready: bool) -> Report:
    rows = [
        ReportRow(
            control=finding.control,
            scope=finding.scope,
            status=finding.status,
            evidence=finding.evidence,
            observed_at=step.time,
        )
        for finding in findings
    ]
    return Report(
        account_id=step.account_id,
        request_id=step.request_id,
        catalog_version=gateways.catalog.version,
        time=step.time,
        observation_id=step.observation_id,
        ready=ready,
        controls=tuple(rows),
    )
