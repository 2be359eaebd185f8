"""``avm catalog explain``, and what ``--json`` makes of the commands about the catalog."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from avm_cli.main import app

CATALOG = Path(__file__).parents[2] / "layers" / "catalog" / "catalog"
TYPES = ["development", "log-archive", "production", "sandbox", "security", "shared-services", "test", "tooling"]


def catalog(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["catalog", *arguments])


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """Return a catalog with one mistake on line 4 of a file."""
    shutil.copytree(CATALOG, tmp_path / "catalog")
    file = tmp_path / "catalog" / "account_types" / "sandbox.yaml"
    file.write_text(file.read_text().replace("ou: Sandbox", "ou: Sandbocks"))
    return tmp_path / "catalog"


def test_a_type_is_shown_with_all_that_is_true_of_its_accounts() -> None:
    result = catalog("explain", "log-archive")
    assert result.exit_code == 0, result.output
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert lines[0] == "log-archive: Keeps the logs of all accounts. Nobody works here."
    for line in (
        "OU Root / Security",
        "Approval not needed",
        "Accounts exactly one in the organization",
        "Budget 1000 USD a month, unless the request says otherwise",
        "Requests may give none",
        "Workload Regions eu-west-1, eu-central-1",
        "Governed Regions eu-west-1, eu-central-1, us-east-1",
        "Billing contact Finance Team, Cloud Billing, billing@example.com",
        "group platform-admins BreakGlass",
        (
            "OU Security 4 of 10 avm-approved-regions, avm-require-encryption, avm-protect-baseline, avm-deny-leave, "
            "avm-deny-root"
        ),
        "the account itself 8 of 10 none",
        "OU Security 2 of 5 avm-organization-perimeter, avm-require-tls",
        (
            "OU Security avm-identity home root-account-mfa-enabled, iam-root-access-key-check, "
            "mfa-enabled-for-iam-console-access, iam-password-policy, access-keys-rotated"
        ),
        "ebs-encryption New EBS volumes are encrypted by default.",
        "organization-trail member account observe foundation: log-archive, foundation: trail",
        (
            "security-hub-member security region enforce config-recorder, foundation: security-account standards: "
            '["aws-foundational-security-best-practices/v/1.0.0"]'
        ),
    ):
        assert line in lines


def test_without_a_type_each_is_shown() -> None:
    titles = [line.partition(":")[0] for line in catalog("explain").stdout.splitlines() if not line.startswith(" ")]
    assert [title for title in titles if title in TYPES] == TYPES


def test_json_is_one_object_or_a_list_of_them() -> None:
    one = json.loads(catalog("explain", "sandbox", "--json").stdout)
    assert one["name"] == "sandbox"
    assert one in json.loads(catalog("explain", "--json").stdout)["items"]
    assert json.loads(catalog("validate", "--json").stdout) == {
        "catalog_version": one["catalog_version"],
        "account_types": TYPES,
        "problems": [],
    }


def test_an_unknown_type_is_refused_with_the_known_ones() -> None:
    result = catalog("explain", "sandbx")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "There is no account type 'sandbx'" in result.stderr
    assert ", ".join(TYPES) in result.stderr


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_a_broken_catalog_is_answered_as_by_validate(broken: Path, form: list[str]) -> None:
    explained = catalog("explain", "sandbox", "--catalog", str(broken), *form)
    validated = catalog("validate", str(broken), *form)
    assert (explained.exit_code, explained.stdout) == (validated.exit_code, validated.stdout)
    assert explained.exit_code == 2
    assert "problems: 1" in explained.stderr


def test_problems_as_json_say_file_and_line(broken: Path) -> None:
    found = json.loads(catalog("validate", str(broken), "--json").stdout)
    assert (found["catalog_version"], found["account_types"]) == (None, [])
    (problem,) = found["problems"]
    assert (problem["file"], problem["line"]) == (f"{broken}/account_types/sandbox.yaml", 4)
    assert (problem["field"], problem["hint"]) == ("ou", "did you mean 'Sandbox'?")
