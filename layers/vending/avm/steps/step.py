"""What every step of the vend gets and gives: ids and small decisions; documents live in the table."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pydantic import BaseModel, ConfigDict

from avm.domain.time import from_iso

ACTOR = "workflow"
"""Who acts, in the audit, when a step does."""


class StepInput(BaseModel):
    """The input that all steps share. Unknown fields are ignored: a newer state machine may send more."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    request_id: str
    attempt: int
    time: str
    """When the state was entered, ISO 8601: the step's only clock."""


class AccountInput(StepInput):
    """The input of a step that works on the account."""

    account_id: str


class StepOutput(BaseModel):
    """The output that a step without a decision gives: nothing."""

    model_config = ConfigDict(frozen=True)

    def counted(self) -> tuple[str, ...]:
        """Return the metrics that a step with this output counts, beside those of its function."""
        return ()

    def measured(self) -> Mapping[str, float]:
        """Return what a step with this output has measured: metric -> value."""
        return {}


class TurnInput(AccountInput):
    """The input of a step whose call all vends share the rate of: without a turn, it takes one first."""

    turn: str | None = None


class TurnOutput(StepOutput):
    """When the step is to be run again, with this turn; None where it is done."""

    start_at: str | None = None


def due(step: TurnInput, take: Callable[[], str]) -> str | None:
    """Return None where the call may be made now, else the turn (ISO 8601) to come back with; ``take`` takes one.

    A turn is waited for by the workflow: the time of a step stands still while it is retried.
    """
    turn = step.turn or take()
    return None if from_iso(turn) <= from_iso(step.time) else turn
