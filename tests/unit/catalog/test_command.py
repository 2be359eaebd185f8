"""``python -m avm.catalog``, as the build calls it."""

import subprocess
import sys
from pathlib import Path

import pytest

from avm.catalog.__main__ import main
from tests.unit.catalog.catalog_copy import SHIPPED, CatalogCopy


def test_a_sound_catalog_is_one_line_and_exit_code_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(SHIPPED)]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.endswith("8 account types, 7 OUs, 7 SCPs, 2 RCPs, 6 permission sets, 3 conformance packs")


def test_a_broken_catalog_is_a_line_per_problem_and_exit_code_2(copy: CatalogCopy) -> None:
    copy.replace("account_types/sandbox.yaml", "ou: Sandbox", "ou: Sandbocks")
    copy.replace("organization.yaml", "^CC-[0-9]{4,8}$", "^CC-[0-9")
    command = [sys.executable, "-m", "avm.catalog", str(copy.directory)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # our own module
    assert done.returncode == 2
    folder, line = copy.directory, copy.line("organization.yaml", "^CC-")
    ou, cost_center = done.stdout.splitlines()
    assert ou == f"{folder}/account_types/sandbox.yaml:4: ou: there is no OU 'Sandbocks' (did you mean 'Sandbox'?)"
    assert cost_center.startswith(
        f"{folder}/organization.yaml:{line}: cost_center_pattern: is not a regular expression"
    )
    assert cost_center.endswith("(write it like ^CC-[0-9]{4,8}$)")
    assert done.stderr == ""


def test_a_folder_that_is_not_there_is_a_problem_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "nowhere")]) == 2
    assert "organization.yaml:1: cannot be read: No such file or directory" in capsys.readouterr().out


def test_schemas_are_written_where_editors_look(copy: CatalogCopy) -> None:
    for path in (copy.directory / "schema").iterdir():
        path.write_text("old")
    assert main([str(copy.directory), "--write-schemas"]) == 0
    for path in (copy.directory / "schema").iterdir():
        assert path.read_text() == (SHIPPED / "schema" / path.name).read_text()
