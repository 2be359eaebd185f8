"""Each kind of mistake that an operator can make with resource control policies, planted one at a time."""

from __future__ import annotations

import shutil

import pytest

from tests.unit.catalog.catalog_copy import CatalogCopy
from tests.unit.catalog.faults import ORGANIZATION, Fault, assert_planted

PERIMETER = "rcps/avm-organization-perimeter.yaml"
TLS = "rcps/avm-require-tls.yaml"
TLS_ACTIONS = 'Action: ["s3:*", "sqs:*", "kms:*", "secretsmanager:*", "sts:*"]'
STATEMENT = "policy.Statement[0]"
ON_PROD = (
    "Prod:\n    scps: "
    "[avm-approved-regions, avm-require-encryption, avm-protect-baseline, avm-deny-leave, avm-deny-root]"
)

FAULTS = {
    "allows": Fault(TLS, "Effect: Deny", "Effect: Allow", "policy:", "policy", "RCPFullAWSAccess, which stays"),
    "binds nobody": Fault(TLS, '      Principal: "*"\n', "", "Sid", f"{STATEMENT}.Principal", "is missing"),
    "binds somebody": Fault(
        TLS, 'Principal: "*"', 'Principal: "111122223333"', "Principal", f"{STATEMENT}.Principal", "'*'"
    ),
    "denies all but": Fault(
        TLS, TLS_ACTIONS, 'NotAction: ["s3:*"]', "Sid", STATEMENT, "has NotAction, which AWS does not take in an RCP"
    ),
    "denies everything": Fault(
        TLS, TLS_ACTIONS, 'Action: "*"', "Sid", STATEMENT, "denies '*', which AWS does not take in an RCP"
    ),
    "denies what no RCP reaches": Fault(
        TLS, '"sqs:*"', '"sns:*"', "Sid", STATEMENT, "denies sns:*, but AWS applies no RCP to the service sns"
    ),
    "spares services without a word": Fault(
        PERIMETER,
        "  aws:PrincipalIsAWSService: AWS services",
        "  aws:AssumedRoot: AWS services",
        "exempt:",
        "exempt",
        "also spares aws:PrincipalIsAWSService",
    ),
    "unknown": Fault(
        ORGANIZATION,
        f"{ON_PROD}\n    rcps: [avm-organization-perimeter",
        f"{ON_PROD}\n    rcps: [avm-organisation-perimeter",
        "avm-organisation",
        "ous.Prod.rcps[0]",
        "there is no RCP 'avm-organisation-perimeter'",
    ),
    "too long": Fault(
        ORGANIZATION, "rcp_characters: 5120", "rcp_characters: 500", "policy:", "policy", "500 fit", PERIMETER
    ),
    "more than AWS attaches": Fault(
        ORGANIZATION,
        "rcps_per_target: 5",
        "rcps_per_target: 6",
        "rcps_per_target",
        "limits.rcps_per_target",
        "AWS takes 5 RCPs on an OU or account at most, not 6",
    ),
    "larger than AWS takes": Fault(
        ORGANIZATION,
        "rcp_characters: 5120",
        "rcp_characters: 5121",
        "rcp_characters",
        "limits.rcp_characters",
        "AWS takes 5120 characters in an RCP at most, not 5121",
    ),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_a_planted_fault_is_the_one_problem_named(copy: CatalogCopy, fault: Fault) -> None:
    assert_planted(copy, fault)


def test_an_ou_keeps_a_slot_free_for_a_changed_rcp(copy: CatalogCopy) -> None:
    names = [f"avm-more-{number}" for number in range(2)]
    text = (copy.directory / TLS).read_text()
    for name in names:
        (copy.directory / "rcps" / f"{name}.yaml").write_text(text.replace("name: avm-require-tls", f"name: {name}"))
    copy.replace(ORGANIZATION, f"{ON_PROD}\n    rcps: [", f"{ON_PROD}\n    rcps: [{names[0]}, ")
    copy.loads()
    copy.replace(ORGANIZATION, f"    rcps: [{names[0]}, ", f"    rcps: [{names[0]}, {names[1]}, ")
    (problem,) = copy.problems()
    assert (problem.field, problem.line) == ("ous.Prod.rcps", copy.line(ORGANIZATION, names[1]))
    assert problem.reason == "has 4 RCPs, 3 fit"
    assert problem.hint == "merge or remove some: of 5 slots RCPFullAWSAccess takes one, 1 must stay free for changes"


def test_a_catalog_needs_no_rcps_and_no_words_about_their_limits(copy: CatalogCopy) -> None:
    shutil.rmtree(copy.directory / "rcps")
    path = copy.directory / ORGANIZATION
    path.write_text("".join(line for line in path.read_text().splitlines(keepends=True) if "rcp" not in line))
    copy.loads()


BROKER_OUT = (
    "OutsideOrganization locks out the broker, in the management account, which makes and repairs the vending roles: "
    "sts:AssumeRole on arn:aws:iam::111122223333:role/OrganizationAccountAccessRole in eu-west-1 is denied in accounts "
    "in the OU Security"
)
LOGS_OUT = (
    "OnBehalfOfOthers locks out cloudtrail.amazonaws.com, which delivers the organization's logs: s3:PutObject on "
    "arn:aws:s3:::archive/AWSLogs/999988887777/log in eu-west-1 is denied in accounts of the type log-archive in the "
    "OU Security"
)
LOCKOUTS = {
    "the broker, and everybody else": ("aws:PrincipalOrgID", BROKER_OUT),
    "the organization's logs": ("aws:SourceOrgID", LOGS_OUT),
}


@pytest.mark.parametrize("who", LOCKOUTS)
def test_a_perimeter_that_keeps_out_who_must_get_in_is_refused(copy: CatalogCopy, who: str) -> None:
    key, reason = LOCKOUTS[who]
    copy.replace(PERIMETER, f'{key}: "{{organization_id}}"', f"{key}: o-elsewhere00")
    problems = copy.problems()
    assert reason in {problem.reason for problem in problems}
    for problem in problems:
        assert (problem.file, problem.field.partition("[")[0]) == (PERIMETER, "policy.Statement")
        assert "{organization_id}" in problem.hint


def test_a_perimeter_that_spares_no_service_keeps_the_logs_out(copy: CatalogCopy) -> None:
    path = copy.directory / PERIMETER
    text = path.read_text().replace('        BoolIfExists:\n          aws:PrincipalIsAWSService: "false"\n', "")
    path.write_text(
        "".join(line for line in text.splitlines(keepends=True) if not line.startswith(("exempt", "  aws:")))
    )
    kept_out = {problem.reason.partition(" locks out ")[2].partition(",")[0] for problem in copy.problems()}
    assert kept_out == {"cloudtrail.amazonaws.com", "config.amazonaws.com", "delivery.logs.amazonaws.com"}
