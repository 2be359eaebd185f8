"""Security Hub in an organization: the administrator of each Region, its members, standards."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from avm_emulator.context import Emulator
from avm_emulator.security_hub import FUNCTIONS
from tests.emulator.lab import until
from tests.emulator.members import REGION, email, inside, join
from tests.emulator.security_hub_lab import Accounts, accounts, options

__all__ = ["accounts", "options"]
FSBP = f"arn:aws:securityhub:{REGION}::standards/aws-foundational-security-best-practices/v/1.0.0"
CIS = "arn:aws:securityhub:::ruleset/cis-aws-foundations-benchmark/v/1.2.0"
PCI = f"arn:aws:securityhub:{REGION}::standards/pci-dss/v/3.2.1"


@pytest.fixture
def administrator(emulator: Emulator, accounts: Accounts) -> Any:
    client = inside(emulator, "securityhub", accounts["security"])
    client.update_organization_configuration(AutoEnable=False)
    return client


def refusal(call: Callable[..., Any], **parameters: Any) -> str:
    with pytest.raises(ClientError) as refused:
        call(**parameters)
    return str(refused.value.response["Error"]["Code"])


def status_of(administrator: Any, account_id: str) -> str | None:
    members = administrator.get_members(AccountIds=[account_id])["Members"]
    return members[0]["MemberStatus"] if members else None


def standards(client: Any) -> dict[str, str]:
    subscriptions = client.get_enabled_standards()["StandardsSubscriptions"]
    return {each["StandardsArn"]: each["StandardsStatus"] for each in subscriptions}


def member(emulator: Emulator, administrator: Any, name: str) -> str:
    account_id = join(emulator, name)
    answer = administrator.create_members(AccountDetails=[{"AccountId": account_id, "Email": email(name)}])
    assert answer["UnprocessedAccounts"] == []
    until(lambda: status_of(administrator, account_id) == "Enabled")
    return account_id


def record(emulator: Emulator, account_id: str) -> None:
    """Let AWS Config record in the account."""
    linked = inside(emulator, "iam", account_id).create_service_linked_role(AWSServiceName="config.amazonaws.com")
    bucket = f"records-{account_id}"
    arn = f"arn:aws:s3:::{bucket}"
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "config.amazonaws.com"},
        "Action": ["s3:GetBucketAcl", "s3:ListBucket", "s3:PutObject"],
        "Resource": [arn, f"{arn}/*"],
    }
    s3 = inside(emulator, "s3", account_id)
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    config = inside(emulator, "config", account_id)
    recorder = {"name": "default", "roleARN": linked["Role"]["Arn"]}
    config.put_configuration_recorder(ConfigurationRecorder=recorder)
    config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": bucket})
    config.start_configuration_recorder(ConfigurationRecorderName="default")


def test_every_function_is_named_like_an_operation(administrator: Any) -> None:
    assert [function.__name__ for function in FUNCTIONS if not hasattr(administrator, function.__name__)] == []


def test_a_designation_is_for_one_region_and_enables_the_administrator_there(
    emulator: Emulator, accounts: Accounts, administrator: Any
) -> None:
    assert administrator.describe_hub()["HubArn"].endswith(f"{accounts['security']}:hub/default")
    assert standards(administrator) == {}
    management = emulator.clients.client("securityhub")
    assert management.list_organization_admin_accounts()["AdminAccounts"] == [
        {"AccountId": accounts["security"], "Status": "ENABLED"}
    ]
    elsewhere = inside(emulator, "securityhub", accounts["security"], "us-east-1")
    assert refusal(elsewhere.describe_organization_configuration) == "InvalidAccessException"


def test_security_hub_is_switched_on_once(emulator: Emulator) -> None:
    client = inside(emulator, "securityhub", join(emulator, "once"))
    assert refusal(client.get_enabled_standards) == "InvalidAccessException"
    client.enable_security_hub()
    assert set(standards(client)) == {FSBP, CIS}
    assert refusal(client.enable_security_hub) == "ResourceConflictException"
    client.disable_security_hub()
    assert refusal(client.describe_hub) == "InvalidAccessException"


def test_the_administrator_cannot_switch_it_off(administrator: Any) -> None:
    assert refusal(administrator.disable_security_hub) == "InvalidInputException"


def test_a_member_is_enabled_later_with_the_default_standards(emulator: Emulator, administrator: Any) -> None:
    account_id = join(emulator, "later")
    own = inside(emulator, "securityhub", account_id)
    emulator.clock.hold(held=True)
    administrator.create_members(AccountDetails=[{"AccountId": account_id}])
    assert status_of(administrator, account_id) == "Created"
    assert account_id not in {each["AccountId"] for each in administrator.list_members()["Members"]}
    assert refusal(own.describe_hub) == "InvalidAccessException"
    emulator.clock.advance(30)
    emulator.clock.hold(held=False)
    assert status_of(administrator, account_id) == "Enabled"
    assert account_id in {each["AccountId"] for each in administrator.list_members()["Members"]}
    assert set(standards(own)) == {FSBP, CIS}


def test_a_member_that_has_security_hub_keeps_its_standards(
    emulator: Emulator, accounts: Accounts, administrator: Any
) -> None:
    account_id = join(emulator, "settled")
    own = inside(emulator, "securityhub", account_id)
    own.enable_security_hub(EnableDefaultStandards=False)
    administrator.create_members(AccountDetails=[{"AccountId": account_id}])
    until(lambda: status_of(administrator, account_id) == "Enabled")
    assert standards(own) == {}
    shown = own.get_administrator_account()["Administrator"]
    assert (shown["AccountId"], shown["MemberStatus"]) == (accounts["security"], "Enabled")


def test_accounts_that_cannot_be_members_are_unprocessed_with_a_reason(
    emulator: Emulator, accounts: Accounts, administrator: Any
) -> None:
    wanted = ["999999999999", accounts["security"], emulator.management_account_id]
    answer = administrator.create_members(AccountDetails=[{"AccountId": account_id} for account_id in wanted])
    reasons = {each["AccountId"]: each["ProcessingResult"] for each in answer["UnprocessedAccounts"]}
    assert "not part of the organization" in reasons["999999999999"]
    assert "administrator itself" in reasons[accounts["security"]]
    assert "must enable Security Hub itself" in reasons[emulator.management_account_id]
    answer = administrator.get_members(AccountIds=["999999999999"])
    assert [each["AccountId"] for each in answer["UnprocessedAccounts"]] == ["999999999999"]
    many = [{"AccountId": f"{number:012d}"} for number in range(51)]
    assert refusal(administrator.create_members, AccountDetails=many) == "InvalidInputException"


def test_the_administrator_parts_with_members_and_takes_them_back(emulator: Emulator, administrator: Any) -> None:
    account_id = member(emulator, administrator, "parted")
    answer = administrator.delete_members(AccountIds=[account_id])
    assert [each["AccountId"] for each in answer["UnprocessedAccounts"]] == [account_id]
    administrator.disassociate_members(AccountIds=[account_id])
    assert status_of(administrator, account_id) == "Removed"
    own = inside(emulator, "securityhub", account_id)
    assert own.get_administrator_account().get("Administrator") is None
    administrator.create_members(AccountDetails=[{"AccountId": account_id}])
    until(lambda: status_of(administrator, account_id) == "Enabled")


def test_a_member_cannot_part_with_its_administrator(emulator: Emulator, administrator: Any) -> None:
    own = inside(emulator, "securityhub", member(emulator, administrator, "bound"))
    assert refusal(own.disassociate_from_administrator_account) == "InvalidInputException"


def test_a_standard_is_pending_and_then_ready_where_config_records(emulator: Emulator, administrator: Any) -> None:
    account_id = join(emulator, "recorded")
    own = inside(emulator, "securityhub", account_id)
    own.enable_security_hub(EnableDefaultStandards=False)
    record(emulator, account_id)
    emulator.clock.hold(held=True)
    (switched,) = own.batch_enable_standards(StandardsSubscriptionRequests=[{"StandardsArn": PCI}])[
        "StandardsSubscriptions"
    ]
    assert switched["StandardsStatus"] == "PENDING"
    assert standards(own) == {PCI: "PENDING"}
    emulator.clock.advance(100)
    emulator.clock.hold(held=False)
    assert standards(own) == {PCI: "READY"}
    own.batch_disable_standards(StandardsSubscriptionArns=[switched["StandardsSubscriptionArn"]])
    assert standards(own) == {}


def test_without_a_recorder_a_standard_stays_incomplete(emulator: Emulator, administrator: Any) -> None:
    own = inside(emulator, "securityhub", member(emulator, administrator, "unrecorded"))
    emulator.clock.advance(100)
    reasons = {
        each["StandardsStatusReason"]["StatusReasonCode"]
        for each in own.get_enabled_standards()["StandardsSubscriptions"]
        if each["StandardsStatus"] == "INCOMPLETE"
    }
    assert reasons == {"NO_AVAILABLE_CONFIGURATION_RECORDER"}


def test_standards_are_listed_and_unknown_ones_refused(administrator: Any) -> None:
    listed = {each["StandardsArn"]: each for each in administrator.describe_standards()["Standards"]}
    assert {arn for arn, each in listed.items() if each["EnabledByDefault"]} == {FSBP, CIS}
    request = [{"StandardsArn": "arn:aws:securityhub:::ruleset/none/v/1"}]
    code = refusal(administrator.batch_enable_standards, StandardsSubscriptionRequests=request)
    assert code == "InvalidInputException"


def test_new_accounts_come_by_themselves_and_no_clock_goes_there_for_it(emulator: Emulator, administrator: Any) -> None:
    administrator.update_organization_configuration(AutoEnable=True, AutoEnableStandards="NONE")
    shown = administrator.describe_organization_configuration()
    assert (shown["AutoEnable"], shown["AutoEnableStandards"]) == (True, "NONE")
    assert shown["OrganizationConfiguration"] == {"ConfigurationType": "LOCAL", "Status": "ENABLED"}
    account_id = join(emulator, "automatic")
    assert status_of(administrator, account_id) is None
    emulator.clock.advance(3700)
    assert status_of(administrator, account_id) == "Enabled"
    assert standards(inside(emulator, "securityhub", account_id)) == {}


def test_the_unified_product_is_not_modelled(emulator: Emulator, accounts: Accounts) -> None:
    management = emulator.clients.client("securityhub")
    code = refusal(
        management.enable_organization_admin_account, AdminAccountId=accounts["security"], Feature="SecurityHubV2"
    )
    assert code == "NotImplementedByEmulator"
