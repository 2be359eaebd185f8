"""docs/catalog.md has a row for each field of the catalog's files, and for nothing else."""

import re
import typing
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from avm.catalog.loader import MODELS
from avm.domain.account_request import Contact
from avm.domain.policy_document import PolicyDocument
from avm.domain.rcp import ResourcePolicyDocument

DOCS = Path(__file__).parents[3] / "docs" / "catalog.md"
SECTIONS: dict[str, type[BaseModel]] = {**MODELS, "Policy documents": ResourcePolicyDocument}


def _fields(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        path = f"{prefix}{field.alias or name}"
        yield path
        for child, suffix in _models_in(field.annotation):
            if child is Contact:
                yield from _fields(child, "contacts.*.")
            elif not issubclass(child, PolicyDocument):
                yield from _fields(child, f"{path}{suffix}.")


def _models_in(annotation: object) -> Iterator[tuple[type[BaseModel], str]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation, ""
    origin = typing.get_origin(annotation)
    suffix = (
        "[]" if origin is tuple else ".NAME" if isinstance(origin, type) and issubclass(origin, typing.Mapping) else ""
    )
    for argument in typing.get_args(annotation):
        for child, deeper in _models_in(argument):
            yield child, suffix + deeper


def _rows(section: str) -> list[str]:
    (text,) = re.findall(rf"^## {re.escape(section)}\n(.*?)(?=^## |\Z)", DOCS.read_text(), re.MULTILINE | re.DOTALL)
    return re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE)


@pytest.mark.parametrize("section", SECTIONS)
def test_every_field_has_its_row_and_every_row_its_field(section: str) -> None:
    rows = _rows(section)
    assert len(rows) == len(set(rows))
    assert set(rows) == set(_fields(SECTIONS[section]))


def test_the_docs_show_what_the_shipped_types_are() -> None:
    shipped = {path.stem for path in DOCS.parents[1].glob("layers/catalog/catalog/account_types/*.yaml")}
    table = DOCS.read_text().partition("## What is shipped")[2]
    assert all(f"\n| {name} | " in table for name in shipped)
