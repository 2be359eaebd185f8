"""What the models of catalog files have in common: strict reading, and faults that say what to do."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Annotated, LiteralString, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints
from pydantic_core import PydanticCustomError

FAULT = "catalog_fault"
"""Type of the validation errors that carry their own hint in ``ctx``."""

_Item = TypeVar("_Item", bound=Hashable)


class CatalogModel(BaseModel):
    """Base of everything read from catalog files: unknown fields are refused, nothing is converted or changed."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, serialize_by_alias=True)


def fault(reason: str, hint: str) -> PydanticCustomError:
    """Return the error that a validator raises: ``reason`` says what is wrong, ``hint`` what to do."""
    template: LiteralString = "{reason}"
    return PydanticCustomError(FAULT, template, {"reason": reason, "hint": hint})


def each_once(items: Sequence[_Item]) -> Sequence[_Item]:
    """Return ``items``; raise a fault when one of them stands there twice."""
    for position, item in enumerate(items):
        if item in items[:position]:
            raise fault(f"entry {position + 1} repeats an earlier one", "name each entry once")
    return items


Name = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
Names = Annotated[tuple[Name, ...], AfterValidator(each_once)]
Text = Annotated[str, StringConstraints(min_length=1, pattern=r"\S")]
