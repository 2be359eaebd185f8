"""What editors get agrees with what the loader reads."""

from pathlib import Path

import jsonschema  # type: ignore[import-untyped]  # ships no types
import pytest
import yaml

from avm.catalog.schemas import schemas
from avm.catalog.source import read_source
from tests.unit.catalog.catalog_copy import SHIPPED, CatalogCopy

FILES = sorted(str(path.relative_to(SHIPPED)) for path in SHIPPED.glob("**/*.yaml"))


def _schema_of(file: str) -> Path:
    first = (SHIPPED / file).read_text().splitlines()[0]
    assert first.startswith("# yaml-language-server: $schema="), f"{file} does not name its schema"
    return (SHIPPED / file).parent / first.partition("=")[2]


def test_the_written_schemas_are_fresh() -> None:
    written = {path.name: path.read_text() for path in (SHIPPED / "schema").iterdir()}
    assert written == dict(schemas()), "run: python -m avm.catalog layers/catalog/catalog --write-schemas"


@pytest.mark.parametrize("file", FILES)
def test_every_shipped_file_fits_the_schema_that_it_names(file: str) -> None:
    schema = yaml.safe_load(_schema_of(file).read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(read_source(SHIPPED, file).data)


def test_a_schema_refuses_what_the_loader_refuses(copy: CatalogCopy) -> None:
    file = "account_types/sandbox.yaml"
    copy.replace(file, "approval: false", "aproval: maybe")
    schema = yaml.safe_load(_schema_of(file).read_text())
    errors = jsonschema.Draft202012Validator(schema).iter_errors(read_source(copy.directory, file).data)
    assert {error.validator for error in errors} == {"additionalProperties", "required"}
