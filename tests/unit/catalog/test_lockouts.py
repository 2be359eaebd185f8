"""Guardrails that lock out the vending roles or the break-glass role are refused, with the request that proves it."""

from __future__ import annotations

import pytest

from avm.catalog.rules import ORGANIZATION
from avm.domain.catalog_problem import CatalogProblem
from avm.domain.lifelines import LIFELINES
from tests.unit.catalog.catalog_copy import CatalogCopy

QUARANTINE = "scps/avm-quarantine.yaml"
REGIONS = "scps/avm-approved-regions.yaml"
LEAVE = "scps/avm-deny-leave.yaml"
BASELINE = "scps/avm-protect-baseline.yaml"
PRODUCTION = "account_types/production.yaml"


def _locked_out(problem: CatalogProblem) -> str:
    return problem.reason.partition("locks out role/")[2].partition(",")[0]


def _add(copy: CatalogCopy, name: str, action: str) -> None:
    """Add an SCP that denies ``action`` to everybody; it is attached nowhere yet."""
    text = (copy.directory / LEAVE).read_text()
    text = text.replace("name: avm-deny-leave", f"name: {name}").replace("account:CloseAccount", action)
    (copy.directory / "scps" / f"{name}.yaml").write_text(text)


def test_a_quarantine_that_holds_a_vending_role_is_refused(copy: CatalogCopy) -> None:
    copy.replace(QUARANTINE, "            - arn:*:iam::*:role/avm/avm-observe\n", "")
    copy.replace(QUARANTINE, "  arn:*:iam::*:role/avm/avm-observe: verifies it\n", "")
    (problem,) = copy.problems()
    assert (problem.file, problem.field) == (QUARANTINE, "policy.Statement[0]")
    assert problem.line == copy.line(QUARANTINE, "Sid: DenyUntilReleased")
    assert problem.reason == (
        "DenyUntilReleased locks out role/avm/avm-observe, which verifies the baseline: "
        "config:DescribeConfigurationRecorders on "
        "arn:aws:config:eu-west-1:111122223333:configuration-recorder/*/* in eu-west-1 is denied to a new account, "
        "in quarantine under the root"
    )
    assert "exempt the role" in problem.hint


@pytest.mark.parametrize("role", ["OrganizationAccountAccessRole", "avm/avm-enforce", "avm/avm-observe"])
def test_a_guardrail_that_spares_none_of_them_is_refused_for_each(copy: CatalogCopy, role: str) -> None:
    copy.replace(LEAVE, "organizations:LeaveOrganization", "iam:*")
    copy.replace(LEAVE, "- account:CloseAccount", '- "ec2:*"')
    problems = copy.problems()
    assert {problem.file for problem in problems} == {LEAVE}
    assert role in {_locked_out(problem) for problem in problems}


def test_a_region_deny_that_binds_the_vending_roles_is_refused_where_it_bites(copy: CatalogCopy) -> None:
    """Default VPCs go from Regions that nobody is allowed to use, too."""
    path = copy.directory / REGIONS
    path.write_text(path.read_text().replace("            - arn:*:iam::*:role/avm/avm-enforce\n", ""))
    copy.replace(REGIONS, "  arn:*:iam::*:role/avm/avm-enforce: hardens every enabled Region", "  #")
    (problem,) = copy.problems()
    assert _locked_out(problem) == "avm/avm-enforce"
    assert "in us-west-2 is denied" in problem.reason


def test_break_glass_is_not_locked_out_where_it_is_assigned(copy: CatalogCopy) -> None:
    copy.replace(LEAVE, "account:CloseAccount", "s3:PutBucketPolicy")
    (problem,) = copy.problems()
    assert _locked_out(problem).startswith("aws-reserved/sso.amazonaws.com/AWSReservedSSO_BreakGlass_")
    assert problem.line == copy.line(LEAVE, "Sid: DenyLeaving")
    assert "s3:PutBucketPolicy on arn:aws:s3:::bucket" in problem.reason


def test_break_glass_may_be_locked_out_where_nobody_is_given_it(copy: CatalogCopy) -> None:
    for path in (copy.directory / "account_types").glob("*.yaml"):
        text = path.read_text()
        path.write_text("".join(line for line in text.splitlines(keepends=True) if "BreakGlass" not in line))
    copy.replace(LEAVE, "account:CloseAccount", "s3:PutBucketPolicy")
    copy.loads()


def test_what_an_ou_inherits_counts(copy: CatalogCopy) -> None:
    """The SCP hangs on the OU above; it locks out in the OU below, where the accounts are."""
    text = (copy.directory / LEAVE).read_text()
    text = text.replace("name: avm-deny-leave", "name: avm-no-buckets").replace(
        "account:CloseAccount", "s3:PutBucketPolicy"
    )
    (copy.directory / "scps" / "avm-no-buckets.yaml").write_text(text)
    copy.replace(ORGANIZATION, "  Suspended:\n", "  Above: {scps: [avm-no-buckets]}\n  Suspended:\n")
    copy.loads()
    copy.replace(ORGANIZATION, "  Prod:\n", "  Prod:\n    parent: Above\n")
    (problem,) = copy.problems()
    assert problem.file == "scps/avm-no-buckets.yaml"
    assert problem.reason.endswith("is denied to accounts of the type production in the OU Prod")


def test_the_scps_of_an_account_type_count(copy: CatalogCopy) -> None:
    _add(copy, "avm-no-roles", "iam:CreateRole")
    copy.loads()
    copy.replace(PRODUCTION, "ou: Prod", "ou: Prod\nscps: [avm-no-roles]")
    (problem,) = copy.problems()
    assert _locked_out(problem) == "OrganizationAccountAccessRole"


def test_a_value_that_iam_refuses_is_named(copy: CatalogCopy) -> None:
    copy.replace("scps/avm-require-encryption.yaml", 'Bool: {ec2:Encrypted: "false"}', 'Bool: {ec2:Encrypted: "no"}')
    (problem,) = copy.problems()
    assert problem.field == "policy"
    assert problem.reason == "Statement[0]: Condition.Bool.ec2:Encrypted: 'no' is neither true nor false"


def test_the_vending_roles_of_the_lifelines_are_those_that_the_quarantine_spares() -> None:
    assert {f"arn:*:iam::*:role/{each.role}" for each in LIFELINES if each.is_vending} == {
        "arn:*:iam::*:role/OrganizationAccountAccessRole",
        "arn:*:iam::*:role/avm/avm-enforce",
        "arn:*:iam::*:role/avm/avm-observe",
    }
