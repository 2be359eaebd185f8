"""Findings of Security Hub: imported by the account that they are of, and worked on by people."""

from __future__ import annotations

from typing import Any

import pytest

from avm_emulator.context import Emulator
from tests.emulator.lab import until
from tests.emulator.members import REGION, email, inside
from tests.emulator.security_hub_lab import Accounts, accounts, options

__all__ = ["accounts", "options"]


@pytest.fixture
def hub(emulator: Emulator, accounts: Accounts) -> Any:
    return inside(emulator, "securityhub", accounts["security"])


def product(account_id: str) -> str:
    return f"arn:aws:securityhub:{REGION}:{account_id}:product/{account_id}/default"


def finding(account_id: str, number: str, **more: Any) -> dict[str, Any]:
    return {
        "SchemaVersion": "2018-10-08",
        "Id": number,
        "ProductArn": product(account_id),
        "GeneratorId": "g",
        "AwsAccountId": account_id,
        "CreatedAt": "2026-01-01T00:00:00Z",
        "UpdatedAt": "2026-01-01T00:00:00Z",
        "Title": "t",
        "Description": "d",
        "Severity": {"Label": "MEDIUM"},
        "Resources": [{"Type": "AwsAccount", "Id": f"AWS::::Account:{account_id}"}],
        "Compliance": {"Status": "FAILED"},
        **more,
    }


def shown(hub: Any, number: str) -> dict[str, Any]:
    (only,) = hub.get_findings(Filters={"Id": [{"Value": number, "Comparison": "EQUALS"}]})["Findings"]
    return dict(only)


def test_a_finding_is_imported_changed_and_resolved(hub: Any, accounts: Accounts) -> None:
    account_id = accounts["security"]
    answer = hub.batch_import_findings(Findings=[finding(account_id, "one")])
    assert (answer["SuccessCount"], answer["FailedFindings"]) == (1, [])
    assert (shown(hub, "one")["Workflow"], shown(hub, "one")["RecordState"]) == ({"Status": "NEW"}, "ACTIVE")
    identifier = {"Id": "one", "ProductArn": product(account_id)}
    note = {"Text": "mended", "UpdatedBy": "us"}
    answer = hub.batch_update_findings(
        FindingIdentifiers=[identifier, {**identifier, "Id": "none"}], Workflow={"Status": "RESOLVED"}, Note=note
    )
    assert answer["ProcessedFindings"] == [identifier]
    assert [each["ErrorCode"] for each in answer["UnprocessedFindings"]] == ["FindingNotFound"]
    later = finding(account_id, "one", UpdatedAt="2026-01-02T00:00:00Z", Compliance={"Status": "PASSED"})
    hub.batch_import_findings(Findings=[{**later, "Workflow": {"Status": "NEW"}}])
    hub.batch_import_findings(Findings=[finding(account_id, "one", Title="old")])
    now = shown(hub, "one")
    assert (now["Workflow"]["Status"], now["Note"]["Text"]) == ("RESOLVED", "mended")
    assert (now["Compliance"]["Status"], now["Title"]) == ("PASSED", "t")


def test_an_account_speaks_of_itself_alone_by_its_default_product(hub: Any, accounts: Accounts) -> None:
    own, other = accounts["security"], accounts["payments"]
    strange = [
        finding(other, "of-another"),
        finding(own, "by-another", AwsAccountId=other),
        finding(own, "about-nothing", Resources=[]),
    ]
    answer = hub.batch_import_findings(Findings=[*strange, finding(own, "good")])
    assert (answer["FailedCount"], answer["SuccessCount"]) == (3, 1)
    assert [(each["Id"], each["ErrorCode"]) for each in answer["FailedFindings"]] == [
        (each["Id"], "InvalidInput") for each in strange
    ]


def test_findings_are_filtered(hub: Any, accounts: Accounts) -> None:
    own = accounts["security"]
    hub.batch_import_findings(Findings=[finding(own, "a/1"), finding(own, "a/2", Compliance={"Status": "PASSED"})])
    prefix = {"Value": "a/", "Comparison": "PREFIX"}
    passed = {"Value": "PASSED", "Comparison": "EQUALS"}
    assert {each["Id"] for each in hub.get_findings(Filters={"Id": [prefix]})["Findings"]} == {"a/1", "a/2"}
    found_ids = [
        each["Id"] for each in hub.get_findings(Filters={"Id": [prefix], "ComplianceStatus": [passed]})["Findings"]
    ]
    assert found_ids == ["a/2"]
    for unknown in (
        {"Filters": {"Keyword": [{"Value": "x"}]}},
        {"SortCriteria": [{"Field": "Id", "SortOrder": "asc"}]},
    ):
        with pytest.raises(hub.exceptions.ClientError, match="NotImplementedByEmulator"):
            hub.get_findings(**unknown)


def test_the_administrator_sees_findings_of_its_members(emulator: Emulator, hub: Any, accounts: Accounts) -> None:
    account_id = accounts["payments"]
    hub.create_members(AccountDetails=[{"AccountId": account_id, "Email": email("payments")}])
    until(lambda: hub.get_members(AccountIds=[account_id])["Members"][0]["MemberStatus"] == "Enabled")
    member = inside(emulator, "securityhub", account_id)
    member.batch_import_findings(Findings=[finding(account_id, "of-a-member")])
    assert shown(hub, "of-a-member")["AwsAccountId"] == account_id
    hub.batch_update_findings(
        FindingIdentifiers=[{"Id": "of-a-member", "ProductArn": product(account_id)}],
        Workflow={"Status": "SUPPRESSED"},
    )
    assert shown(member, "of-a-member")["Workflow"] == {"Status": "SUPPRESSED"}
    assert "one" not in {each["Id"] for each in member.get_findings()["Findings"]}
