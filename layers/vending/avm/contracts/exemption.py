"""The bodies by which exceptions are made, and the breaker is opened and closed (docs/api.md)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, ValidationError

from avm.contracts.body import refused
from avm.domain.time import from_iso, iso

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_Reason = Annotated[str, StringConstraints(min_length=3, max_length=512, strip_whitespace=True)]
_Scope = Annotated[str, StringConstraints(pattern=r"^(machine|[0-9]{12}(/[a-z0-9-]{1,64})?)$")]


def _moment(text: str) -> str:
    """Return a day's end, or a time, as ISO 8601; raises ValueError."""
    if _DAY.fullmatch(text):
        return iso(datetime.combine(datetime.fromisoformat(text), time.max, UTC))
    return iso(from_iso(text))


class ExemptionBody(BaseModel):
    """Which control may be untrue, until when, and why."""

    model_config = ConfigDict(extra="forbid", strict=True)

    control: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    until: Annotated[str, AfterValidator(_moment)]
    reason: _Reason


class BreakerBody(BaseModel):
    """What is stopped, and why; or, without a reason, what may go on."""

    model_config = ConfigDict(extra="forbid", strict=True)

    scope: _Scope | None = None
    reason: _Reason | None = None


def exemption_of(body: object) -> ExemptionBody:
    """Return what is asked for; raises InvalidRequest with all problems at once."""
    try:
        return ExemptionBody.model_validate(body)
    except ValidationError as error:
        hint = 'send {"control": "NAME", "until": "2027-01-31", "reason": "..."}'
        raise refused(error, hint) from error


def breaker_of(body: object) -> BreakerBody:
    """Return what is asked for; raises InvalidRequest with all problems at once."""
    try:
        return BreakerBody.model_validate(body)
    except ValidationError as error:
        hint = 'send {"scope": "machine", "ACCOUNT" or "ACCOUNT/CONTROL", "reason": "..."}'
        raise refused(error, hint) from error
