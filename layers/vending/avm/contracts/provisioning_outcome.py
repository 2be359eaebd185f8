"""What Service Catalog is told of a request that came from it (docs/api.md, "Service Catalog")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from avm.contracts.queue_message import fitting
from avm.contracts.ticket_answer import Cause
from avm.domain.errors import problem_details

Status = Literal["SUCCEEDED", "FAILED"]

STATUS_AFTER: Mapping[str, Status] = {
    "AccountReady": "SUCCEEDED",
    "AccountParked": "FAILED",
    "AccountRequestRejected": "FAILED",
    "AccountRequestCancelled": "FAILED",
}
"""The events that end a record, and how; the rule of the bus names them, too."""

MAX_REASON_BYTES = 2048
"""botocore, EngineWorkflowFailureReason: characters."""

_CANCELLED = problem_details("RequestCancelled", "the request was cancelled before an account was created")


class OutcomeDetail(BaseModel):
    """The detail of an event of the machine about a request that came from Service Catalog."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    record_id: str
    account_id: str | None
    error: Cause | None = None


class Outcome(BaseModel):
    """An event as EventBridge delivers it (user guide, "Event structure")."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    source: Literal["avm"]
    detail_type: str = Field(alias="detail-type")
    detail: OutcomeDetail

    @property
    def status(self) -> Status:
        """Return how the record ends."""
        return STATUS_AFTER[self.detail_type]

    @property
    def reason(self) -> str:
        """Return why the record has failed, and what to do."""
        return failure_reason(self.detail.error or Cause.model_validate(_CANCELLED))


def failure_reason(cause: Cause) -> str:
    """Return a cause as Service Catalog takes it: one text of 2,048 characters at most."""
    return fitting(f"{cause.code}: {cause.message.rstrip('.')}. {cause.hint}", MAX_REASON_BYTES)
