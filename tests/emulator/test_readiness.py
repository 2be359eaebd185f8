from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from avm_emulator.context import Emulator
from avm_emulator.credentials import credentials_of
from avm_emulator.engine import Options
from tests.emulator.outsiders import client_with, root_client

ROLE = "OrganizationAccountAccessRole"
LATENCIES = {
    "organizations:CreateAccount": 30,
    "organizations:DescribeAccount": 2,
    "organizations:ListAccounts": 5,
    "new-account:AssumeRole": 10,
    "new-account:Credentials": 20,
    "new-account:StsRegion": 30,
    "new-account:Iam": 35,
    "new-account:Service": 60,
}


@pytest.fixture(scope="module")
def options() -> Options:
    parts = ("managed_policies", "organizations", "readiness")
    return Options(speed="max", prepare=False, deploy=False, parts=[f"avm_emulator.{part}" for part in parts])


@pytest.fixture(scope="module")
def organizations(emulator: Emulator) -> Any:
    client = root_client(emulator, "organizations")
    client.create_organization()
    return client


@pytest.fixture(autouse=True)
def known_latencies(emulator: Emulator) -> Iterator[None]:
    emulator.latencies.change(LATENCIES)
    yield
    emulator.latencies.reset()
    emulator.clock.hold(held=False)


_names = iter(f"new{number}" for number in range(1000))


def new_account(emulator: Emulator, organizations: Any) -> str:
    """Create an account; return its id in the moment in which it has come to be, with the clock held."""
    emulator.clock.hold(held=True)
    name = next(_names)
    status = organizations.create_account(Email=f"{name}@example.com", AccountName=name)["CreateAccountStatus"]
    emulator.clock.advance(30)
    described = organizations.describe_create_account_status(CreateAccountRequestId=status["Id"])
    assert described["CreateAccountStatus"]["State"] == "SUCCEEDED"
    return str(described["CreateAccountStatus"]["AccountId"])


def code_of(call: Any, **parameters: Any) -> str | None:
    """Return the error code of a call, None if it has none."""
    try:
        call(**parameters)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return None


def assume(emulator: Emulator, account: str, region: str = "eu-west-1") -> str | None:
    sts = root_client(emulator, "sts", region=region)
    return code_of(sts.assume_role, RoleArn=f"arn:aws:iam::{account}:role/{ROLE}", RoleSessionName="probe")


def inside(emulator: Emulator, account: str, service: str, region: str = "eu-west-1") -> Any:
    """Return a client in the account's role, with credentials that nobody had to ask STS for."""
    return client_with(emulator, service, credentials_of(emulator, account, ROLE), region)


PROBES: dict[str, tuple[str, dict[str, Any]]] = {
    "ec2": ("describe_vpcs", {}),
    "cloudformation": ("list_stacks", {}),
    "config": ("describe_configuration_recorders", {}),
    "s3": ("list_buckets", {}),
    "lambda": ("list_functions", {}),
    "guardduty": ("list_detectors", {}),
    "sqs": ("list_queues", {}),
    "iam": ("list_roles", {}),
    "sts": ("get_caller_identity", {}),
}
EXPECTED = {  # while credentials are unknown, and then until the service is there
    "ec2": ("AuthFailure", "OptInRequired"),
    "cloudformation": ("InvalidClientTokenId", "OptInRequired"),
    "config": ("UnrecognizedClientException", "SubscriptionRequiredException"),
    "s3": ("InvalidAccessKeyId", "NotSignedUp"),
    "lambda": ("UnrecognizedClientException", "SubscriptionRequiredException"),
    "guardduty": ("UnrecognizedClientException", "SubscriptionRequiredException"),
    "sqs": ("UnrecognizedClientException", "SubscriptionRequiredException"),
    "iam": ("InvalidClientTokenId", "AccessDenied"),
    "sts": ("InvalidClientTokenId", "RegionDisabledException"),
}


def probe(emulator: Emulator, account: str, service: str) -> str | None:
    name, parameters = PROBES[service]
    return code_of(getattr(inside(emulator, account, service), name), **parameters)


def test_a_role_in_a_new_account_cannot_be_assumed_at_once(emulator: Emulator, organizations: Any) -> None:
    account = new_account(emulator, organizations)
    seen = []
    for _ in range(4):
        seen.append(assume(emulator, account))
        emulator.clock.advance(10)
    assert seen == ["AccessDenied", "RegionDisabledException", "RegionDisabledException", None]


def test_a_refusal_names_role_or_account(emulator: Emulator, organizations: Any) -> None:
    account = new_account(emulator, organizations)
    sts = root_client(emulator, "sts")
    role = {"RoleArn": f"arn:aws:iam::{account}:role/{ROLE}", "RoleSessionName": "probe"}
    with pytest.raises(ClientError, match=rf"sts:AssumeRole on resource: arn:aws:iam::{account}:role/{ROLE}") as denied:
        sts.assume_role(**role)
    assert denied.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    emulator.clock.advance(15)
    with pytest.raises(ClientError, match=f"STS is not activated in this region for account:{account}"):
        sts.assume_role(**role)


@pytest.mark.parametrize("service", PROBES)
def test_each_service_refuses_a_new_account_in_its_own_words(
    emulator: Emulator, organizations: Any, service: str
) -> None:
    account = new_account(emulator, organizations)
    unknown, unready = EXPECTED[service]
    ready_after = {"iam": 35, "sts": 30}.get(service, 60)
    assert probe(emulator, account, service) == unknown
    emulator.clock.advance(20)
    assert probe(emulator, account, service) == unready
    emulator.clock.advance(ready_after - 20)
    assert probe(emulator, account, service) is None


def test_services_and_regions_become_ready_each_at_its_own_time(emulator: Emulator, organizations: Any) -> None:
    emulator.latencies.reset()
    account = new_account(emulator, organizations)
    emulator.clock.advance(40)
    ready_at: dict[tuple[str, str], int] = {}
    for second in range(40, 82):
        for service, region in [("ec2", "eu-west-1"), ("ec2", "us-east-1"), ("config", "eu-west-1")]:
            name, parameters = PROBES[service]
            if code_of(getattr(inside(emulator, account, service, region), name), **parameters) is None:
                ready_at.setdefault((service, region), second)
        emulator.clock.advance(1)
    assert len(set(ready_at.values())) == 3
    assert all(40 <= second <= 80 for second in ready_at.values())


def test_one_seed_gives_the_nth_account_the_same_times_again(emulator: Emulator) -> None:
    latencies = emulator.latencies
    latencies.reset()
    first = [latencies.of("new-account:Service", number, "ec2", "eu-west-1") for number in range(5)]
    assert len(set(first)) == 5
    latencies.change({}, seed=1)
    assert [latencies.of("new-account:Service", number, "ec2", "eu-west-1") for number in range(5)] != first
    latencies.change({}, seed=0)
    assert [latencies.of("new-account:Service", number, "ec2", "eu-west-1") for number in range(5)] == first


def test_other_accounts_are_not_touched(emulator: Emulator, organizations: Any) -> None:
    old = new_account(emulator, organizations)
    emulator.clock.advance(100)
    new = new_account(emulator, organizations)
    assert assume(emulator, old) is None
    assert [probe(emulator, old, service) for service in PROBES] == [None] * len(PROBES)
    assert probe(emulator, new, "sqs") == "UnrecognizedClientException"
    assert root_client(emulator, "sqs").list_queues()["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert root_client(emulator, "sqs", "999999999999").list_queues()["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_an_account_that_the_emulator_makes_is_ready_at_once(emulator: Emulator, organizations: Any) -> None:
    own = emulator.clients.client("organizations")
    account = new_account(emulator, own)
    assert assume(emulator, account) is None
    assert probe(emulator, account, "ec2") is None
    assert account in {
        found["Id"] for found in organizations.get_paginator("list_accounts").paginate().search("Accounts[]")
    }


def test_the_emulators_own_calls_are_never_too_early(emulator: Emulator, organizations: Any) -> None:
    account = new_account(emulator, organizations)
    sts = emulator.clients.client("sts")
    sts.assume_role(RoleArn=f"arn:aws:iam::{account}:role/{ROLE}", RoleSessionName="own")
    emulator.clients.client("organizations").describe_account(AccountId=account)


# -- Organizations -----------------------------------------------------------------------------------------------------
def listed(organizations: Any, parent: str | None = None) -> set[str]:
    if parent is None:
        return set(organizations.get_paginator("list_accounts").paginate().search("Accounts[].Id"))
    of_parent = organizations.get_paginator("list_accounts_for_parent").paginate(ParentId=parent)
    accounts = set(of_parent.search("Accounts[].Id"))
    pages = organizations.get_paginator("list_children").paginate(ParentId=parent, ChildType="ACCOUNT")
    assert set(pages.search("Children[].Id")) == accounts
    return accounts


def root_id(organizations: Any) -> str:
    return str(organizations.list_roots()["Roots"][0]["Id"])


def unit_id(organizations: Any) -> str:
    unit = organizations.create_organizational_unit(ParentId=root_id(organizations), Name=next(_names))
    return str(unit["OrganizationalUnit"]["Id"])


def test_a_new_account_is_found_by_its_id_a_moment_later(emulator: Emulator, organizations: Any) -> None:
    account, root, unit = new_account(emulator, organizations), root_id(organizations), unit_id(organizations)
    move = {"AccountId": account, "SourceParentId": root, "DestinationParentId": unit}
    assert code_of(organizations.describe_account, AccountId=account) == "AccountNotFoundException"
    assert code_of(organizations.move_account, **move) == "AccountNotFoundException"
    emulator.clock.advance(2)
    assert organizations.describe_account(AccountId=account)["Account"]["Id"] == account
    organizations.move_account(**move)


def test_lists_show_a_new_account_late(emulator: Emulator, organizations: Any) -> None:
    account, root = new_account(emulator, organizations), root_id(organizations)
    assert account not in listed(organizations)
    assert account not in listed(organizations, root)
    emulator.clock.advance(5)
    assert account in listed(organizations)
    assert account in listed(organizations, root)


def test_lists_show_a_move_late(emulator: Emulator, organizations: Any) -> None:
    account, root, unit = new_account(emulator, organizations), root_id(organizations), unit_id(organizations)
    emulator.clock.advance(10)
    organizations.move_account(AccountId=account, SourceParentId=root, DestinationParentId=unit)
    assert organizations.list_parents(ChildId=account)["Parents"][0]["Id"] == unit
    assert (account in listed(organizations, root), listed(organizations, unit)) == (True, set())
    described = organizations.list_accounts_for_parent(ParentId=root)["Accounts"]
    assert next(a for a in described if a["Id"] == account)["JoinedMethod"] == "CREATED"
    emulator.clock.advance(5)
    assert (account in listed(organizations, root), listed(organizations, unit)) == (False, {account})


def test_lists_show_where_an_account_was_before_all_its_late_moves(emulator: Emulator, organizations: Any) -> None:
    account, root = new_account(emulator, organizations), root_id(organizations)
    first, second = unit_id(organizations), unit_id(organizations)
    emulator.clock.advance(10)
    organizations.move_account(AccountId=account, SourceParentId=root, DestinationParentId=first)
    emulator.clock.advance(2)
    organizations.move_account(AccountId=account, SourceParentId=first, DestinationParentId=second)
    assert account in listed(organizations, root)
    emulator.clock.advance(3)
    assert [listed(organizations, parent) for parent in (first, second)] == [{account}, set()]
    emulator.clock.advance(2)
    assert [listed(organizations, parent) for parent in (first, second)] == [set(), {account}]


def test_a_list_that_is_refused_and_a_move_that_fails_change_nothing(emulator: Emulator, organizations: Any) -> None:
    account, root, unit = new_account(emulator, organizations), root_id(organizations), unit_id(organizations)
    emulator.clock.advance(10)
    move = {"AccountId": account, "SourceParentId": unit, "DestinationParentId": unit}
    assert code_of(organizations.move_account, **move) == "SourceParentNotFoundException"
    assert account in listed(organizations, root)
    assert code_of(organizations.list_accounts_for_parent, ParentId="ou-none-00000000") == "ParentNotFoundException"
