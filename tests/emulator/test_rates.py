from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import ClientError

from avm_emulator.context import Emulator
from avm_emulator.engine import Options
from avm_emulator.rates.buckets import Buckets
from avm_emulator.rates.table import LIMITS, Rate, by_operation
from tests.emulator.outsiders import root_client

START = 1_700_000_000.0


@pytest.fixture(scope="module")
def options() -> Options:
    parts = ("managed_policies", "organizations", "identity_center", "rates")
    return Options(speed="max", prepare=False, deploy=False, parts=[f"avm_emulator.{part}" for part in parts])


@pytest.fixture(scope="module")
def organization(emulator: Emulator) -> str:
    """Make an organization with a member; return the member's id."""
    organizations = emulator.clients.client("organizations")
    organizations.create_organization()
    organizations.create_account(Email="a@example.com", AccountName="a")
    emulator.clock.advance(60)
    accounts = organizations.list_accounts()["Accounts"]
    return str(next(account["Id"] for account in accounts if account["Name"] == "a"))


@pytest.fixture
def management(emulator: Emulator, organization: str) -> Any:
    return root_client(emulator, "organizations")


@pytest.fixture(autouse=True)
def full_buckets(emulator: Emulator) -> Iterator[None]:
    emulator.clock.advance(3600)
    yield
    emulator.clock.hold(held=False)


def accepted(call: Callable[..., Any], times: int, **parameters: Any) -> int:
    """Call so often; return how many were not throttled, which must be the first ones."""
    done = 0
    for number in range(times):
        try:
            call(**parameters)
        except ClientError as error:
            if error.response["Error"]["Code"] not in ("TooManyRequestsException", "ThrottlingException"):
                raise
        else:
            assert done == number, "a later call passed where an earlier one was throttled"
            done += 1
    return done


def test_a_burst_passes_and_then_the_rate(emulator: Emulator, management: Any) -> None:
    assert accepted(management.list_roots, 5) == 2
    emulator.clock.advance(1)
    assert accepted(management.list_roots, 5) == 1
    emulator.clock.advance(2)
    assert accepted(management.list_roots, 5) == 2


def test_a_refusal_has_awss_code_and_words(emulator: Emulator, management: Any) -> None:
    accepted(management.list_roots, 2)
    with pytest.raises(management.exceptions.TooManyRequestsException) as refusal:
        management.list_roots()
    assert refusal.value.response["Error"]["Message"].startswith("You have sent too many requests in too short")
    assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    record = list(emulator.calls)[-1]
    assert (record.operation, record.error) == ("ListRoots", "TooManyRequestsException")


def test_a_refused_call_uses_no_token(emulator: Emulator, management: Any) -> None:
    assert accepted(management.list_roots, 50) == 2
    emulator.clock.advance(1)
    assert accepted(management.list_roots, 1) == 1


def test_each_api_has_its_own_bucket(management: Any) -> None:
    accepted(management.list_roots, 3)
    assert accepted(management.describe_organization, 2) == 2


def test_creation_is_three_at_once_and_then_one_in_ten_seconds(emulator: Emulator, management: Any) -> None:
    emulator.clock.hold(held=True)  # else it jumps to the end of a creation
    for number in range(3):
        management.create_account(Email=f"burst{number}@example.com", AccountName="burst")
    emulator.clock.advance(9.9)
    assert accepted(management.create_account, 1, Email="early@example.com", AccountName="early") == 0
    emulator.clock.advance(0.1)
    assert accepted(management.create_account, 2, Email="right@example.com", AccountName="right") == 1


def test_an_account_has_its_own_buckets(emulator: Emulator, management: Any, organization: str) -> None:
    member = root_client(emulator, "organizations", organization)
    assert accepted(management.describe_organization, 5) == 2
    assert accepted(member.describe_organization, 5) == 2


def test_an_organization_has_a_bucket_for_all_its_accounts(
    emulator: Emulator, management: Any, organization: str
) -> None:
    administration = emulator.clients.client("organizations")
    administration.enable_aws_service_access(ServicePrincipal="config.amazonaws.com")
    administration.register_delegated_administrator(AccountId=organization, ServicePrincipal="config.amazonaws.com")
    member = root_client(emulator, "organizations", organization)
    assert accepted(management.list_roots, 5) == 2
    assert accepted(member.list_roots, 5) == 1  # of its own burst of 2; the organization's is 3


@pytest.mark.parametrize("service", ["sso-admin", "identitystore"])
def test_identity_center_has_one_bucket_for_all_apis(emulator: Emulator, service: str) -> None:
    client = root_client(emulator, service)
    if service == "sso-admin":
        assert accepted(client.list_instances, 12) == 12
        with pytest.raises(ClientError, match="AccessDenied"):
            client.describe_instance(InstanceArn="arn:aws:sso:::instance/ssoins-1111111111111111")
        assert accepted(client.list_instances, 10) == 7
    else:
        store: dict[str, Any] = {"IdentityStoreId": "d-1234567890"}
        codes: list[str] = []
        for number in range(24):
            with pytest.raises(ClientError) as refusal:
                (client.list_users if number % 2 else client.list_groups)(**store)
            codes.append(refusal.value.response["Error"]["Code"])
        assert codes.index("ThrottlingException") == 20


def test_the_emulators_own_calls_are_not_throttled_and_use_nothing(emulator: Emulator, management: Any) -> None:
    own = emulator.clients.client("organizations")
    for _ in range(20):
        own.list_roots()
    assert accepted(management.list_roots, 5) == 2


def test_no_token_is_taken_when_another_bucket_is_empty() -> None:
    buckets = Buckets()
    both: dict[object, Rate] = {"small": Rate(1, 1), "large": Rate(1, 2)}
    assert buckets.take(both, START)
    assert not buckets.take(both, START)
    assert buckets.take({"large": Rate(1, 2)}, START)


def test_who_waits_exactly_long_enough_is_served() -> None:
    buckets, now = Buckets(), START
    wanted: dict[object, Rate] = {"CreateAccount": Rate(0.1, 1)}
    for _ in range(1000):
        assert buckets.take(wanted, now)
        assert not buckets.take(wanted, now)
        now += 10


def test_a_bucket_holds_no_more_than_its_burst() -> None:
    buckets = Buckets()
    wanted: dict[object, Rate] = {"x": Rate(5, 8)}
    assert [buckets.take(wanted, START + 1e6) for _ in range(9)] == [True] * 8 + [False]


def test_every_limit_names_operations_of_botocore_once_and_a_source() -> None:
    session = botocore.session.get_session()
    keys = [key for key, _ in by_operation()]
    assert len(keys) == len(set(keys))
    for service, operation in keys:
        assert operation is None or operation in session.get_service_model(service).operation_names
    assert all(limit.source for limit in LIMITS)
