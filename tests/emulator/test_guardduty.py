"""GuardDuty in an organization: the administrator of each Region, its members, what is out of their hands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from avm_emulator.context import Emulator
from avm_emulator.engine import Options
from avm_emulator.guardduty import FUNCTIONS
from tests.emulator.lab import until
from tests.emulator.members import email, found, inside, join

Accounts = dict[str, str]
PLAN = "S3_DATA_EVENTS"


@pytest.fixture(scope="module")
def options() -> Options:
    parts = ("managed_policies", "organizations", "guardduty")
    return Options(speed="max", prepare=False, deploy=False, parts=[f"avm_emulator.{part}" for part in parts])


@pytest.fixture(scope="module")
def accounts(emulator: Emulator) -> Accounts:
    ids = found(emulator, "security", "payments")
    emulator.clients.client("guardduty").enable_organization_admin_account(AdminAccountId=ids["security"])
    return ids


@pytest.fixture
def administrator(emulator: Emulator, accounts: Accounts) -> Any:
    return inside(emulator, "guardduty", accounts["security"])


@pytest.fixture
def detector(administrator: Any) -> str:
    (detector_id,) = administrator.list_detectors()["DetectorIds"]
    administrator.update_organization_configuration(DetectorId=detector_id, AutoEnableOrganizationMembers="NONE")
    return str(detector_id)


def refused(call: Callable[..., Any], **parameters: Any) -> str:
    with pytest.raises(ClientError) as refusal:
        call(**parameters)
    assert refusal.value.response["Error"]["Code"] == "BadRequestException"
    return str(refusal.value.response["Error"]["Message"])


def add(administrator: Any, detector: str, account_id: str, name: str) -> list[dict[str, str]]:
    details = [{"AccountId": account_id, "Email": email(name)}]
    answer = administrator.create_members(DetectorId=detector, AccountDetails=details)
    return list(answer["UnprocessedAccounts"])


def status_of(administrator: Any, detector: str, account_id: str) -> str | None:
    members = administrator.get_members(DetectorId=detector, AccountIds=[account_id])["Members"]
    return members[0]["RelationshipStatus"] if members else None


def member(emulator: Emulator, administrator: Any, detector: str, name: str) -> str:
    account_id = join(emulator, name)
    assert add(administrator, detector, account_id, name) == []
    until(lambda: status_of(administrator, detector, account_id) == "Enabled")
    return account_id


def test_every_function_is_named_like_an_operation(administrator: Any) -> None:
    assert [function.__name__ for function in FUNCTIONS if not hasattr(administrator, function.__name__)] == []


def test_a_designation_gives_trusted_access_registers_the_account_and_enables_it(
    emulator: Emulator, accounts: Accounts, administrator: Any, detector: str
) -> None:
    organizations = emulator.clients.client("organizations")
    services = organizations.list_delegated_services_for_account(AccountId=accounts["security"])["DelegatedServices"]
    assert [service["ServicePrincipal"] for service in services] == ["guardduty.amazonaws.com"]
    assert administrator.get_detector(DetectorId=detector)["Status"] == "ENABLED"


def test_each_region_has_an_administrator_of_its_own(emulator: Emulator, accounts: Accounts) -> None:
    here = emulator.clients.client("guardduty")
    there = emulator.clients.client("guardduty", "eu-central-1")
    assert here.list_organization_admin_accounts()["AdminAccounts"] == [
        {"AdminAccountId": accounts["security"], "AdminStatus": "ENABLED"}
    ]
    assert there.list_organization_admin_accounts()["AdminAccounts"] == []


def test_only_the_management_account_designates_one_of_its_members(emulator: Emulator, accounts: Accounts) -> None:
    of_member = inside(emulator, "guardduty", accounts["payments"])
    message = refused(of_member.enable_organization_admin_account, AdminAccountId=accounts["payments"])
    assert "not the management account" in message
    management = emulator.clients.client("guardduty")
    assert "not a member account" in refused(
        management.enable_organization_admin_account, AdminAccountId=emulator.management_account_id
    )
    assert "another account" in refused(
        management.enable_organization_admin_account, AdminAccountId=accounts["payments"]
    )


def test_a_member_is_created_at_once_and_enabled_with_a_detector_later(
    emulator: Emulator, administrator: Any, detector: str
) -> None:
    account_id = join(emulator, "later")
    emulator.clock.hold(held=True)
    assert add(administrator, detector, account_id, "later") == []
    assert status_of(administrator, detector, account_id) == "Created"
    assert inside(emulator, "guardduty", account_id).list_detectors()["DetectorIds"] == []
    unprocessed = administrator.get_member_detectors(DetectorId=detector, AccountIds=[account_id])[
        "UnprocessedAccounts"
    ]
    assert [each["AccountId"] for each in unprocessed] == [account_id]
    emulator.clock.advance(60)
    emulator.clock.hold(held=False)
    (shown,) = administrator.get_members(DetectorId=detector, AccountIds=[account_id])["Members"]
    assert shown["RelationshipStatus"] == "Enabled"
    assert inside(emulator, "guardduty", account_id).list_detectors()["DetectorIds"] == [shown["DetectorId"]]
    listed = administrator.list_members(DetectorId=detector)["Members"]
    assert account_id in {each["AccountId"] for each in listed}


def test_members_get_the_protection_plans_that_the_organization_sets(
    emulator: Emulator, administrator: Any, detector: str
) -> None:
    administrator.update_organization_configuration(
        DetectorId=detector,
        AutoEnableOrganizationMembers="NONE",
        Features=[{"Name": PLAN, "AutoEnable": "NEW"}, {"Name": "RDS_LOGIN_EVENTS", "AutoEnable": "NONE"}],
    )
    account_id = member(emulator, administrator, detector, "planned")
    answer = administrator.get_member_detectors(DetectorId=detector, AccountIds=[account_id])
    (shown,) = answer["MemberDataSourceConfigurations"]
    features = {feature["Name"]: feature["Status"] for feature in shown["Features"]}
    assert (features[PLAN], features["RDS_LOGIN_EVENTS"]) == ("ENABLED", "DISABLED")
    administrator.update_member_detectors(
        DetectorId=detector, AccountIds=[account_id], Features=[{"Name": "RDS_LOGIN_EVENTS", "Status": "ENABLED"}]
    )
    own = inside(emulator, "guardduty", account_id)
    (own_detector,) = own.list_detectors()["DetectorIds"]
    features = {each["Name"]: each["Status"] for each in own.get_detector(DetectorId=own_detector)["Features"]}
    assert features["RDS_LOGIN_EVENTS"] == "ENABLED"


def test_accounts_that_cannot_be_members_are_unprocessed_with_a_reason_and_the_others_are_not(
    emulator: Emulator, accounts: Accounts, administrator: Any, detector: str
) -> None:
    good = join(emulator, "good")
    details = [
        {"AccountId": "999999999999", "Email": "foreign@example.com"},
        {"AccountId": accounts["payments"], "Email": "other@example.com"},
        {"AccountId": accounts["security"], "Email": email("security")},
        {"AccountId": good, "Email": email("good")},
    ]
    answer = administrator.create_members(DetectorId=detector, AccountDetails=details)
    reasons = {each["AccountId"]: each["Result"] for each in answer["UnprocessedAccounts"]}
    assert "not part of the organization" in reasons["999999999999"]
    assert "e-mail" in reasons[accounts["payments"]]
    assert "member of itself" in reasons[accounts["security"]]
    until(lambda: status_of(administrator, detector, good) == "Enabled")


def test_a_call_takes_fifty_accounts(administrator: Any, detector: str) -> None:
    details = [{"AccountId": f"{number:012d}", "Email": "many@example.com"} for number in range(51)]
    assert "51" in refused(administrator.create_members, DetectorId=detector, AccountDetails=details)


def test_only_the_administrator_adds_members(emulator: Emulator, accounts: Accounts) -> None:
    management = emulator.clients.client("guardduty")
    detector_id = management.create_detector(Enable=True)["DetectorId"]
    details = [{"AccountId": accounts["payments"], "Email": email("payments")}]
    message = refused(management.create_members, DetectorId=detector_id, AccountDetails=details)
    assert "not the GuardDuty delegated administrator" in message


def test_an_account_has_one_detector_in_a_region(emulator: Emulator, accounts: Accounts) -> None:
    client = inside(emulator, "guardduty", accounts["payments"], "us-east-1")
    detector_id = client.create_detector(Enable=True)["DetectorId"]
    assert "already exists" in refused(client.create_detector, Enable=True)
    client.update_detector(DetectorId=detector_id, Enable=False)
    assert client.get_detector(DetectorId=detector_id)["Status"] == "DISABLED"
    assert client.get_administrator_account(DetectorId=detector_id).get("Administrator") is None
    client.delete_detector(DetectorId=detector_id)
    assert "not owned" in refused(client.get_detector, DetectorId=detector_id)


def test_a_member_sees_its_administrator_and_cannot_part_with_it(
    emulator: Emulator, accounts: Accounts, administrator: Any, detector: str
) -> None:
    own = inside(emulator, "guardduty", member(emulator, administrator, detector, "bound"))
    (own_detector,) = own.list_detectors()["DetectorIds"]
    shown = own.get_administrator_account(DetectorId=own_detector)["Administrator"]
    assert (shown["AccountId"], shown["RelationshipStatus"]) == (accounts["security"], "Enabled")
    for change in (
        own.disassociate_from_administrator_account,
        own.delete_detector,
        lambda DetectorId: own.update_detector(DetectorId=DetectorId, Enable=False),  # noqa: N803
    ):
        assert "managed by its" in refused(change, DetectorId=own_detector)


def test_the_administrator_parts_with_members_and_takes_them_back(
    emulator: Emulator, administrator: Any, detector: str
) -> None:
    account_id = member(emulator, administrator, detector, "parted")
    administrator.stop_monitoring_members(DetectorId=detector, AccountIds=[account_id])
    assert status_of(administrator, detector, account_id) == "Disabled"
    administrator.start_monitoring_members(DetectorId=detector, AccountIds=[account_id])
    assert status_of(administrator, detector, account_id) == "Enabled"
    administrator.disassociate_members(DetectorId=detector, AccountIds=[account_id])
    assert status_of(administrator, detector, account_id) == "Removed"
    listed = administrator.list_members(DetectorId=detector)["Members"]
    assert account_id not in {each["AccountId"] for each in listed}
    add(administrator, detector, account_id, "parted")
    until(lambda: status_of(administrator, detector, account_id) == "Enabled")


def test_with_auto_enable_all_nobody_parts_with_a_member(emulator: Emulator, administrator: Any, detector: str) -> None:
    account_id = member(emulator, administrator, detector, "kept")
    administrator.update_organization_configuration(DetectorId=detector, AutoEnableOrganizationMembers="ALL")
    shown = administrator.describe_organization_configuration(DetectorId=detector)
    assert (shown["AutoEnable"], shown["AutoEnableOrganizationMembers"]) == (True, "ALL")
    for part in (
        administrator.disassociate_members,
        administrator.stop_monitoring_members,
        administrator.delete_members,
    ):
        assert "set to ALL" in refused(part, DetectorId=detector, AccountIds=[account_id])


def test_auto_enable_takes_a_day_and_no_clock_goes_there_for_it(
    emulator: Emulator, administrator: Any, detector: str
) -> None:
    account_id = join(emulator, "patient")
    administrator.update_organization_configuration(DetectorId=detector, AutoEnableOrganizationMembers="ALL")
    assert status_of(administrator, detector, account_id) is None
    assert emulator.clock.pending() == []
    emulator.clock.advance(86_500)
    assert status_of(administrator, detector, account_id) == "Enabled"


def test_an_organization_says_either_auto_enable_or_whom(administrator: Any, detector: str) -> None:
    message = refused(administrator.update_organization_configuration, DetectorId=detector)
    assert "either autoEnable or" in message
    message = refused(
        administrator.update_organization_configuration,
        DetectorId=detector,
        AutoEnableOrganizationMembers="NONE",
        Features=[{"Name": name, "AutoEnable": "ALL"} for name in ("EKS_RUNTIME_MONITORING", "RUNTIME_MONITORING")],
    )
    assert "RUNTIME_MONITORING" in message


def test_filters_of_findings_stand_on_the_same_detectors(administrator: Any, detector: str) -> None:
    administrator.create_filter(DetectorId=detector, Name="noise", FindingCriteria={"Criterion": {}})
    assert administrator.get_filter(DetectorId=detector, FilterName="noise")["Name"] == "noise"
