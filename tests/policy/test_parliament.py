"""parliament, a linter of policies from outside, finds nothing in the shipped documents that is not explained here."""

from __future__ import annotations

import warnings

import pytest

from tests.policy.guardrail_rows import CATALOG, GUARDRAILS

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # what its dependencies warn of, at import
    import parliament

DOCUMENTS = {name: each.policy for name, each in GUARDRAILS.items()} | {
    name: each.inline_policy for name, each in CATALOG.permission_sets.items() if each.inline_policy
}

EXPLAINED = {
    ("avm-costly-services", "UNKNOWN_ACTION", "redshift-serverless:CreateReservation"): "newer than its data",
    ("avm-organization-perimeter", "UNKNOWN_CONDITION_FOR_ACTION", "aws:SourceOrgID"): "newer than its data",
    ("avm-protect-baseline", "UNKNOWN_ACTION", "account:PutAccountName"): "newer than its data",
    ("avm-protect-baseline", "UNKNOWN_ACTION", "cloudtrail:PutEventConfiguration"): "newer than its data",
    ("avm-protect-baseline", "UNKNOWN_ACTION", "iam:Acquire*"): "newer than its data: see test_guardrail_shape.py",
    ("avm-require-encryption", "UNKNOWN_CONDITION_FOR_ACTION", "rds:StorageEncrypted"): "a key of the resource type db",
    ("avm-require-encryption", "UNKNOWN_CONDITION_FOR_ACTION", "rds:DatabaseEngine"): "a key of the resource type db",
    ("DeveloperAccess", "RESOURCE_STAR", "iam:GetRole"): "sees all identities, and changes none",
}
"""(document, issue, what it is about): why it stays."""


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_parliament_finds_nothing_that_is_not_explained(name: str) -> None:
    findings = parliament.analyze_policy_string(DOCUMENTS[name].content()).findings
    expected = {(issue, about) for document, issue, about in EXPLAINED if document == name}
    found = [(finding.issue, str(finding.detail)) for finding in findings]
    unexplained = [
        each for each in found if not any(each[0] == issue and about in each[1] for issue, about in expected)
    ]
    assert unexplained == []
    stale = [each for each in expected if not any(each[0] == issue and each[1] in detail for issue, detail in found)]
    assert stale == []


def test_parliament_knows_the_faults_that_it_is_there_for() -> None:
    faulty = CATALOG.scps["avm-deny-leave"].content.replace("LeaveOrganization", "LeafOrganization")
    assert [each.issue for each in parliament.analyze_policy_string(faulty).findings] == ["UNKNOWN_ACTION"]
