"""Regions that need an opt-in: off until they are enabled, for each account by itself, and refused until then."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from avm_emulator.account_regions import AT_ONCE_IN_ACCOUNT
from avm_emulator.context import Emulator
from avm_emulator.engine import Options

REGION = "eu-south-1"


@pytest.fixture(scope="module")
def options() -> Options:
    return Options(speed="max", deploy=False, one_account=True)


@pytest.fixture
def account(emulator: Emulator) -> Any:
    return emulator.clients.client("account")


def member(emulator: Emulator, name: str) -> str:
    accounts = emulator.clients.client("organizations").list_accounts()["Accounts"]
    return next(str(each["Id"]) for each in accounts if each["Name"] == name)


def inside(emulator: Emulator, account_id: str, service: str, region: str = REGION) -> Any:
    role = f"arn:aws:iam::{account_id}:role/OrganizationAccountAccessRole"
    return emulator.clients.client(service, region, role_arn=role)


def status(account: Any, account_id: str, region: str = REGION) -> str:
    return str(account.get_region_opt_status(AccountId=account_id, RegionName=region)["RegionOptStatus"])


def test_a_region_is_enabled_for_one_account_after_minutes_and_can_be_worked_in_then(
    emulator: Emulator, account: Any
) -> None:
    security, other = member(emulator, "security"), member(emulator, "log-archive")
    ec2 = inside(emulator, security, "ec2")
    with pytest.raises(ClientError, match="AuthFailure"):
        ec2.describe_vpcs()
    with pytest.raises(ClientError, match="RegionDisabledException"):
        inside(emulator, security, "sts").get_caller_identity()
    account.enable_region(AccountId=security, RegionName=REGION)
    assert status(account, security) == "ENABLING"
    with pytest.raises(ClientError, match="AuthFailure"):
        ec2.describe_vpcs()
    with pytest.raises(ClientError, match="ConflictException"):
        account.disable_region(AccountId=security, RegionName=REGION)
    emulator.clock.advance(emulator.latencies.longest("account:EnableRegion"))
    assert status(account, security) == "ENABLED"
    assert [vpc["IsDefault"] for vpc in ec2.describe_vpcs()["Vpcs"]] == [True]
    regions = inside(emulator, security, "ec2", "eu-west-1").describe_regions()["Regions"]
    assert {"RegionName": REGION, "OptInStatus": "opted-in"}.items() <= next(
        region for region in regions if region["RegionName"] == REGION
    ).items()
    assert status(account, other) == "DISABLED"
    account.disable_region(AccountId=security, RegionName=REGION)
    with pytest.raises(ClientError, match="ConflictException"):
        account.enable_region(AccountId=security, RegionName=REGION)
    emulator.clock.advance(emulator.latencies.longest("account:EnableRegion"))
    assert status(account, security) == "DISABLED"


def test_the_list_has_every_region_and_can_be_narrowed(account: Any) -> None:
    pages = account.get_paginator("list_regions").paginate(PaginationConfig={"PageSize": 10})
    listed = {each["RegionName"]: each["RegionOptStatus"] for page in pages for each in page["Regions"]}
    assert (listed["eu-west-1"], listed[REGION]) == ("ENABLED_BY_DEFAULT", "DISABLED")
    off = account.list_regions(RegionOptStatusContains=["DISABLED"])["Regions"]
    assert {each["RegionName"] for each in off} == {name for name, one in listed.items() if one == "DISABLED"}


@pytest.mark.parametrize(
    ("region", "code"), [("eu-west-1", "ValidationException"), ("eu-atlantis-1", "ValidationException")]
)
def test_what_is_on_by_default_or_is_no_region_is_refused(account: Any, region: str, code: str) -> None:
    with pytest.raises(ClientError, match=code):
        account.enable_region(RegionName=region)


def test_an_account_enables_few_at_once(emulator: Emulator, account: Any) -> None:
    off = [each["RegionName"] for each in account.list_regions(RegionOptStatusContains=["DISABLED"])["Regions"]]
    for region in off[:AT_ONCE_IN_ACCOUNT]:
        account.enable_region(RegionName=region)
    with pytest.raises(ClientError, match="TooManyRequestsException"):
        account.enable_region(RegionName=off[AT_ONCE_IN_ACCOUNT])
    account.enable_region(AccountId=member(emulator, "log-archive"), RegionName=off[0])
    account.enable_region(RegionName=off[0])  # is on its way already


def test_members_are_reached_by_their_organization_alone(emulator: Emulator) -> None:
    security, other = member(emulator, "security"), member(emulator, "log-archive")
    with pytest.raises(ClientError, match="AccessDeniedException"):
        inside(emulator, security, "account", "us-east-1").list_regions(AccountId=other)
    with pytest.raises(ClientError, match="AccessDeniedException"):
        emulator.clients.client("account").list_regions(AccountId=emulator.management_account_id)
