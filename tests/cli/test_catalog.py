"""``avm catalog validate``."""

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from avm_cli.main import app

CATALOG = Path(__file__).parents[2] / "layers" / "catalog" / "catalog"


def test_the_shipped_catalog_is_the_default_and_sound() -> None:
    result = CliRunner().invoke(app, ["catalog", "validate"])
    assert result.exit_code == 0, result.output
    assert "development, log-archive, production, sandbox, security, shared-services, test" in result.stdout


def test_problems_are_lines_with_file_and_line(tmp_path: Path) -> None:
    shutil.copytree(CATALOG, tmp_path / "catalog")
    broken = tmp_path / "catalog" / "account_types" / "sandbox.yaml"
    lines = broken.read_text().splitlines()
    broken.write_text("\n".join([*lines, "colour: blue", "size: big"]))
    result = CliRunner().invoke(app, ["catalog", "validate", str(tmp_path / "catalog")])
    assert result.exit_code == 2
    found = result.stdout.splitlines()
    assert found[0].startswith(f"{broken}:{len(lines) + 1}: colour: ")
    assert found[1].startswith(f"{broken}:{len(lines) + 2}: size: ")
    assert "problems: 2" in result.stderr


@pytest.mark.parametrize("missing", ["no-such-directory", "file"])
def test_a_directory_that_is_none_is_bad_usage(tmp_path: Path, missing: str) -> None:
    (tmp_path / "file").touch()
    assert CliRunner().invoke(app, ["catalog", "validate", str(tmp_path / missing)]).exit_code == 2
