"""JSON Schemas of the catalog's files, for editors: made from the models that the loader uses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from avm.catalog.loader import MODELS


def schemas() -> Iterator[tuple[str, str]]:
    """Yield ``(file name, JSON text)`` of each schema."""
    for place, model in MODELS.items():
        name = place.removesuffix(".yaml").removesuffix("s")
        schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **model.model_json_schema()}
        yield f"{name}.json", json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def write_schemas(directory: Path) -> None:
    """Write the schemas into the folder ``schema`` of the catalog in ``directory``."""
    folder = directory / "schema"
    folder.mkdir(exist_ok=True)
    for name, text in schemas():
        (folder / name).write_text(text, encoding="utf-8")
