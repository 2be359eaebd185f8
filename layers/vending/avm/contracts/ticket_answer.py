"""What a ticketing system is told of a request that came from it (docs/api.md, "Answers to tickets")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from avm.domain.account_request import Status, Ticket

STATUS_AFTER: Mapping[str, Status] = {
    "AccountRequestAccepted": "IN_PROGRESS",
    "AccountRequestRejected": "REJECTED",
    "AccountRequestCancelled": "CANCELLED",
    "ApprovalRequested": "PENDING_APPROVAL",
    "ApprovalDecided": "IN_PROGRESS",
    "AccountCreated": "IN_PROGRESS",
    "AccountReady": "READY",
    "AccountParked": "PARKED",
}
"""The events that are told, and what the request has become by each; the rule of the bus names them, too."""


class Cause(BaseModel):
    """Why a request has failed, and what to do."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    code: str
    message: str
    hint: str


class TransitionDetail(BaseModel):
    """The detail of an event of the machine about a request that came from a ticket."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    request_id: str
    account_id: str | None
    webhook: str
    ticket: Ticket
    error: Cause | None = None


class Transition(BaseModel):
    """An event as EventBridge delivers it (user guide, "Event structure")."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    source: Literal["avm"]
    detail_type: str = Field(alias="detail-type")
    time: str
    detail: TransitionDetail


def answer_to(transition: Transition, api_url: str) -> dict[str, Any]:
    """Return what the ticket is told: once it is READY where its report is, else why it is not."""
    detail = transition.detail
    status = STATUS_AFTER[transition.detail_type]
    report = f"{api_url}/v1/accounts/{detail.account_id}/report" if status == "READY" else None
    return {
        "schema_version": 1,
        "event_id": transition.id,
        "event": transition.detail_type,
        "time": transition.time,
        "ticket": detail.ticket.model_dump(),
        "request_id": detail.request_id,
        "status": status,
        "account_id": detail.account_id,
        "report": report,
        "error": detail.error.model_dump() if detail.error else None,
    }
