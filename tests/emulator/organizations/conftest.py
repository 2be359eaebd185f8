"""An organization for each test, on one emulator for each module; the clock moves only when a test says so."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from avm_emulator import organizations
from avm_emulator.context import Emulator
from avm_emulator.engine import Options
from avm_emulator.organizations import Organization, organization_of

ALLOW_ALL = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})


@dataclass
class World:
    """The management account's view of its organization."""

    emulator: Emulator
    client: Any
    root_id: str

    @property
    def organization(self) -> Organization:
        found = organization_of(self.emulator.management_account_id)
        assert found is not None
        return found

    def start(self, name: str = "one", **more: Any) -> dict[str, Any]:
        """Ask for an account called ``name``; return its CreateAccountStatus."""
        arguments = {"AccountName": name, "Email": f"{name}@example.com", **more}
        return dict(self.client.create_account(**arguments)["CreateAccountStatus"])

    def status(self, creation: dict[str, Any]) -> dict[str, Any]:
        return dict(
            self.client.describe_create_account_status(CreateAccountRequestId=creation["Id"])["CreateAccountStatus"]
        )

    def pass_time(self, seconds: float = 60) -> None:
        self.emulator.clock.advance(seconds)

    def account(self, name: str = "one", **more: Any) -> str:
        """Create an account and return its id."""
        creation = self.start(name, **more)
        self.pass_time()
        return str(self.status(creation)["AccountId"])

    def describe(self, account_id: str) -> dict[str, Any]:
        return dict(self.client.describe_account(AccountId=account_id)["Account"])

    def unit(self, name: str, parent_id: str | None = None) -> str:
        created = self.client.create_organizational_unit(ParentId=parent_id or self.root_id, Name=name)
        return str(created["OrganizationalUnit"]["Id"])

    def policy(self, name: str, kind: str = "SERVICE_CONTROL_POLICY", content: str = ALLOW_ALL) -> str:
        created = self.client.create_policy(Name=name, Description="", Type=kind, Content=content)
        return str(created["Policy"]["PolicySummary"]["Id"])

    def as_member(self, account_id: str, service: str = "organizations") -> Any:
        """Return a client in the access role of a member account."""
        role = f"arn:aws:iam::{account_id}:role/OrganizationAccountAccessRole"
        return self.emulator.clients.client(service, role_arn=role)


EventsOf = Callable[[Emulator], AbstractContextManager[list[dict[str, Any]]]]
Refused = Callable[..., tuple[str, str | None]]


@pytest.fixture(scope="session")
def refused() -> Refused:
    """Call something that AWS refuses and return the error's code and Reason."""

    def call(operation: Callable[..., Any], **arguments: Any) -> tuple[str, str | None]:
        with pytest.raises(ClientError) as caught:
            operation(**arguments)
        response: Any = caught.value.response
        return response["Error"]["Code"], response.get("Reason")

    return call


@pytest.fixture(scope="module")
def options() -> Options:
    return Options(
        speed="max", prepare=False, deploy=False, parts=("avm_emulator.managed_policies", "avm_emulator.organizations")
    )


@pytest.fixture
def empty(emulator: Emulator) -> Emulator:
    """An emulator in which nobody has an organization, its clock held."""
    emulator.clock.hold(held=True)
    former = organization_of(emulator.management_account_id)
    if former is not None:
        former.forget()  # what its accounts still wait for is of no interest any more
    organizations.install(emulator)
    return emulator


@pytest.fixture
def world(empty: Emulator) -> World:
    """A new organization with all features."""
    client = empty.clients.client("organizations")
    client.create_organization(FeatureSet="ALL")
    return World(empty, client, client.list_roots()["Roots"][0]["Id"])


@pytest.fixture(scope="session")
def events_of() -> EventsOf:
    """Collect the events of AWS Organizations on the default bus of the management account in us-east-1."""

    @contextmanager
    def collect(emulator: Emulator) -> Iterator[list[dict[str, Any]]]:
        events, sqs = emulator.clients.client("events", "us-east-1"), emulator.clients.client("sqs", "us-east-1")
        queue = sqs.create_queue(QueueName="events")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        events.put_rule(Name="all", EventPattern=json.dumps({"source": ["aws.organizations"]}))
        events.put_targets(Rule="all", Targets=[{"Id": "queue", "Arn": arn}])
        received: list[dict[str, Any]] = []
        yield received
        emulator.clock.advance(0)  # events are put in threads of their own; this returns when they are
        while messages := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                received.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        events.remove_targets(Rule="all", Ids=["queue"])
        events.delete_rule(Name="all")

    return collect
