"""Each kind of mistake that an operator can make with conformance packs, planted one at a time."""

from __future__ import annotations

import json
import shutil

import pytest

from avm.catalog import load_catalog
from avm.domain.conformance_pack import is_ours
from tests.unit.catalog.catalog_copy import CatalogCopy
from tests.unit.catalog.faults import ORGANIZATION, Fault, assert_planted

IDENTITY = "conformance_packs/avm-identity.yaml"
RESILIENCE = "conformance_packs/avm-resilience.yaml"
ROOT_MFA = "template.Resources.RootMfa"
PROD = "conformance_packs: [avm-identity, avm-exposure, avm-resilience]"

FAULTS = {
    "in no Regions": Fault(IDENTITY, "regions: home", "regions: some", "regions:", "regions", "'home' or 'governed'"),
    "of somebody's own rules": Fault(
        IDENTITY,
        "Source: {Owner: AWS, SourceIdentifier: ROOT_ACCOUNT_MFA_ENABLED}",
        "Source: {Owner: CUSTOM_LAMBDA, SourceIdentifier: ROOT_ACCOUNT_MFA_ENABLED}",
        "Source: {Owner: CUSTOM_LAMBDA, SourceIdentifier: ROOT_ACCOUNT_MFA_ENABLED}",
        f"{ROOT_MFA}.Properties.Source.Owner",
        "'AWS'",
    ),
    "mends": Fault(
        IDENTITY,
        "    RootMfa:\n      Type: AWS::Config::ConfigRule",
        "    RootMfa:\n      Type: AWS::Config::RemediationConfiguration",
        "      Type: AWS::Config::RemediationConfiguration",
        f"{ROOT_MFA}.Type",
        "'AWS::Config::ConfigRule'",
    ),
    "a parameter that is no text": Fault(
        IDENTITY,
        'MinimumPasswordLength: "14"',
        "MinimumPasswordLength: 14",
        "MinimumPasswordLength",
        "template.Resources.PasswordPolicy.Properties.InputParameters.MinimumPasswordLength",
        "must be text",
    ),
    "unknown": Fault(
        ORGANIZATION,
        PROD,
        PROD.replace("resilience", "resilence"),
        "avm-resilence",
        "ous.Prod.conformance_packs[2]",
        "there is no conformance pack 'avm-resilence'",
    ),
    "nothing is recorded": Fault(
        "account_types/sandbox.yaml",
        "  config-recorder: {}\n",
        "",
        "controls:",
        "controls",
        "lacks config-recorder, and OU Sandbox has conformance packs",
    ),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_a_planted_fault_is_named_on_its_line(copy: CatalogCopy, fault: Fault) -> None:
    if "lacks" in fault.reason:  # what needs a recorder, or another that does, would be named, too
        for name in ("config-aggregation", "conformance-packs", "security-hub-member"):
            copy.replace(fault.file, f"  {name}: {{}}\n", "")
    assert_planted(copy, fault)


def test_a_pack_is_called_so_that_it_is_known_as_ours(copy: CatalogCopy) -> None:
    (copy.directory / IDENTITY).rename(copy.directory / "conformance_packs" / "identity.yaml")
    copy.replace("conformance_packs/identity.yaml", "name: avm-identity", "name: identity")
    assert "^avm(-" in next(each.reason for each in copy.problems() if each.field == "name")


def test_a_pack_that_is_larger_than_aws_takes_is_refused(copy: CatalogCopy) -> None:
    path = copy.directory / RESILIENCE
    rule = path.read_text().partition("  Resources:\n")[2].partition("    RdsDeletionProtection")[0]
    with path.open("a") as file:
        file.writelines(rule.replace("RdsBackup", f"Copy{number}") for number in range(400))
    (problem,) = copy.problems()
    assert (problem.file, problem.field) == (RESILIENCE, "template")
    assert "AWS takes 51200" in problem.reason


def test_an_ou_below_has_the_packs_of_the_ou_above(copy: CatalogCopy) -> None:
    copy.replace(
        ORGANIZATION, "  Prod:\n", "  Live:\n    conformance_packs: [avm-resilience]\n  Prod:\n    parent: Live\n"
    )
    copy.replace(ORGANIZATION, PROD, "conformance_packs: [avm-identity, avm-exposure]")
    assert load_catalog(copy.directory).ous_judged_by("avm-resilience") == ("Live", "Prod")


def test_a_catalog_without_packs_is_one(copy: CatalogCopy) -> None:
    shutil.rmtree(copy.directory / "conformance_packs")
    path = copy.directory / ORGANIZATION
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(line for line in lines if "conformance_packs" not in line))
    assert load_catalog(copy.directory).conformance_packs == {}


def test_what_aws_gets_is_the_file_and_the_name_tells_one_content_from_another(copy: CatalogCopy) -> None:
    before = load_catalog(copy.directory).conformance_packs["avm-identity"]
    rules = json.loads(before.body)["Resources"]
    assert rules["PasswordPolicy"] == {
        "Type": "AWS::Config::ConfigRule",
        "Properties": {
            "ConfigRuleName": "iam-password-policy",
            "Source": {"Owner": "AWS", "SourceIdentifier": "IAM_PASSWORD_POLICY"},
            "InputParameters": {"MinimumPasswordLength": "14", "PasswordReusePrevention": "24"},
        },
    }
    assert "InputParameters" not in rules["RootMfa"]["Properties"]
    copy.replace(IDENTITY, "# IAM is the same", "# still, IAM is the same")
    assert load_catalog(copy.directory).conformance_packs["avm-identity"].aws_name == before.aws_name
    copy.replace(IDENTITY, '"14"', '"15"')
    after = load_catalog(copy.directory).conformance_packs["avm-identity"]
    assert after.aws_name != before.aws_name
    assert is_ours(before.aws_name)
    assert is_ours(after.aws_name)


@pytest.mark.parametrize("name", ["avm-identity", "avm-identity-by-hand", "theirs-0a1b2c3d", "OrgPack"])
def test_packs_of_others_are_not_ours(name: str) -> None:
    assert not is_ours(name)
