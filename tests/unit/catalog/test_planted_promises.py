"""Promises that an account type does not make, or nobody can keep, planted in the shipped catalog one at a time."""

import pytest

from tests.unit.catalog.catalog_copy import CatalogCopy
from tests.unit.catalog.faults import ORGANIZATION, SANDBOX, Fault, assert_planted

HUB = "security-hub-member: {}"

FAULTS = {
    "unknown control": Fault(
        SANDBOX, "account-tags: {}", "acount-tags: {}", "acount-tags", "controls.acount-tags", "no control"
    ),
    "control left out that a vend makes true": Fault(
        SANDBOX, "  access-assignments: {}\n", "", "controls:", "controls", "lacks access-assignments"
    ),
    "parameter that a control does not take": Fault(
        SANDBOX,
        "account-tags: {}",
        "account-tags: {colour: red}",
        "colour",
        "controls.account-tags.colour",
        "is not a parameter of account-tags",
    ),
    "OU guardrails left out": Fault(
        SANDBOX, "  ou-guardrails: {}\n", "", "controls:", "controls", "lacks ou-guardrails"
    ),
    "account guardrails left out": Fault(
        SANDBOX, "  account-guardrails: {}\n", "", "controls:", "controls", "lacks account-guardrails"
    ),
    "parameter of the wrong kind": Fault(
        SANDBOX,
        HUB,
        "security-hub-member: {standards: x}",
        "standards",
        "controls.security-hub-member.standards",
        "a list",
    ),
    "parameter that cannot be": Fault(
        SANDBOX,
        HUB,
        "security-hub-member: {standards: [CIS]}",
        "standards",
        "controls.security-hub-member.standards[0]",
        "not 'CIS'",
    ),
    "contact that a type promises": Fault(
        ORGANIZATION,
        "  billing: {name",
        "  # billing: {name",
        "contacts:",
        "contacts.billing",
        "is missing, and account_types/development.yaml promises alternate-contacts",
    ),
    "contact that is null": Fault(
        ORGANIZATION,
        "  billing: {name",
        "  billing: null\n  # {name",
        "  billing: null",
        "contacts.billing",
        "is missing",
    ),
    # the quarantine
    "OU in quarantine": Fault(
        SANDBOX,
        "ou: Sandbox",
        "ou: Suspended",
        "ou: Suspended",
        "ou",
        "avm-quarantine is attached to the OU 'Suspended'",
    ),
    "OU under one in quarantine": Fault(
        ORGANIZATION,
        "  Sandbox:\n",
        "  Sandbox:\n    parent: Suspended\n",
        "ou: Sandbox",
        "ou",
        "avm-quarantine is attached to the OU 'Suspended'",
        SANDBOX,
    ),
    "quarantine on the account": Fault(
        SANDBOX,
        "approval: false",
        "approval: false\nscps: [avm-deny-root, avm-quarantine]",
        "scps:",
        "scps[1]",
        "its accounts would stay in quarantine",
    ),
    # what AWS takes
    "more SCPs than AWS attaches": Fault(
        ORGANIZATION, "target: 10", "target: 11", "scps_per_target", "limits.scps_per_target", "AWS takes 10 SCPs"
    ),
    "larger SCPs than AWS takes": Fault(
        ORGANIZATION,
        "characters: 10240",
        "characters: 10241",
        "scp_characters",
        "limits.scp_characters",
        "AWS takes 10240 characters in an SCP at most, not 10241",
    ),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_a_promise_that_cannot_be_kept_is_the_one_problem_named(copy: CatalogCopy, fault: Fault) -> None:
    assert_planted(copy, fault)


def test_a_parameter_that_is_wrong_is_told_with_what_the_control_takes(copy: CatalogCopy) -> None:
    copy.replace(SANDBOX, HUB, "security-hub-member: {standard: x}")
    (problem,) = copy.problems()
    assert (problem.reason, problem.hint) == (
        "is not a parameter of security-hub-member",
        "security-hub-member takes standards",
    )


def test_contacts_may_be_missing_where_no_type_promises_them(copy: CatalogCopy) -> None:
    for path in (copy.directory / "account_types").iterdir():
        path.write_text(path.read_text().replace("  alternate-contacts: {}\n", ""))
    copy.replace(ORGANIZATION, "  billing: {name", "  # billing: {name")
    copy.loads()


@pytest.mark.parametrize(
    ("missing", "resting"),
    [
        ("log-archive", {"config-recorder", "organization-trail", "vpc-flow-logs"}),
        (
            "security",
            {
                *("access-analyzer", "config-aggregation", "conformance-packs"),
                *("guardduty-member", "guardduty-protection", "security-hub-member"),
            },
        ),
    ],
)
def test_controls_without_the_account_that_they_rest_on_are_refused(
    copy: CatalogCopy, missing: str, resting: set[str]
) -> None:
    (copy.directory / f"account_types/{missing}.yaml").unlink()
    problems = copy.problems()
    of_sandbox = [problem for problem in problems if problem.file == SANDBOX]
    assert {problem.field for problem in of_sandbox} == {f"controls.{name}" for name in resting}
    for problem in of_sandbox:
        assert problem.line == copy.line(SANDBOX, f"  {problem.field.removeprefix('controls.')}: {{}}")
        assert problem.reason.startswith(f"rests on the account of the type '{missing}'")
        assert f"account_types/{missing}.yaml" in problem.hint
