"""Making controls true, one round at a time: look, change what is untrue, look again (design, section 4).

What AWS has not finished, or does not show yet, is the next round's: the workflow waits between rounds, never a
function. A control that fails fails alone, and says why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict

from avm.aws.errors import translated
from avm.controls.control import Control, Reach, Target
from avm.controls.registry import needs_of
from avm.controls.vending_roles import ENFORCE, OBSERVE
from avm.domain.errors import (
    ERRORS,
    FoundationBehind,
    StillPending,
    Transient,
    VendingError,
    VerificationFailed,
    problem_details,
)
from avm.domain.finding import Change, Finding
from avm.domain.foundation import FOUNDATIONAL_TYPES, Foundation
from avm.domain.time import from_iso
from avm.steps.gateways import Gateways
from avm.steps.reach import AccountReach, View
from avm.steps.step import AccountInput, StepOutput
from avm.steps.targets import Aim, aim

WORDS = 600
"""Characters of a message that the workflow's state carries; the report has all of it."""

LOOKS_WHILE_PENDING = 60
LOOKS_WHILE_UNTRUE = 4
LOOKS_WHILE_UNSEEN = 12
"""How often a patient verification looks: while AWS works on something, and while something is untrue, since AWS may
show late what was changed. The last: how often an observation does, while AWS refuses for the moment to show
something."""

LAST_WAIT = timedelta(minutes=10)
"""What was begun in time may still come to its end: only then AWS says why it has come to nothing."""

RoundStatus = Literal["DONE", "PENDING", "FAILED"]

NOT_TRIED = "not-tried"
"""Status of a failure that only follows from another one."""


class Failure(BaseModel):
    """Why a control is not true, or not yet."""

    model_config = ConfigDict(frozen=True)

    control: str
    region: str | None = None
    status: str
    error: str
    """The error's code."""
    cause: str

    @property
    def transient(self) -> bool:
        """Return whether it will pass by itself."""
        return issubclass(ERRORS.get(self.error, VendingError), Transient)


class RoundInput(AccountInput):
    """Which controls of the account, where, and what earlier rounds have begun."""

    controls: tuple[str, ...]
    region: str | None = None
    foundation: Foundation | None = None
    operations: Mapping[str, str] = {}
    """Control -> AWS's id of the operation that it follows."""
    failed: tuple[str, ...] = ()
    """Controls of earlier waves that are not true: what needs them is not tried."""
    since: str | None = None
    """When the first round began, ISO 8601; None: this is the first."""

    def is_late(self, control: Control, patience: timedelta = timedelta()) -> bool:
        """Return whether the control has been pending for as long as it may be, and for ``patience`` beyond that."""
        begun = from_iso(self.since or self.time)
        return from_iso(self.time) - begun > timedelta(seconds=control.deadline_seconds) + patience


class RoundOutput(StepOutput):
    """How far the controls are; another round is due while the status is PENDING."""

    status: RoundStatus
    failures: tuple[Failure, ...] = ()
    """The controls that are not true; of a pending one, what is waited for."""
    operations: Mapping[str, str] = {}


def run_round(step: RoundInput, gateways: Gateways) -> RoundOutput:
    """Make the controls true as far as AWS lets it now; raises what keeps all of them from being looked at."""
    account = aim(gateways, step.account_id, step.request_id, step.foundation)
    reaches = reach_of(gateways, account, OBSERVE), reach_of(gateways, account, ENFORCE)
    operations: dict[str, str] = {}
    failures: list[Failure] = []
    waiting = False
    for name in step.controls:
        control = account.controls[name]
        target = account.at(control, step.region, step.operations.get(name))
        lacking = [need for need in needs_of(control) if need in step.failed]
        if lacking:
            finding, error = look(control, target, reaches[0])
            if not is_good(finding):
                failures.append(_not_tried(finding, lacking))
            continue
        late = step.is_late(control)
        finding, error, operation_id = _make_true(control, target, *reaches, late=late)
        if finding.status == "pending" and not control.blocks_ready:
            continue  # AWS takes hours: whoever looks next sees it
        waits = (finding.status == "pending" or isinstance(error, Transient)) and not step.is_late(control, LAST_WAIT)
        waiting = waiting or waits
        if waits and operation_id is not None:
            operations[name] = operation_id
        if not is_good(finding):
            failures.append(failure_of(finding, error))
    status: RoundStatus = "PENDING" if waiting else "FAILED" if failures else "DONE"
    return RoundOutput(status=status, failures=tuple(failures), operations=operations)


def reach_of(gateways: Gateways, account: Aim, role: str, memory: View | None = None) -> Reach:
    """Return the ways to AWS for the account, in one of its vending roles.

    ``memory``: what is the same for all accounts is read once and kept here; not while something is being changed.
    """
    target = account.target
    return AccountReach(gateways, target.foundation, target.account.id, role, target.request_id, memory=memory)


def look(control: Control, target: Target, reach: Reach) -> tuple[Finding, VendingError | None]:
    """Return what the control finds, and why it could not be looked at where it could not.

    What the foundation does not have yet is ``deferred`` in the accounts that it is made of. What fails is ``unknown``,
    with the true cause as evidence; so is, in all other accounts, what lacks its foundation.
    """
    missing = target.foundation.missing(control.foundation)
    if missing and target.account_type.name in FOUNDATIONAL_TYPES:
        return control.finding(target, "deferred", foundation=list(missing)), None
    if missing:
        error = FoundationBehind(f"{control.name} needs what the foundation does not have: {', '.join(missing)}")
        return _unknown(control, target, error), error
    try:
        with translated():
            return control.observe(target, reach), None
    except VendingError as error:
        return _unknown(control, target, error), error


def is_good(finding: Finding) -> bool:
    """Return whether a vend can come to its end with this finding; an account is not ready while one is deferred."""
    return finding.status in {"compliant", "deferred", "suppressed"}


def is_worth_another_look(failures: Sequence[Failure], looks: int, *, patient: bool) -> bool:
    """Say whether to look at everything again.

    ``looks``: how often that was done before; ``patient``: something was changed, so AWS may show it late.
    """
    passing = any(failure.status == "unknown" and failure.transient for failure in failures)
    if not patient:
        return passing and looks + 1 < LOOKS_WHILE_UNSEEN
    waiting = passing or any(failure.status == "pending" for failure in failures)
    return bool(failures) and looks + 1 < (LOOKS_WHILE_PENDING if waiting else LOOKS_WHILE_UNTRUE)


def failure_of(finding: Finding, error: VendingError | None = None) -> Failure:
    """Return why a finding is not good, as the workflow carries it."""
    problem = error or _words(finding)
    return Failure(
        control=finding.control,
        region=finding.region,
        status=finding.status,
        error=problem.code,
        cause=str(problem)[:WORDS],
    )


def _not_tried(finding: Finding, lacking: Sequence[str]) -> Failure:
    cause = f"{finding.control} was not tried: it needs {', '.join(lacking)}"
    return failure_of(finding).model_copy(update={"status": NOT_TRIED, "cause": cause})


def _make_true(
    control: Control, target: Target, observing: Reach, enforcing: Reach, *, late: bool
) -> tuple[Finding, VendingError | None, str | None]:
    """Return what is found in the end, the error if there was one, and the operation that is to be followed.

    ``late``: what is changed now is not waited for; what was found before tells why all that came to nothing.
    """
    finding, error = look(control, target, observing)
    if finding.status != "violated":
        return finding, error, target.operation_id
    try:
        changes = _enforce(control, target, enforcing)
    except VendingError as failed:
        return _unknown(control, target, failed), failed, None
    if late or not changes:
        return finding, None, None
    operation_id = next((change.operation_id for change in reversed(changes) if change.operation_id), None)
    finding, error = look(control, replace(target, operation_id=operation_id), observing)
    if finding.status == "violated":  # AWS does not show yet what was just changed
        finding = replace(finding, status="pending")
    return finding, error, operation_id


def _enforce(control: Control, target: Target, reach: Reach) -> list[Change]:
    with translated():
        return control.enforce(target, reach)


def _unknown(control: Control, target: Target, error: VendingError) -> Finding:
    return control.finding(target, "unknown", **problem_details(error.code, str(error)))


def _words(finding: Finding) -> VendingError:
    where = f" in {finding.region}" if finding.region else ""
    evidence = {name: value for name, value in finding.evidence.items() if value}
    kind = StillPending if finding.status == "pending" else VerificationFailed
    return kind(f"{finding.control}{where} is {finding.status}: {evidence}")
