"""A world for the steps: AWS as the emulator models it, the application's table and bus, the shipped catalog."""

import itertools
import json
import time
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any

import pytest
from pydantic import BaseModel

from avm.aws.dynamodb import Audit
from avm.aws.slots_table import Kind
from avm.domain.account_request import Requester, RequestRecord
from avm.domain.catalog import Catalog
from avm.domain.naming import email_from_pattern
from avm.domain.request_rules import parse_request
from avm.domain.time import from_epoch_ms, from_iso
from avm.runtime.wiring import AwsClients
from avm.steps import (
    await_creation,
    await_readiness,
    create_account,
    create_vending_roles,
    move_account,
    quarantine_account,
    restrict_bootstrap,
)
from avm.steps.gateways import Gateways
from avm.steps.step import TurnOutput
from avm_emulator.application import EXTERNAL_ID, deploy_broker
from avm_emulator.context import Emulator
from avm_emulator.engine import Options, RunningEmulator, start
from tests.unit.conftest import CATALOG_DIR, create_table
from tests.unit.steps.recorders import Executions, Published, Runs

NUMBERS = itertools.count(1)
YOUTH = 180
"""AWS-seconds after which a new account answers everywhere."""


class World:
    """One test's world: gateways on a table of its own, in an organization that the tests of a module share."""

    def __init__(self, running: RunningEmulator, clients: AwsClients, catalog: Catalog) -> None:
        self.emulator = running.emulator
        self.catalog = catalog
        self.number = next(NUMBERS)
        key = {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}
        self.report_key = running.emulator.clients.client("kms").create_key(**key)["KeyMetadata"]["Arn"]
        self.gateways = Gateways(
            clients,
            table_name=f"table-{self.number}",
            bus_name=f"bus-{self.number}",
            catalog_dir=str(CATALOG_DIR),
            broker_role_arn=f"arn:aws:iam::{self.emulator.management_account_id}:role/avm/avm-broker",
            external_id=EXTERNAL_ID,
            function_roles=f"arn:aws:iam::{self.emulator.application_account_id}:role/avm-functions/",
            report_bucket=f"reports-{self.number}",
            report_key_arn=self.report_key,
            webhook_prefix=f"webhooks-{self.number}/",
        )
        self.organizations = self.gateways.organizations
        self.table = self.gateways.table
        running.emulator.own_resources |= {f"table-{self.number}", f"bus-{self.number}", f"reports-{self.number}"}
        running.emulator.own_resources.add(self.report_key)
        running.emulator.clients.client("s3").create_bucket(
            Bucket=f"reports-{self.number}", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )
        running.emulator.clients.client("events").create_event_bus(Name=f"bus-{self.number}")
        create_table(running.emulator.clients.client("dynamodb"), f"table-{self.number}")

    def now(self) -> str:
        return from_epoch_ms(int(self.emulator.clock.now() * 1000))

    def started(self, **body: Any) -> RequestRecord:
        """Return the record of a request whose vend has begun."""
        record = self.accepted(**body)
        self.table.update_request(record.request_id, {"status": "IN_PROGRESS"})
        return self.table.request(record.request_id)

    def accepted(self, **body: Any) -> RequestRecord:
        """Return the record of a request that a door has accepted."""
        request_id = f"R{self.number}-{next(NUMBERS)}"
        request = parse_request(
            {
                "name": f"name-{request_id}",
                "type": "sandbox",
                "owner": "jane.doe@example.com",
                "cost_center": "CC-1042",
                "purpose": "x",
                **body,
            },
            self.catalog,
        )
        record = RequestRecord(
            request_id=request_id,
            status="QUEUED",
            request=request,
            digest=request.digest(),
            email=request.email
            or email_from_pattern(self.catalog.organization.email.pattern, request.name, request_id),
            regions=("eu-west-1",),
            requester=Requester(door="api", principal="arn:x"),
            catalog_version=self.catalog.version,
            created_at=self.now(),
            updated_at=self.now(),
            arrival=self.table.next_arrival(),
        )
        assert self.table.accept(record, Audit(self.now(), "arn:x", "RequestAccepted")) is None
        return record

    def cared_for(self, **body: Any) -> tuple[RequestRecord, str]:
        """Return a request and its account, as if its vend had made it ready."""
        record, account_id = self.created(**body)
        account = self.table.account(account_id)
        assert account is not None
        self.table.put_account(account.model_copy(update={"status": "READY"}))
        return record, account_id

    def by_hand(self, **options: str) -> str:
        """Return the id of an account that somebody has made without the machine, and that answers everywhere."""
        name = f"by-hand-{next(NUMBERS)}"
        client = self.emulator.clients.client("organizations")
        status = client.create_account(**{"AccountName": name, "Email": f"{name}@elsewhere.example.org", **options})
        creation = status["CreateAccountStatus"]["Id"]
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            self.wait()
            answer = client.describe_create_account_status(CreateAccountRequestId=creation)["CreateAccountStatus"]
            if "AccountId" in answer:
                self.emulator.clock.advance(YOUTH)
                return str(answer["AccountId"])
        pytest.fail("the account was not made")

    def adopting(self, account_id: str, **body: Any) -> RequestRecord:
        """Return the record of a request that adopts an account, whose execution has begun."""
        record = self.started(**body)
        self.table.update_request(record.request_id, {"adopts": account_id})
        return self.table.request(record.request_id)

    def wait(self) -> None:
        """Let the time pass that the workflow waits between two looks."""
        self.emulator.clock.advance(5)

    def run(self, step: ModuleType, record: RequestRecord, *, at: str | None = None, **fields: Any) -> Any:
        """Run a step for a request as the workflow does: a turn is waited for, a slot for the creation is there."""
        document = {"request_id": record.request_id, "attempt": record.attempt, "time": at or self.now(), **fields}
        if step is create_account:
            document = {"start_at": document["time"], **document}
        output: BaseModel = step.run(step.Input.model_validate(document), self.gateways)
        turn = output.start_at if isinstance(output, TurnOutput) else None
        if turn is None:
            return output
        self.emulator.clock.advance(max(0.0, from_iso(turn).timestamp() - self.emulator.clock.now()))
        return self.run(step, record, **{**fields, "turn": turn})

    def created(self, **body: Any) -> tuple[RequestRecord, str]:
        """Return a request and its account, which stands under the root."""
        record = self.started(**body)
        self.run(create_account, record)
        return record, self.awaited(record)

    def awaited(self, record: RequestRecord) -> str:
        """Return the account id when its creation has ended."""
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            output = self.run(await_creation, record)
            if output.creation == "SUCCEEDED":
                return str(output.account_id)
            self.wait()
        pytest.fail("the account was not made")

    def placed(self, **body: Any) -> tuple[RequestRecord, str]:
        """Return a request and its account, quarantined and in its OU."""
        record, account_id = self.created(**body)
        self.run(quarantine_account, record, account_id=account_id)
        self.run(move_account, record, account_id=account_id)
        return record, account_id

    def usable(self, **body: Any) -> tuple[RequestRecord, str]:
        """Return a request and its account, in its OU, which answers everywhere."""
        record, account_id = self.placed(**body)
        self.emulator.clock.advance(YOUTH)
        self.looked(await_readiness, record, account_id, "READY")
        return record, account_id

    def furnished(self, **body: Any) -> tuple[RequestRecord, str]:
        """Return a request and its account, in which the machine works through its own roles."""
        record, account_id = self.usable(**body)
        self.looked(create_vending_roles, record, account_id)
        self.looked(restrict_bootstrap, record, account_id)
        return record, account_id

    def looked(self, step: ModuleType, record: RequestRecord, account_id: str, done: str = "DONE") -> list[Any]:
        """Run a step that polls as the workflow does until it is done; return what its rounds have put out."""
        outputs: list[Any] = []
        fields: dict[str, Any] = {}
        while not outputs or outputs[-1].status != done:
            assert len(outputs) < 300, f"never done: {outputs[-1]}"
            if outputs:
                self.wait()
            outputs.append(self.run(step, record, account_id=account_id, **fields))
            if step is await_readiness:
                fields = {"passes": outputs[-1].passes}
        return outputs

    def line(self, kind: Kind) -> tuple[list[str], list[str]]:
        """Return whose the slots of a kind are, and who waits for one."""
        slots = self.gateways.slots.read(kind)
        return [each.request_id for each in slots.holders], [each.request_id for each in slots.waiting]

    def actions(self, record: RequestRecord) -> list[str]:
        """Return what happened to a request, in order of time and name."""
        return [row.action for row in self.table.audit(record.request_id)]

    def audited(self, record: RequestRecord, action: str) -> tuple[str, Mapping[str, Any]]:
        """Return who did what happened once to a request, and what else there is to say."""
        ((actor, details),) = [
            (row.actor, row.details) for row in self.table.audit(record.request_id) if row.action == action
        ]
        return actor, details

    def last_call(self) -> int:
        """Return the number of the last call."""
        return max((call.seq for call in self.emulator.calls), default=0)

    def calls(self, since: int = 0) -> list[str]:
        """Return the operations that were called after ``since``."""
        return [call.operation for call in self.emulator.calls.select(since=since)]

    def mutating_calls(self, since: int = 0) -> list[str]:
        """Return the managed mutating calls after the call with number ``since``."""
        calls = self.emulator.calls.select(mutating=True, own=False, since=since)
        return [f"{call.service}:{call.operation}" for call in calls]


def function_role(emulator: Emulator) -> str:
    """Create the role that the steps' function would have, all functions in one, and return its ARN."""
    iam = emulator.clients.client("iam")
    trust = {"Effect": "Allow", "Principal": {"AWS": emulator.management_account_id}, "Action": "sts:AssumeRole"}
    role = iam.create_role(
        RoleName="steps",
        Path="/avm-functions/broker/observe/enforce/reports/",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
    )["Role"]
    iam.attach_role_policy(RoleName="steps", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    return str(role["Arn"])


@pytest.fixture(scope="module")
def running() -> Iterator[RunningEmulator]:
    with start(Options(speed="max", deploy=False, one_account=True)) as running:
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


@pytest.fixture
def world(running: RunningEmulator, clients: AwsClients, catalog: Catalog) -> World:
    return World(running, clients, catalog)


@pytest.fixture
def executions(world: World, monkeypatch: pytest.MonkeyPatch) -> Executions:
    """Return the executions of the world's vends; without a deployed machine they are played."""
    played = Executions()
    monkeypatch.setattr(world.gateways, "workflows", played)
    return played


@pytest.fixture
def drift_runs(world: World, monkeypatch: pytest.MonkeyPatch) -> Runs:
    """Return the executions that look at one control; without a deployed machine they are played."""
    played = Runs()
    monkeypatch.setattr(world.gateways, "drift_runs", played)
    return played


@pytest.fixture
def foundation_runs(world: World, monkeypatch: pytest.MonkeyPatch) -> Runs:
    """Return the executions that look at the foundation, played."""
    played = Runs()
    monkeypatch.setattr(world.gateways, "foundation_runs", played)
    return played


@pytest.fixture
def published(world: World, monkeypatch: pytest.MonkeyPatch) -> Published:
    """Return what the world publishes, beside the bus that takes it."""
    recorded = Published(world.gateways.events.publish)
    monkeypatch.setattr(world.gateways.events, "publish", recorded)
    return recorded
