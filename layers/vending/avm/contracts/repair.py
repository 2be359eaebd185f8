"""The body of a repair of an account (interfaces.md)."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from avm.contracts.body import refused

_Control = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class Repair(BaseModel):
    """Which controls are to be made true, none for all."""

    model_config = ConfigDict(extra="forbid", strict=True)

    controls: Annotated[list[_Control], Field(max_length=100)] = []


def controls_of(body: object) -> list[str]:
    """Return the controls that are to be repaired, none for all; raises InvalidRequest with all problems at once."""
    try:
        return Repair.model_validate(body).controls
    except ValidationError as error:
        hint = 'send {"controls": ["NAME", ...]}; {} is all of the account\'s type'
        raise refused(error, hint) from error
