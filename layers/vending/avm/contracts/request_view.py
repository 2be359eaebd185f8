"""The request object of the API (interfaces.md): a request's record as its readers see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from avm.domain.account_request import Requester, RequestRecord, Status


class StepView(BaseModel):
    """One step of the vend: PENDING, RUNNING, SUCCEEDED or FAILED; times are ISO 8601."""

    name: str
    status: str
    started_at: str | None
    ended_at: str | None


class RequestView(BaseModel):
    """The request object; ``queue_position`` is null unless the request waits for AWS to take one more creation."""

    model_config = ConfigDict(frozen=True)

    request_id: str
    status: Status
    name: str
    type: str
    owner: str
    email: str
    account_id: str | None
    adopts: str | None
    """The account that is brought under the machine; null where one is created."""
    requester: Requester
    created_at: str
    updated_at: str
    ready_at: str | None
    attempt: int
    queue_position: int | None
    steps: Sequence[StepView]
    error: Mapping[str, Any] | None
    errors: Sequence[Mapping[str, Any]]
    """All that has failed, ``error`` first: one for each control that is not true."""


def request_view(
    record: RequestRecord, steps: Sequence[Mapping[str, Any]] | None = None, queue_position: int | None = None
) -> RequestView:
    """Return what readers see; ``steps``: live ones, else those that the record keeps."""
    return RequestView(
        request_id=record.request_id,
        status=record.status,
        name=record.name,
        type=record.request.type,
        owner=record.request.owner,
        email=record.email,
        account_id=record.account_id,
        adopts=record.adopts,
        requester=record.requester,
        created_at=record.created_at,
        updated_at=record.updated_at,
        ready_at=record.ready_at,
        attempt=record.attempt,
        queue_position=queue_position,
        steps=[StepView.model_validate(row) for row in (record.steps if steps is None else steps)],
        error=record.error,
        errors=record.errors,
    )
