"""The shipped catalog, for all unit tests."""

from pathlib import Path

import pytest

from avm.catalog import load_catalog
from avm.domain.catalog import Catalog

CATALOG_DIR = Path(__file__).parents[2] / "layers" / "catalog" / "catalog"


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return load_catalog(CATALOG_DIR)
