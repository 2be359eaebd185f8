"""The rates of calls, on the emulator's clock."""

from __future__ import annotations

from typing import Any

import boto3
import botocore.session
import pytest
from botocore.config import Config

from avm_emulator.context import Emulator
from avm_emulator.engine import Options
from avm_emulator.organizations.rates import RATES
from tests.emulator.organizations.conftest import Refused, World

PARTS = ("avm_emulator.managed_policies", "avm_emulator.organizations", "avm_emulator.organizations.rates")


@pytest.fixture(scope="module")
def options() -> Options:
    return Options(speed="max", seed=False, deploy=False, parts=PARTS)


@pytest.fixture
def customer(world: World) -> Any:
    """Organizations as somebody of the management account calls it, no token taken yet."""
    world.pass_time(3600)
    iam = world.emulator.clients.client("iam")
    key = iam.create_access_key(UserName=iam.create_user(UserName=f"u{world.root_id}")["User"]["UserName"])
    return client(world.emulator, key["AccessKey"]["AccessKeyId"])


def client(emulator: Emulator, access_key_id: str) -> Any:
    return boto3.client(
        "organizations",
        region_name="us-east-1",
        endpoint_url=emulator.endpoint_url,
        aws_access_key_id=access_key_id,
        aws_secret_access_key="secret",  # noqa: S106  nobody verifies it
        config=Config(retries={"total_max_attempts": 1}),
    )


def test_calls_beyond_the_burst_are_refused_until_tokens_have_come(
    world: World, customer: Any, refused: Refused
) -> None:
    for number in range(3):
        customer.create_account(AccountName=f"n{number}", Email=f"n{number}@example.com")
    beyond = {"AccountName": "n3", "Email": "n3@example.com"}
    assert refused(customer.create_account, **beyond)[0] == "TooManyRequestsException"
    world.pass_time(9)
    assert refused(customer.create_account, **beyond)[0] == "TooManyRequestsException"
    world.pass_time(1)
    customer.create_account(**beyond)
    assert len(customer.list_create_account_status()["CreateAccountStatuses"]) == 4


def test_each_operation_has_tokens_of_its_own(customer: Any, refused: Refused) -> None:
    for _ in range(2):
        customer.list_roots()
    assert refused(customer.list_roots)[0] == "TooManyRequestsException"
    customer.describe_organization()


def test_the_accounts_of_an_organization_share_its_tokens(world: World, customer: Any, refused: Refused) -> None:
    world.client.enable_aws_service_access(ServicePrincipal="sso.amazonaws.com")
    account_id = world.account()
    world.client.register_delegated_administrator(AccountId=account_id, ServicePrincipal="sso.amazonaws.com")
    world.pass_time(3600)
    member = world.as_member(account_id)
    for _ in range(2):
        customer.list_roots()
    member.list_roots()
    assert refused(member.list_roots)[0] == "TooManyRequestsException"  # one of its own is left, none of the three


def test_the_emulators_own_calls_are_not_counted(world: World) -> None:
    for _ in range(10):
        world.client.list_roots()


def test_rates_exist_for_operations_of_the_model_only() -> None:
    model = botocore.session.get_session().get_service_model("organizations")
    assert set(RATES) <= set(model.operation_names)
