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
    assert "development, log-archive, production, sandbox, security, shared-services, test, tooling" in result.stdout


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


HARMFUL = {
    "locks out a vending role": (
        "scps/avm-deny-leave.yaml",
        ("account:CloseAccount", "iam:CreateRole"),
        "iam:CreateRole on arn:aws:iam::111122223333:role/avm/avm-enforce in us-east-1 is denied",
    ),
    "locks out the break-glass role": (
        "scps/avm-deny-leave.yaml",
        ("account:CloseAccount", "s3:PutBucketPolicy"),
        "which is the way in for emergencies: s3:PutBucketPolicy on arn:aws:s3:::bucket in eu-west-1 is denied",
    ),
    "is larger than AWS takes": (
        "organization.yaml",
        ("scp_characters: 10240", "scp_characters: 2800"),
        "characters without white space, 2800 fit",
    ),
    "is one more than an OU takes": (
        "organization.yaml",
        ("scps_per_target: 10", "scps_per_target: 6"),
        "SCPs, 4 fit (merge or remove some: of 6 slots FullAWSAccess takes one, 1 must stay free",
    ),
    "allows, as if FullAWSAccess were not inherited": (
        "scps/avm-deny-leave.yaml",
        ("Effect: Deny", "Effect: Allow"),
        "statement 'DenyLeaving' allows; beside FullAWSAccess, which stays, it changes nothing",
    ),
}


@pytest.mark.parametrize("harm", HARMFUL)
def test_a_guardrail_that_does_harm_is_refused_with_what_proves_it(harm: str, tmp_path: Path) -> None:
    shutil.copytree(CATALOG, tmp_path / "catalog")
    name, (old, new), proof = HARMFUL[harm]
    file = tmp_path / "catalog" / name
    text = file.read_text()
    assert text.count(old) == 1
    file.write_text(text.replace(old, new))
    result = CliRunner().invoke(app, ["catalog", "validate", str(tmp_path / "catalog")])
    assert result.exit_code == 2
    assert proof in result.stdout


@pytest.mark.parametrize("missing", ["no-such-directory", "file"])
def test_a_directory_that_is_none_is_bad_usage(tmp_path: Path, missing: str) -> None:
    (tmp_path / "file").touch()
    assert CliRunner().invoke(app, ["catalog", "validate", str(tmp_path / missing)]).exit_code == 2
