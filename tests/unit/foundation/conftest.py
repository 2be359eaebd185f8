"""A management account with an organization in which nothing else is, and the machine's own way to it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, TypeVar

import pytest

from avm.aws.designations import Designations
from avm.aws.errors import translated
from avm.aws.organization_setup import OrganizationSetup
from avm.aws.organizations import Organizations
from avm.domain.errors import Throttled
from avm.domain.finding import Verdict
from avm.foundation.control import FoundationTarget, Look
from avm.foundation.registry import all_foundation_controls
from avm.runtime.wiring import AwsClients
from avm.steps.foundation_step import FoundationInput, OrganizationReach, look_at, organization
from avm.steps.gateways import Gateways
from avm_emulator.application import EXTERNAL_ID, deploy_broker
from avm_emulator.engine import Options, RunningEmulator, start
from avm_emulator.preparation.accounts import NewAccount, create_accounts
from tests.unit.conftest import CATALOG_DIR
from tests.unit.controls.conftest import RoleClients
from tests.unit.steps.conftest import function_role

Returned = TypeVar("Returned")
STEP = FoundationInput(observation_id="apply-1", time="2026-11-25T10:00:00Z")
PATIENCE = 200
"""Calls to AWS that a control may need; each is tried again after three seconds where there are too many in one."""


class Ground:
    """The organization, as the machine and as an administrator of the management account reach it."""

    def __init__(self, running: RunningEmulator, clients: AwsClients) -> None:
        self.emulator = running.emulator
        self.gateways = Gateways(
            clients,
            catalog_dir=str(CATALOG_DIR),
            broker_role_arn=f"arn:aws:iam::{self.emulator.management_account_id}:role/avm/avm-broker",
            external_id=EXTERNAL_ID,
            function_roles=f"arn:aws:iam::{self.emulator.application_account_id}:role/avm-functions/",
        )
        self.catalog = self.gateways.catalog
        self.organizations: Any = self.emulator.clients.client("organizations")
        self.reach = OrganizationReach(self.gateways, STEP, {})

    def target(self) -> FoundationTarget:
        return self.patient(lambda: organization(self.gateways))

    def look(self, name: str) -> Look:
        """Return what a control sees now."""
        target = self.target()
        self.reach = OrganizationReach(self.gateways, STEP, {})
        return self.patient(lambda: all_foundation_controls()[name].look(target, self.reach))

    def apply(self, *names: str) -> list[str]:
        """Do the steps of controls, and return the calls."""
        made = []
        for name in names:
            for step in self.look(name).steps:
                self.patient(step.act)
                made.append(step.operation)
        return made

    def status(self, name: str) -> Verdict:
        return self.look(name).status

    def mutating_calls(self, since: int) -> list[str]:
        """Return the managed mutating calls after the call with number ``since``."""
        calls = self.emulator.calls.select(mutating=True, own=False, since=since)
        return [call.operation for call in calls]

    def last_call(self) -> int:
        return max((call.seq for call in self.emulator.calls), default=0)

    def patient(self, act: Callable[[], Returned]) -> Returned:
        for _ in range(PATIENCE):
            try:
                with translated():
                    return act()
            except Throttled:
                self.emulator.clock.advance(3)
        pytest.fail("AWS refuses to be called for ever")


REGIONS = ("eu-west-1", "eu-central-1", "us-east-1")
HOME = REGIONS[0]


class Hands:
    """The organization with a security account, and the ways to it that these controls use."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self._memory: dict[str, str] = {}
        ground.apply("policy-types", "trusted-services", "organizational-units")
        accounts = [NewAccount(name, f"{name}@example.com", "Security") for name in ("security", "other")]
        ids = create_accounts(ground.emulator, accounts)
        self.account_id, self.other_id = ids["security"], ids["other"]

    @property
    def designations(self) -> Designations:
        return self.ground.gateways.designations

    @property
    def setup(self) -> OrganizationSetup:
        return self.ground.gateways.organization_setup

    @property
    def organizations(self) -> Organizations:
        return self.ground.gateways.organizations

    def security(self, region: str) -> RoleClients:
        role = f"arn:aws:iam::{self.account_id}:role/OrganizationAccountAccessRole"
        return RoleClients(self.ground.emulator, region, role)

    def look(self, name: str) -> Look:
        target = self.ground.target()
        foundation = target.foundation.model_copy(update={"security_account_id": self.account_id})
        control = all_foundation_controls()[name]
        self._memory = {}
        self.ground.emulator.clock.advance(3)  # a look takes as many reads as AWS takes at once
        for _ in range(PATIENCE):
            seen = look_at(control, replace(target, foundation=foundation), self)  # type: ignore[arg-type]
            if not isinstance(seen.error, Throttled):
                break
            self.ground.emulator.clock.advance(3)
        assert seen.error is None, seen.error
        return seen.look

    def remember(self, key: str, read: Callable[[], str]) -> str:
        if key not in self._memory:
            self._memory[key] = read()
        return self._memory[key]

    def apply(self, name: str) -> list[str]:
        steps = self.look(name).steps
        for step in steps:
            self.ground.patient(step.act)
        return [f"{step.operation}: {step.subject}" for step in steps]

    def management(self, service: str) -> Any:
        return self.ground.emulator.clients.client(service, HOME)


@pytest.fixture(scope="module")
def running() -> Iterator[RunningEmulator]:
    with start(Options(speed="max", bare=True, deploy=False)) as running:
        running.emulator.clients.client("organizations").create_organization(FeatureSet="ALL")
        deploy_broker(running.emulator)
        yield running


@pytest.fixture(scope="module")
def clients(running: RunningEmulator) -> Iterator[AwsClients]:
    """Return the clients of a function's process: endpoint, Region and credentials come from the environment."""
    credentials = running.emulator.clients.credentials(function_role(running.emulator), "steps")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("AWS_ENDPOINT_URL", running.endpoint_url)
        patched.setenv("AWS_DEFAULT_REGION", running.emulator.region)
        patched.setenv("AWS_ACCESS_KEY_ID", credentials["AccessKeyId"])
        patched.setenv("AWS_SECRET_ACCESS_KEY", credentials["SecretAccessKey"])
        patched.setenv("AWS_SESSION_TOKEN", credentials["SessionToken"])
        yield AwsClients()


@pytest.fixture(scope="module")
def ground(running: RunningEmulator, clients: AwsClients) -> Ground:
    """Return the organization; the tests of a module share it, in their order."""
    return Ground(running, clients)


@pytest.fixture(scope="module")
def hands(ground: Ground) -> Hands:
    return Hands(ground)
