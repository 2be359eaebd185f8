"""Ticketing systems as a door: a signed webhook becomes an account, and anything else becomes nothing."""

import json
import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import requests

from avm.contracts.json_document import MAX_BODY_BYTES
from avm_emulator.application import deploy_application
from avm_emulator.engine import Options, start
from tests.end_to_end import conformance
from tests.end_to_end.artefacts import answer_on_loopback, ask_somebody, few_promises
from tests.end_to_end.conftest import Machine, hasten
from tests.end_to_end.receiver import Receiver
from tests.payloads import OLD_SECRET, SECRET, hub, issue_created, request_item, timed

FORBIDDEN = 403


class Tickets:
    """The ticketing systems of the organization, as they reach the machine and are told of their requests."""

    def __init__(self, machine: Machine, receiver: Receiver) -> None:
        self.machine = machine
        self.receiver = receiver
        secrets = machine.application_client("secretsmanager")
        for source in ("servicenow", "jira"):
            name = f"avm/webhooks/{source}"
            secrets.create_secret(Name=name, SecretString=OLD_SECRET)
            secrets.put_secret_value(SecretId=name, SecretString=SECRET)

    def post(self, source: str, body: bytes, headers: Mapping[str, str]) -> requests.Response:
        """Post a body as it is, with headers, without SigV4."""
        path = f"/webhooks/{source}"
        answer = self.machine.http.post(self.machine.base + path, data=body, headers=dict(headers), timeout=60)
        conformance.check("POST", path, answer)
        return answer

    def item(self, number: str, secret: str = SECRET, **variables: Any) -> requests.Response:
        """Send a request item of ServiceNow."""
        body = json.dumps(request_item(number, **variables)).encode()
        return self.post("servicenow", body, timed(body, secret, int(time.time())))


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver
        receiver.shutdown()


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory, receiver: Receiver) -> Iterator[Machine]:
    """The machine; its ticketing systems are told on loopback, and test accounts need an approval."""
    with start(Options(speed="max", deploy=False)) as running:
        hasten(running.emulator)
        artefacts = few_promises(tmp_path_factory.mktemp("artefacts"))
        answer_on_loopback(artefacts, receiver.server_port)
        ask_somebody(artefacts, "test")
        deploy_application(running.emulator, artefacts)
        yield Machine(running)


@pytest.fixture(scope="module")
def tickets(machine: Machine, receiver: Receiver) -> Tickets:
    return Tickets(machine, receiver)


def test_a_request_item_becomes_a_ready_account(machine: Machine, tickets: Tickets, since: int) -> None:
    answer = tickets.item("RITM0012345")
    assert answer.status_code == 202, answer.text
    assert answer.json()["request_id"] == "RITM0012345"
    request = machine.outcome("RITM0012345")
    assert (request["status"], request["name"]) == ("READY", "snow-ritm0012345")
    who = {"door": "ticketing", "principal": "servicenow", "on_behalf_of": "jane.doe@example.com"}
    assert request["requester"] == who
    accepted = machine.call("GET", "/requests/RITM0012345/audit").json()["items"][0]
    assert accepted["details"]["ticket"] == {"system": "servicenow", "id": "RITM0012345"}
    again = tickets.item("RITM0012345")
    assert (again.status_code, again.content) == (202, answer.content)
    assert tickets.machine.creations(since) == 1


def test_an_issue_becomes_a_ready_account(machine: Machine, tickets: Tickets) -> None:
    body = json.dumps(issue_created("ACC-42")).encode()
    assert tickets.post("jira", body, hub(body, SECRET)).status_code == 202
    request = machine.outcome("ACC-42")
    assert (request["status"], request["type"]) == ("READY", "sandbox")
    assert request["requester"]["on_behalf_of"] == "5b10a2844c20165700ede21g"


def test_the_earlier_secret_counts_until_the_one_after_the_next(machine: Machine, tickets: Tickets) -> None:
    assert tickets.item("RITM0000002", OLD_SECRET).status_code == 202
    secrets = machine.application_client("secretsmanager")
    secrets.put_secret_value(SecretId="avm/webhooks/servicenow", SecretString="x" * 40)
    assert tickets.item("RITM0000002", OLD_SECRET).status_code == FORBIDDEN
    assert tickets.item("RITM0000002", SECRET).status_code == 202
    secrets.put_secret_value(SecretId="avm/webhooks/servicenow", SecretString=SECRET)


def test_what_is_not_signed_right_is_refused_and_creates_nothing(
    machine: Machine, tickets: Tickets, since: int
) -> None:
    body, now = json.dumps(request_item("RITM0000666")).encode(), int(time.time())
    good, of_jira = timed(body, SECRET, now), json.dumps(issue_created("ACC-666")).encode()
    refused: list[tuple[str, bytes, Mapping[str, str]]] = [
        ("servicenow", body, {}),
        ("servicenow", body, {**good, "X-Avm-Signature": "sha256=" + "0" * 64}),
        ("servicenow", body, {**good, "X-Avm-Timestamp": str(now + 1)}),
        ("servicenow", body + b" ", good),
        ("servicenow", body, timed(body, SECRET, now - 301)),
        ("servicenow", body, timed(body, SECRET, now + 400)),
        ("servicenow", body, timed(body, "y" * 40, now)),
        ("servicenow", body, hub(body, SECRET)),
        ("jira", of_jira, hub(of_jira, "y" * 40)),
        ("jira", of_jira, timed(of_jira, SECRET, now)),
        ("unknown", body, good),
    ]
    for source, content, headers in refused:
        answer = tickets.post(source, content, headers)
        assert (answer.status_code, answer.json()["code"]) == (FORBIDDEN, "SignatureInvalid"), (source, headers)
        assert SECRET not in answer.text
    machine.settle_now()
    assert tickets.machine.creations(since) == 0
    assert machine.call("GET", "/requests/RITM0000666").status_code == 404


def test_what_is_signed_and_asks_for_nothing_is_refused_as_at_every_door(
    machine: Machine, tickets: Tickets, since: int
) -> None:
    def signed(body: bytes) -> requests.Response:
        return tickets.post("servicenow", body, timed(body, SECRET, int(time.time())))

    malformed = [signed(body) for body in (b"", b"{", b"[]", b"null", b'{"number": 1}', b'"\xc3\xa9', b"[" * 40_000)]
    assert {(answer.status_code, answer.json()["code"]) for answer in malformed} == {(400, "InvalidRequest")}
    wrong = tickets.item("RITM0000667", account_type="castle", cost_center="1042")
    assert {each["field"] for each in wrong.json()["errors"]} == {"type", "cost_center"}
    huge = signed(b" " * (MAX_BODY_BYTES + 1))
    assert (huge.status_code, huge.json()["code"]) == (413, "RequestTooLarge")
    machine.settle_now()
    assert tickets.machine.creations(since) == 0
    assert tickets.item("RITM0000667").status_code == 202  # and the door goes on working


def test_a_ticket_that_asks_for_something_else_is_no_second_request(machine: Machine, tickets: Tickets) -> None:
    assert tickets.item("RITM0000003").status_code == 202
    changed = tickets.item("RITM0000003", purpose="another")
    assert (changed.status_code, changed.json()["code"]) == (409, "RequestConflict")
    assert machine.accepted_once("RITM0000003")


def test_no_other_path_is_open_to_whom_does_not_sign(machine: Machine) -> None:
    for path in ("/webhooks", "/webhooks/jira/more", "/requests", "/webhooks/../requests"):
        answer = requests.post(machine.base + path, data=b"{}", timeout=60)
        assert answer.status_code == FORBIDDEN
        assert "Missing Authentication Token" in answer.text
    assert machine.call("GET", "/webhooks/jira").status_code == 404


def test_a_ticket_is_told_every_transition_and_where_the_report_is(machine: Machine, tickets: Tickets) -> None:
    assert tickets.item("RITM0000010", account_type="test").status_code == 202
    machine.settle_now()
    assert machine.call("POST", "/requests/RITM0000010/approval", {"decision": "approve"}).status_code == 200
    request = machine.outcome("RITM0000010")
    assert request["status"] == "READY"
    told = tickets.receiver.of("RITM0000010")
    assert {(each["event"], each["status"]) for each in told} == {
        ("AccountRequestAccepted", "IN_PROGRESS"),
        ("ApprovalRequested", "PENDING_APPROVAL"),
        ("ApprovalDecided", "IN_PROGRESS"),
        ("AccountCreated", "IN_PROGRESS"),
        ("AccountReady", "READY"),
    }
    assert {each["path"] for each in told} == {"/servicenow"}
    assert {json.dumps(each["ticket"]) for each in told} == {'{"system": "servicenow", "id": "RITM0000010"}'}
    last = told[-1]
    assert (last["event"], last["account_id"], last["error"]) == ("AccountReady", request["account_id"], None)
    assert last["report"].endswith(f"/v1/accounts/{request['account_id']}/report")


def test_a_ticket_is_told_why_nothing_becomes_of_it_and_what_to_do(
    machine: Machine, tickets: Tickets, faults: Any
) -> None:
    tickets.item("RITM0000011", account_type="test")
    machine.settle_now()
    decision = {"decision": "reject", "comment": "not now"}
    assert machine.call("POST", "/requests/RITM0000011/approval", decision).status_code == 200
    assert machine.outcome("RITM0000011")["status"] == "REJECTED"
    tickets.item("RITM0000012", account_type="test")
    machine.settle_now()
    assert machine.call("POST", "/requests/RITM0000012/cancel").status_code == 200
    faults({"service": "organizations", "operation": "MoveAccount", "fault": "denied"})
    tickets.item("RITM0000013")
    parked = machine.outcome("RITM0000013")
    machine.settle_now()
    last = {number: tickets.receiver.of(f"RITM00000{number}")[-1] for number in (11, 12, 13)}
    assert {number: each["status"] for number, each in last.items()} == {11: "REJECTED", 12: "CANCELLED", 13: "PARKED"}
    assert last[11]["error"]["code"] == "ApprovalRefused"
    assert last[13]["error"] == parked["error"]
    assert last[13]["error"]["hint"]
    assert not any(each["report"] for each in last.values())


@pytest.mark.parametrize("status", [400, 302, 503, 429])
def test_what_a_ticketing_system_does_not_take_is_tried_again_and_put_aside_with_the_reason(
    machine: Machine, tickets: Tickets, status: int
) -> None:
    number = f"RITM0000{status}"
    tickets.receiver.status = status
    assert tickets.item(number).status_code == 202
    assert machine.outcome(number)["status"] == "READY", "who does not listen stops nothing"
    machine.settle_now()
    letters = [each for each in machine.call("GET", "/dead-letters").json()["items"] if number in each["body"]]
    tickets.receiver.status = 204
    assert len(letters) == 3
    assert len(tickets.receiver.of(number)) == 15
    assert {letter["code"] for letter in letters} == {"TicketNotTold" if status in {400, 302} else "ServiceUnavailable"}
    assert all(f"answers {status}" in letter["reason"] for letter in letters)
    for letter in letters:
        assert machine.call("POST", f"/dead-letters/{letter['id']}/replay").status_code == 202
    machine.settle_now()
    taken = [each for each in tickets.receiver.of(number) if each["status_code"] == 204]
    assert {each["event"] for each in taken} == {"AccountRequestAccepted", "AccountCreated", "AccountReady"}


def test_a_request_that_came_by_another_door_is_told_to_no_ticketing_system(machine: Machine, tickets: Tickets) -> None:
    ticket = {"system": "servicenow", "id": "RITM0000099"}
    assert machine.vend("by-api", ticket=ticket)["status"] == "READY"
    assert tickets.receiver.of("by-api") == []
