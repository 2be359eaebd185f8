"""A copy of the shipped catalog that a test may spoil."""

import shutil
from pathlib import Path

import pytest

from tests.unit.catalog.catalog_copy import SHIPPED, CatalogCopy


@pytest.fixture
def copy(tmp_path: Path) -> CatalogCopy:
    shutil.copytree(SHIPPED, tmp_path / "catalog")
    return CatalogCopy(tmp_path / "catalog")
