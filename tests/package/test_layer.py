"""What the code layer holds, and how it is put together."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.names import ROOT
from tools.build_layer import ALWAYS, services_in_use, trimmed

LAYER = ROOT / ".build" / "host" / "VendingLayer" / "python"
PACKAGE = ROOT / "layers" / "vending" / "avm"
UNCHECKED_HASH = 1


def test_the_layer_holds_the_package_and_what_it_is_locked_to_and_nothing_else() -> None:
    locked = set(re.findall(r"^([\w-]+)==", (ROOT / "requirements" / "layer.txt").read_text("utf-8"), re.MULTILINE))
    installed = {folder.name.partition("-")[0].replace("_", "-").lower() for folder in LAYER.glob("*.dist-info")}
    assert installed == locked
    assert {path.name for path in LAYER.iterdir()} & {"avm_cli", "avm_emulator", "bin", "tests"} == set()


def test_the_layer_holds_the_package_as_it_is_written() -> None:
    written = {file.relative_to(PACKAGE): file.read_bytes() for file in PACKAGE.rglob("*") if file.suffix == ".py"}
    built = {file.relative_to(LAYER / "avm"): file.read_bytes() for file in (LAYER / "avm").rglob("*.py")}
    assert built == written


def test_everything_has_bytecode_that_no_file_time_can_outdate() -> None:
    for file in LAYER.rglob("*.py"):
        (compiled,) = (file.parent / "__pycache__").glob(f"{file.stem}.cpython-*.pyc")
        assert compiled.read_bytes()[4] == UNCHECKED_HASH


def test_boto_knows_the_services_in_use_only() -> None:
    known = {folder.name for folder in (LAYER / "botocore" / "data").iterdir() if folder.is_dir()}
    assert known == services_in_use(PACKAGE)
    assert {"dynamodb", "organizations"} <= known


def test_a_service_is_found_by_the_name_that_a_client_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "code.py").write_text(
        "def use(session, self, name):\n"
        "    session.client('iam')\n"
        "    self._clients('sso-admin')\n"
        "    session.client(name)\n"
        "    session.customer('nobody')\n"
    )
    assert services_in_use(tmp_path) == ALWAYS | {"iam", "sso-admin"}


def test_a_service_that_boto_does_not_know_stops_the_build() -> None:
    with pytest.raises(SystemExit, match="botocore has no data for identity-center"):
        list(trimmed(LAYER, ["dynamodb", "identity-center"]))


def test_the_catalog_layer_is_the_catalog() -> None:
    catalog = ROOT / "layers" / "catalog" / "catalog"
    built = ROOT / ".build" / "host" / "CatalogLayer" / "catalog"
    files = {file.relative_to(catalog): file.read_bytes() for file in catalog.rglob("*") if file.is_file()}
    assert {file.relative_to(built): file.read_bytes() for file in built.rglob("*") if file.is_file()} == files
