"""ObserveDrift: one control of one account is looked at; where it is untrue, that is told, and what is to be done said.

An event or a sweep has brought it here, and both may be wrong or late: what counts is what AWS shows now.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from avm.aws.drift_table import Drift
from avm.controls.control import Control
from avm.controls.vending_roles import OBSERVE
from avm.domain.breaker import Breaker, Opening, Repair
from avm.domain.errors import Transient
from avm.domain.finding import Finding
from avm.domain.remediation import Mode
from avm.steps.control_rounds import is_good, look, reach_of
from avm.steps.gateways import Gateways
from avm.steps.notice_drift import UNDER_CARE
from avm.steps.step import AccountInput, StepOutput
from avm.steps.targets import Aim, aim_on_foundation

Decision = Literal["NONE", "REPAIR", "PROPOSE"]
Seen = Literal["COMPLIANT", "VIOLATED", "SUPPRESSED", "NOT_JUDGED"]
"""What the look has come to; NOT_JUDGED: AWS works on it, or nobody promises it."""


class Input(AccountInput):
    """The account, the control, and what has hinted that it may be untrue."""

    observation_id: str
    """Name of the execution: told twice, it is the same drift."""
    control: str
    cause: Mapping[str, Any] | None = None
    """The call; None where a sweep has found it."""


class Output(StepOutput):
    """Whether it is to be repaired, or that to be proposed, and why (not)."""

    decision: Decision
    reason: str
    seen: Seen
    told: tuple[str, ...] = ()
    """What happened, as it is counted."""

    def counted(self) -> tuple[str, ...]:
        """Count what happened."""
        return self.told


def run(step: Input, gateways: Gateways) -> Output:
    """Look, tell, and decide.

    Raises Transient where AWS does not show it for the moment.
    """
    account = gateways.table.account(step.account_id)
    if account is None or account.status not in UNDER_CARE:
        reason = f"the account is {account.status if account else 'unknown'}: a vend looks at everything itself"
        return _none(reason, "NOT_JUDGED")
    aimed = aim_on_foundation(gateways, step.account_id, step.request_id, keep=True)
    control = aimed.controls.get(step.control)
    if control is None:
        return _none(f"account type {account.type} does not promise it", "NOT_JUDGED")
    found = findings_of(control, aimed, gateways)
    untrue = [finding for finding in found if finding.status in {"violated", "unknown"}]
    if not untrue:
        is_true = all(is_good(finding) for finding in found)
        return _none("it is as it should be, or AWS works on it", "COMPLIANT" if is_true else "NOT_JUDGED")
    return _decide(step, gateways, control, aimed, untrue)


def _decide(step: Input, gateways: Gateways, control: Control, aimed: Aim, untrue: Sequence[Finding]) -> Output:
    """Tell what is untrue, and say what is done about it."""
    exemption = gateways.drift.exemptions(step.account_id).get(step.control)
    if exemption is not None and exemption.holds(step.time):
        told = _told(step, untrue, until=exemption.until, reason=exemption.reason)
        gateways.events.publish("DriftSuppressed", **told)
        return _none(f"an exception holds until {exemption.until}", "SUPPRESSED", "DriftSuppressed")
    mode = _mode(step, aimed, control)
    stop = _admitted(step, gateways) if mode == "enforce" else None
    drift = Drift(
        run=step.observation_id,
        account_id=step.account_id,
        control=step.control,
        detected_at=step.time,
        before=before_of(untrue),
        cause=step.cause,
    )
    gateways.drift.put_drift(drift)
    more: dict[str, Any] = {} if stop is None else {"stopped": stop.model_dump()}
    proposed = _proposed(step, gateways) if mode == "propose" else None
    if mode == "propose":
        more["proposal"] = proposed or step.observation_id
    gateways.events.publish("DriftDetected", **_told(step, untrue, mode=mode, cause=step.cause, **more))
    if proposed is not None:
        return _none(f"{proposed} has proposed it already", "VIOLATED", "DriftDetected")
    if mode == "propose":
        return Output(decision="PROPOSE", reason="its mode is propose", seen="VIOLATED", told=("DriftDetected",))
    if mode != "enforce":
        return _none(f"its mode is {mode}", "VIOLATED", "DriftDetected")
    if stop is not None:
        reason = f"the breaker is open since {stop.since}: {stop.reason}"
        return _none(reason, "VIOLATED", "DriftDetected", "RepairStopped")
    return Output(decision="REPAIR", reason="it is untrue", seen="VIOLATED", told=("DriftDetected",))


def before_of(findings: Sequence[Finding]) -> dict[str, Any]:
    """Return findings as they are told: scope -> status and evidence."""
    return {finding.scope: {"status": finding.status, "evidence": finding.evidence} for finding in findings}


def findings_of(control: Control, aimed: Aim, gateways: Gateways) -> list[Finding]:
    """Return what a control finds in all its places; raises Transient where AWS does not show it for the moment."""
    reach = reach_of(gateways, aimed, OBSERVE)
    found = []
    for target in aimed.targets(control):
        finding, error = look(control, target, reach)
        if isinstance(error, Transient):
            raise error
        found.append(finding)
    return found


def _mode(step: Input, aimed: Aim, control: Control) -> Mode:
    """Return what is done about it; what AWS does for itself is not undone without being asked (aws-semantics 9.2)."""
    mode = aimed.target.account_type.modes.get(control.name, control.mode)
    if mode == "enforce" and (step.cause or {}).get("managed_by_aws"):
        return "propose"
    return mode


def _proposed(step: Input, gateways: Gateways) -> str | None:
    """Return the earlier run whose proposal to repair it waits for somebody."""
    return next(
        (
            proposal.observation_id
            for proposal in gateways.proposals.open(step.time)
            if (proposal.account_id, proposal.control) == (step.account_id, step.control)
            and proposal.observation_id != step.observation_id
        ),
        None,
    )


def _admitted(step: Input, gateways: Gateways) -> Opening | None:
    """Return None where the breaker lets the repair through, else what stops it."""
    limits = gateways.catalog.organization.remediation.repairs_per_hour
    wanted = Repair(
        run=step.observation_id,
        account_id=step.account_id,
        control=step.control,
        time=step.time,
        actor=str((step.cause or {}).get("actor", "")),
    )
    stops: list[Opening | None] = []

    def admit(breaker: Breaker) -> Breaker:
        after, stop = breaker.admit(wanted, limits)
        stops.append(stop)
        return after

    gateways.drift.breaker.change(admit)
    return stops[-1]


def _told(step: Input, untrue: Sequence[Finding], **more: Any) -> dict[str, Any]:
    """Return what an event says: whose drift it is, and what was found."""
    details = {
        "control": step.control,
        "run": step.observation_id,
        "found": before_of(untrue),
        **more,
        "time": step.time,
    }
    return {"request_id": step.request_id, "account_id": step.account_id, "details": details}


def _none(reason: str, seen: Seen, *told: str) -> Output:
    return Output(decision="NONE", reason=reason, seen=seen, told=told)
