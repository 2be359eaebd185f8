"""RecordDrift: a control was repaired; what it is now, and whether that is what was wanted, is told."""

from __future__ import annotations

from typing import Literal

from avm.steps.control_rounds import Failure, is_good
from avm.steps.gateways import Gateways
from avm.steps.observe_drift import before_of, findings_of
from avm.steps.step import AccountInput, StepOutput
from avm.steps.targets import aim_on_foundation


class Input(AccountInput):
    """The account, the control, and with what its repair has failed."""

    observation_id: str
    control: str
    failures: tuple[Failure, ...] = ()


class Output(StepOutput):
    """Whether it is true again."""

    outcome: Literal["REPAIRED", "FAILED"]

    def counted(self) -> tuple[str, ...]:
        """Count it."""
        return ("DriftRepaired",) if self.outcome == "REPAIRED" else ("RepairUnsuccessful",)


def run(step: Input, gateways: Gateways) -> Output:
    """Look once more, and tell before and after.

    Raises Transient where AWS does not show it for the moment.
    """
    drift = gateways.drift.drift(step.account_id, step.observation_id)
    aimed = aim_on_foundation(gateways, step.account_id, step.request_id)
    found = findings_of(aimed.controls[step.control], aimed, gateways)
    details: dict[str, object] = {
        "control": step.control,
        "run": step.observation_id,
        "before": drift.before if drift else {},
        "after": before_of(found),
        "cause": drift.cause if drift else None,
        "detected_at": drift.detected_at if drift else None,
        "time": step.time,
    }
    own = [failure.model_dump() for failure in step.failures if failure.control == step.control]
    if all(is_good(finding) for finding in found):
        gateways.events.publish(
            "DriftRepaired", request_id=step.request_id, account_id=step.account_id, details=details
        )
        return Output(outcome="REPAIRED")
    gateways.events.publish(
        "DriftDetected",
        request_id=step.request_id,
        account_id=step.account_id,
        details={**details, "mode": "enforce", "failures": own},
    )
    return Output(outcome="FAILED")
