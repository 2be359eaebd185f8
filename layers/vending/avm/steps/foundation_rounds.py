"""Bringing the foundation on, one round at a time: look, do the steps that are left, look again.

What AWS has not finished, does not show yet, or wants fewer calls for is the next round's: the workflow waits between
rounds, never a function. A control that fails fails alone, and says why.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from pydantic import BaseModel, ConfigDict

from avm.aws.errors import translated
from avm.domain.errors import Transient, VendingError
from avm.domain.time import from_iso
from avm.foundation.control import FoundationControl, FoundationTarget
from avm.foundation.registry import all_foundation_controls
from avm.steps.control_rounds import Failure, RoundStatus
from avm.steps.foundation_step import FoundationInput, OrganizationReach, Seen, handed_on, look_at, organization
from avm.steps.gateways import Gateways


class RoundInput(FoundationInput):
    """Which controls, and what earlier rounds have read."""

    controls: tuple[str, ...]
    since: str
    """When the first round began, ISO 8601."""
    memory: Mapping[str, str] = {}


class RoundOutput(BaseModel):
    """How far the controls are; another round is due while the status is PENDING."""

    model_config = ConfigDict(frozen=True)

    status: RoundStatus
    failures: tuple[Failure, ...]
    """The controls that are not true; of a pending one, what is waited for."""
    made: tuple[str, ...]
    """The calls that this round has made, in order."""
    memory: Mapping[str, str]


def run_round(step: RoundInput, gateways: Gateways) -> RoundOutput:
    """Do the steps as far as AWS lets it now; raises what keeps all controls from being looked at."""
    reach = OrganizationReach(gateways, step, step.memory)
    controls = [all_foundation_controls()[name] for name in step.controls]
    target = organization(gateways, controls, reach)
    made: list[str] = []
    failures: list[Failure] = []
    looks: list[Seen] = []
    waiting = False
    for control in controls:
        seen, changes = _bring_on(control, target, reach)
        made += changes
        looks.append(seen)
        failure = seen.failure()
        if failure is None:
            continue
        failures.append(failure)
        passes = seen.status in {"pending", "deferred"} or isinstance(seen.error, Transient) or bool(changes)
        waiting = waiting or (passes and not _is_late(step, control))
    status: RoundStatus = "PENDING" if waiting else "FAILED" if failures else "DONE"
    return RoundOutput(status=status, failures=tuple(failures), made=tuple(made), memory=handed_on(reach, looks))


def _bring_on(control: FoundationControl, target: FoundationTarget, reach: OrganizationReach) -> tuple[Seen, list[str]]:
    """Return what is seen in the end, and the calls that were made on the way."""
    seen = look_at(control, target, reach)
    made: list[str] = []
    for each in seen.look.steps:
        try:
            with translated():
                each.act()
        except VendingError as error:
            return Seen(control.name, seen.look, error), made
        made.append(f"{each.operation}: {each.subject}")
    return (look_at(control, target, reach) if made else seen), made


def _is_late(step: RoundInput, control: FoundationControl) -> bool:
    """Return whether the control has been untrue for as long as it may be."""
    return from_iso(step.time) - from_iso(step.since) > timedelta(seconds=control.deadline_seconds)
