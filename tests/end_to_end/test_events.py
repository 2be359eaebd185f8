"""The event bus as a door: an event becomes an account, and what cannot become one is told with the sender's id."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from avm_emulator.application import deploy_application
from avm_emulator.engine import Options, start
from tests.end_to_end.artefacts import few_promises
from tests.end_to_end.conftest import GOOD, Machine, hasten

Rejections = Callable[[], list[dict[str, Any]]]
Faults = Callable[..., None]


class Bus:
    """The application's bus, as the senders of the portal's account reach it."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.account_id = str(machine.emulator.security_account_id)
        self.arn = f"arn:aws:events:{machine.emulator.region}:{machine.emulator.application_account_id}:event-bus/avm"

    def client(self, service: Any, account_id: str | None = None, principal: str | None = None) -> Any:
        """Return a client of the portal's account, or of another one."""
        session = self.machine.session_of(account_id or self.account_id, principal or "OrganizationAccountAccessRole")
        return session.client(service, endpoint_url=self.machine.emulator.endpoint_url)

    def put(self, client: Any = None, *, detail_type: str = "AccountRequested", **detail: Any) -> str:
        """Put an event, and return its id."""
        entry = {
            "EventBusName": self.arn,
            "Source": "portal.example",
            "DetailType": detail_type,
            "Detail": json.dumps({**GOOD, **detail}),
        }
        answer = (client or self.client("events")).put_events(Entries=[entry])
        assert answer["FailedEntryCount"] == 0
        return str(answer["Entries"][0]["EventId"])

    def letters(self) -> dict[str, dict[str, Any]]:
        """Return the dead letters of events, by the name that was asked for."""
        items = self.machine.call("GET", "/dead-letters").json()["items"]
        return {json.loads(item["body"])["detail"]["name"]: item for item in items if "EventQueue" in item["queue"]}


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """The machine, which admits callers of one other account: the portal's."""
    with start(Options(speed="max", deploy=False)) as running:
        hasten(running.emulator)
        artefacts = few_promises(tmp_path_factory.mktemp("artefacts"))
        deploy_application(running.emulator, artefacts, callers=[str(running.emulator.security_account_id)])
        yield Machine(running)


@pytest.fixture(scope="module")
def bus(machine: Machine) -> Bus:
    return Bus(machine)


def test_an_event_becomes_a_ready_account_under_its_own_id(machine: Machine, bus: Bus) -> None:
    event_id = bus.put(name="by-event")
    request = machine.outcome(event_id)
    assert (request["status"], request["name"]) == ("READY", "by-event")
    sender = f"arn:aws:iam::{bus.account_id}:root"
    assert request["requester"] == {"door": "events", "principal": sender, "on_behalf_of": None}
    audit = machine.call("GET", f"/requests/{event_id}/audit").json()["items"]
    assert audit[0]["details"] == {"door": "events", "event_id": event_id}


def test_the_same_request_through_all_doors_at_once_is_one_account(machine: Machine, bus: Bus, since: int) -> None:
    body = {"name": "all-doors", **GOOD, "request_id": "all-doors"}
    queue = bus.client("sqs")
    (url,) = machine.application_client("sqs").list_queues(QueueNamePrefix="avm-RequestQueue")["QueueUrls"]
    queue.send_message(QueueUrl=url, MessageBody=json.dumps(body))
    bus.put(name="all-doors", request_id="all-doors")
    bus.put(name="all-doors", request_id="all-doors")
    assert machine.call("POST", "/requests", body).status_code in {200, 202}
    assert machine.outcome("all-doors")["status"] == "READY"
    assert bus.machine.creations(since) == 1
    assert machine.accepted_once("all-doors")
    assert "all-doors" not in bus.letters()


def test_an_event_that_is_delivered_twice_is_one_account(
    machine: Machine, bus: Bus, faults: Faults, since: int
) -> None:
    faults({"service": "events", "operation": "PutEvents", "fault": "duplicate_delivery", "nth": 1})
    event_id = bus.put(name="twice")
    assert machine.outcome(event_id)["status"] == "READY"
    assert bus.machine.creations(since) == 1
    assert machine.accepted_once(event_id)


def test_what_becomes_no_request_is_told_with_the_senders_id_and_put_aside_with_the_reason(
    machine: Machine, bus: Bus, rejections: Rejections
) -> None:
    ids = {
        "invalid": bus.put(name="invalid", type="castle", nonsense=1),
        "conflicting": bus.put(name="conflicting", request_id="by-event-1"),
    }
    assert machine.outcome("by-event-1")["status"] == "READY"
    ids["conflicting"] = bus.put(name="conflicting", request_id="by-event-1", purpose="another")
    machine.settle_now()
    letters = bus.letters()
    assert {name: letter["code"] for name, letter in letters.items()} == {
        "invalid": "InvalidRequest",
        "conflicting": "RequestConflict",
    }
    assert all(text in letters["invalid"]["reason"] for text in ("castle", "nonsense"))
    told = {detail["event_id"]: detail for detail in rejections()}
    assert set(told) == set(ids.values())
    assert {detail["door"] for detail in told.values()} == {"events"}
    assert told[ids["conflicting"]]["request_id"] == "by-event-1"


def test_what_fails_again_and_again_is_put_aside_with_the_reason_and_becomes_its_request_when_sent_back(
    machine: Machine, bus: Bus, faults: Faults, since: int
) -> None:
    faults({"service": "dynamodb", "operation": "TransactWriteItems", "fault": "denied"})
    event_id = bus.put(name="unlucky")
    letter = machine.until(lambda: bus.letters().get("unlucky"))
    assert len(machine.emulator.calls.select(since=since, operation="TransactWriteItems")) == 5
    assert letter["code"] == "AccessDenied"
    assert "TransactWriteItems" in letter["reason"]
    faults()
    assert machine.call("POST", f"/dead-letters/{letter['id']}/replay").status_code == 202
    request = machine.outcome(event_id)
    assert (request["status"], request["requester"]["door"]) == ("READY", "events")
    assert bus.machine.creations(since) == 1
    assert "unlucky" not in bus.letters()


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("call", [("dynamodb", "TransactWriteItems"), ("stepfunctions", "StartExecution")])
def test_a_function_that_is_killed_loses_no_event_and_doubles_none(
    machine: Machine, bus: Bus, faults: Faults, since: int, *, call: tuple[str, str], when: str
) -> None:
    faults({"service": call[0], "operation": call[1], "fault": "kill_function", "nth": 1, "when": when})
    event_id = bus.put(name=f"killed-{when}-{call[1]}")
    assert machine.outcome(event_id)["status"] == "READY"
    assert bus.machine.creations(since) == 1
    assert machine.accepted_once(event_id)


def test_a_rejection_by_the_vend_names_the_senders_event(machine: Machine, bus: Bus, rejections: Rejections) -> None:
    organizations = machine.client("organizations")
    organizations.create_account(AccountName="foreign", Email="aws-foreign@example.com")
    machine.emulator.clock.advance(3600)
    event_id = bus.put(name="rejected", email="aws-foreign@example.com")
    assert machine.outcome(event_id)["error"]["code"] == "EmailTaken"
    assert event_id in {detail.get("event_id") for detail in rejections()}


def test_other_accounts_put_events_of_this_kind_and_no_other_and_vended_accounts_none(
    machine: Machine, bus: Bus
) -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        bus.put(detail_type="AWS API Call via CloudTrail", name="forged")
    account_id = machine.vend("vended")["account_id"]
    with pytest.raises(ClientError, match="AccessDenied"):
        bus.put(bus.client("events", account_id, "root"), name="from-inside")


def test_nobody_sends_what_would_pass_for_an_event(machine: Machine) -> None:
    sqs = machine.application_client("sqs")
    (url,) = sqs.list_queues(QueueNamePrefix="avm-EventQueue")["QueueUrls"]
    with pytest.raises(ClientError, match="AccessDenied"):
        sqs.send_message(QueueUrl=url, MessageBody="{}")
