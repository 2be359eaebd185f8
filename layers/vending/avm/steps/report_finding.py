"""ReportFinding: Security Hub of the security account shows what is untrue, and resolves it once it is true again.

One finding of an account and control is open at a time: the table remembers which, so that a drift that lasts stays
one finding, and one that comes back is another.
"""

from __future__ import annotations

from typing import Literal

from avm.aws.security_hub_findings import SecurityHubFindings
from avm.contracts.security_finding import finding_of
from avm.controls.vending_roles import SECURITY
from avm.domain.errors import FoundationBehind
from avm.domain.foundation import SECURITY_TYPE
from avm.domain.open_finding import OpenFinding
from avm.steps.gateways import Gateways
from avm.steps.observe_drift import Seen
from avm.steps.step import AccountInput, StepOutput
from avm.steps.targets import foundational_account


class Input(AccountInput):
    """The account, the control, and what the run has seen of it."""

    observation_id: str
    control: str
    seen: Seen


class Output(StepOutput):
    """What became of the finding, and why nothing did."""

    finding: Literal["IMPORTED", "RESOLVED", "NONE"]
    reason: str = ""

    def counted(self) -> tuple[str, ...]:
        """Count it."""
        return () if self.finding == "NONE" else (f"Finding{self.finding.capitalize()}",)


def run(step: Input, gateways: Gateways) -> Output:
    """Import or resolve the finding.

    Raises Transient where AWS does not take it for the moment.
    """
    known = gateways.drift.open_finding(step.account_id, step.control)
    drift = gateways.drift.drift(step.account_id, step.observation_id)
    if step.seen == "NOT_JUDGED" or (drift is None and known is None):
        return Output(finding="NONE", reason="there is nothing to show")
    opened = known or OpenFinding(
        account_id=step.account_id,
        control=step.control,
        finding_id=f"avm/{step.account_id}/{step.control}/{step.observation_id}",
        since=step.time,
        found=drift.before if drift else {},
        cause=drift.cause if drift else None,
    )
    try:
        findings = _findings(step, gateways)
        findings.put(finding_of(opened, findings.place, at=step.time, is_compliant=step.seen == "COMPLIANT"))
        if step.seen == "COMPLIANT":
            findings.mark(opened.finding_id, "RESOLVED", "It is as promised again.")
            gateways.drift.close_finding(step.account_id, step.control)
            return Output(finding="RESOLVED")
        is_suppressed = step.seen == "SUPPRESSED"
        if is_suppressed:
            findings.mark(opened.finding_id, "SUPPRESSED", "An exception holds (avm except).")
        elif opened.is_suppressed:
            findings.mark(opened.finding_id, "NEW", "No exception holds any more.")
        gateways.drift.put_finding(opened.model_copy(update={"is_suppressed": is_suppressed}))
    except FoundationBehind as behind:
        return Output(finding="NONE", reason=str(behind))
    return Output(finding="IMPORTED")


def _findings(step: Input, gateways: Gateways) -> SecurityHubFindings:
    """Return the findings of the security account, at home; raises FoundationBehind where there is none."""
    account_id = foundational_account(gateways, SECURITY_TYPE)
    if account_id is None:
        message = "the organization has no account of type security"
        raise FoundationBehind(message)
    region = gateways.catalog.organization.home_region
    clients = gateways.member_clients(region, gateways.session(account_id, SECURITY, step.observation_id[:64]))
    return SecurityHubFindings(clients, gateways.partition, region, account_id)
