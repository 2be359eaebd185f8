"""ObserveFoundation: every control of the foundation is looked at, and what was found is kept as the report.

A plan is this alone; an apply ends with it. Security Hub shows what a look finds that nobody has asked for; who plans
an apply knows what is missing. Any look resolves what it finds true again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from avm.contracts.foundation_report import FoundationReport, FoundationRow, Purpose
from avm.domain.errors import Transient, UnexpectedError, VendingError
from avm.foundation.control import Look
from avm.foundation.registry import all_foundation_controls
from avm.steps.control_rounds import Failure, RoundStatus, is_worth_another_look
from avm.steps.foundation_findings import Shown, show_findings
from avm.steps.foundation_step import FoundationInput, OrganizationReach, Seen, handed_on, look_at, organization
from avm.steps.gateways import Gateways
from avm.steps.step import StepOutput

ALL = "all controls"
"""Stands for every control in a failure of the workflow itself."""


class Input(FoundationInput):
    """What for, what was done before, and with what it has failed."""

    purpose: Purpose
    cause: Mapping[str, Any] | None = None
    """The call that has hinted at drift, if one has."""
    made: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()
    looks: int = 0
    """How often everything was looked at before."""
    memory: Mapping[str, str] = {}
    blind: bool = False
    """Nothing can be looked at, the last of ``failures`` says why."""


class Output(StepOutput):
    """Whether all controls are as they should be; PENDING: look again."""

    status: RoundStatus
    failures: tuple[Failure, ...]
    memory: Mapping[str, str]
    findings: Shown = Shown()
    """What became of the findings of Security Hub; nothing of it changes the status."""

    def counted(self) -> tuple[str, ...]:
        """Count them."""
        return (
            *("FindingImported" for _ in self.findings.imported),
            *("FindingResolved" for _ in self.findings.resolved),
            *("FindingNotShown" for _ in self.findings.failures),
        )


def run(step: Input, gateways: Gateways) -> Output:
    """Look at everything and, where no further look is due, keep the report.

    Where the organization cannot be looked at at all the report says why, of every control.
    """
    reach = OrganizationReach(gateways, step, step.memory)
    organization_id, seen = _look(step, gateways, reach)
    failures = tuple(failure for each in seen if (failure := each.failure()))
    if not step.blind and is_worth_another_look(failures, step.looks, patient=step.purpose == "apply"):
        return Output(status="PENDING", failures=failures, memory=handed_on(reach, seen))
    gateways.reports.put_foundation(_report(step, gateways, organization_id, seen))
    if step.purpose == "observe":
        _tell(step, gateways, seen)
    shown = show_findings(step, gateways, reach, seen, is_opening=step.purpose == "observe", cause=step.cause)
    return Output(status="FAILED" if failures else "DONE", failures=failures, memory={}, findings=shown)


def _look(step: Input, gateways: Gateways, reach: OrganizationReach) -> tuple[str | None, list[Seen]]:
    """Return the organization's id and what each control has seen."""
    controls = all_foundation_controls()
    try:
        if step.blind:
            raise _told(step.failures[-1])
        target = organization(gateways, controls.values(), reach)
    except Transient:
        raise
    except VendingError as error:
        return None, [Seen(name, Look({}), error) for name in controls]
    return target.organization.id, [look_at(control, target, reach) for control in controls.values()]


def _tell(step: Input, gateways: Gateways, seen: Sequence[Seen]) -> None:
    """Tell what is untrue; to mend it is an operator's decision, since it is about every account."""
    for each in seen:
        failure = each.failure()
        if failure is None or each.status not in {"violated", "unknown"}:
            continue
        details = {
            "control": each.control,
            "run": step.observation_id,
            "mode": "propose",
            "found": {"organization": {"status": failure.status, "evidence": {failure.error: failure.cause}}},
            "cause": step.cause,
            "time": step.time,
        }
        gateways.events.publish("DriftDetected", request_id=None, details=details)


def _told(failure: Failure) -> VendingError:
    """Return what the workflow has caught; not Transient: it has tried again already."""
    return UnexpectedError(f"{failure.error}: {failure.cause}")


def _report(step: Input, gateways: Gateways, organization_id: str | None, seen: Sequence[Seen]) -> FoundationReport:
    return FoundationReport(
        organization_id=organization_id,
        catalog_version=gateways.catalog.version,
        time=step.time,
        observation_id=step.observation_id,
        purpose=step.purpose,
        ready=all(each.failure() is None for each in seen),
        made=step.made,
        controls=tuple(_rows(step, seen)),
    )


def _rows(step: Input, seen: Sequence[Seen]) -> list[FoundationRow]:
    causes = {failure.control: failure for failure in step.failures}
    of_all = causes.get(ALL)
    return [each.row(step.time, causes.get(each.control, of_all) if each.failure() else None) for each in seen]
