"""A member account of an organization that the emulator models, and the ways to it that the engine gives a control."""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import pytest

from avm.aws.budgets import Budgets
from avm.aws.identity_center import IdentityCenter
from avm.aws.organizations import Account, Organizations
from avm.aws.probes import MemberClients
from avm.aws.root_credentials import RootCredentials
from avm.controls.control import Target
from avm.domain.account_request import AccountRequest
from avm.domain.catalog import Catalog
from avm.domain.foundation import Foundation
from avm.domain.request_rules import parse_request
from avm.domain.trust import Trusted
from avm_emulator.context import Emulator
from avm_emulator.engine import Options, RunningEmulator, start

Read = TypeVar("Read")
ORGANIZATION_ID = "o-exampleorgid"
REQUEST = {
    "name": "payments-dev",
    "type": "development",
    "owner": "jane.doe@example.com",
    "cost_center": "CC-1042",
    "purpose": "tests of controls",
}


class RoleClients:
    """The clients of one Region in one role."""

    def __init__(self, emulator: Emulator, region: str | None, role_arn: str) -> None:
        self._emulator = emulator
        self._region = region
        self._role_arn = role_arn

    def client(self, service: str) -> Any:
        return self._emulator.clients.client(service, self._region, role_arn=self._role_arn)


class Place:
    """One member account and, as ``avm.controls.control.Reach``, the ways to it."""

    def __init__(self, running: RunningEmulator, catalog: Catalog, account_id: str) -> None:
        self.emulator = running.emulator
        self.catalog = catalog
        self.account_id = account_id
        self.security_account_id = account_id

    def member(self, region: str | None = None) -> MemberClients:
        return RoleClients(self.emulator, region, _admin(self.account_id))

    def security(self, region: str) -> MemberClients:
        return RoleClients(self.emulator, region, _admin(self.security_account_id))

    def bootstrap(self) -> MemberClients:
        return self.member()

    @property
    def organizations(self) -> Organizations:
        raise NotImplementedError

    @property
    def budgets(self) -> Budgets:
        raise NotImplementedError

    @property
    def root_credentials(self) -> RootCredentials:
        raise NotImplementedError

    @property
    def identity_center(self) -> IdentityCenter:
        raise NotImplementedError

    def once(self, _: tuple[str, ...], read: Callable[[], Read]) -> Read:
        return read()

    def target(self, region: str | None = None, *, request: dict[str, Any] | None = None, **facts: Any) -> Target:
        """Return the account as a control gets it; ``request`` and ``facts`` (of the foundation) say what differs."""
        asked: AccountRequest = parse_request({**REQUEST, **(request or {})}, self.catalog)
        home = self.catalog.organization.home_region
        management = self.emulator.management_account_id
        return Target(
            account=Account(self.account_id, asked.name, "aws@example.com", "ACTIVE", ORGANIZATION_ID),
            account_type=self.catalog.account_type(asked.type),
            catalog=self.catalog,
            request=asked,
            request_id="R1",
            foundation=Foundation(
                partition="aws",
                organization_id=ORGANIZATION_ID,
                home_region=home,
                management_account_id=management,
                **facts,
            ),
            trusted=Trusted(
                f"arn:aws:iam::{management}:role/avm-functions/*",
                "external",
                ORGANIZATION_ID,
                f"arn:aws:iam::{management}:role/avm/avm-broker",
            ),
            region=region,
        )

    def mutating_calls(self, since: int = 0) -> list[str]:
        """Return the managed mutating calls after the call with number ``since``."""
        calls = self.emulator.calls.select(mutating=True, own=False, since=since)
        return [f"{call.service}:{call.operation}" for call in calls]

    def last_call(self) -> int:
        """Return the number of the last call."""
        return max((call.seq for call in self.emulator.calls), default=0)


def _admin(account_id: str) -> str:
    return f"arn:aws:iam::{account_id}:role/OrganizationAccountAccessRole"


@pytest.fixture(scope="module")
def running() -> Iterator[RunningEmulator]:
    with start(Options(speed="max", deploy=False, one_account=True)) as running:
        yield running


@pytest.fixture
def place(running: RunningEmulator, catalog: Catalog, request: pytest.FixtureRequest) -> Place:
    """Return a new member account."""
    emulator = running.emulator
    emulator.latencies.change({"organizations:CreateAccount": 0, "organizations:ActivateAccount": 0})
    number = len(emulator.calls.select(operation="CreateAccount"))
    organizations = emulator.clients.client("organizations")
    status = organizations.create_account(AccountName=request.node.name[:50], Email=f"c{number}@example.com")
    while status["CreateAccountStatus"]["State"] == "IN_PROGRESS":
        status = organizations.describe_create_account_status(
            CreateAccountRequestId=status["CreateAccountStatus"]["Id"]
        )
    return Place(running, catalog, status["CreateAccountStatus"]["AccountId"])
