"""The event by which somebody asks for an account (docs/operations.md, "EventBridge as a door")."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from avm.contracts.body import refused
from avm.domain.account_request import REQUEST_ID_PATTERN

DETAIL_TYPE = "AccountRequested"


class AccountRequested(BaseModel):
    """An event as EventBridge delivers it (user guide, "Event structure"); ``detail`` is an account request."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: Annotated[str, StringConstraints(pattern=REQUEST_ID_PATTERN)]
    account: Annotated[str, StringConstraints(pattern=r"^[0-9]{12}$")]
    detail_type: Annotated[Literal["AccountRequested"], Field(alias="detail-type")]
    detail: dict[str, Any]


def account_requested(document: object) -> AccountRequested:
    """Return the event that a document is; raises InvalidRequest with all its problems."""
    try:
        return AccountRequested.model_validate(document)
    except ValidationError as error:
        raise refused(error, f"an event of EventBridge with detail-type {DETAIL_TYPE}") from error
