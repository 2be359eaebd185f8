"""What every step of the vend gets and gives: ids and small decisions; documents live in the table."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

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
