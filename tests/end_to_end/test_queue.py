"""The queue as a door: a message becomes an account, and what cannot become one blocks nobody and can be sent back."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.end_to_end.conftest import GOOD, Machine

DeadLetters = dict[str, dict[str, Any]]


class Queue:
    """The request queue, as senders reach it."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.sqs = machine.application_client("sqs")
        (self.url,) = self.sqs.list_queues(QueueNamePrefix="avm-RequestQueue")["QueueUrls"]

    def send(self, **body: Any) -> str:
        """Send a request as a message and return the message's id."""
        return str(self.sqs.send_message(QueueUrl=self.url, MessageBody=json.dumps({**GOOD, **body}))["MessageId"])

    def dead_letters(self) -> DeadLetters:
        """Return the dead letters by the name in the body, or by the body where it has none."""
        page = self.machine.call("GET", "/dead-letters").json()
        assert page["cursor"] is None
        return {_name(letter["body"]): letter for letter in page["items"]}

    def replay(self, letter: dict[str, Any]) -> None:
        answer = self.machine.call("POST", f"/dead-letters/{letter['id']}/replay")
        assert (answer.status_code, answer.json()) == (202, letter)


def _name(body: str) -> str:
    try:
        return str(json.loads(body)["name"])
    except ValueError:
        return body


@pytest.fixture(scope="module")
def queue(machine: Machine) -> Queue:
    return Queue(machine)


def test_a_message_becomes_a_ready_account_under_its_own_id(machine: Machine, queue: Queue) -> None:
    message_id = queue.send(name="by-queue")
    request = machine.outcome(message_id)
    assert (request["status"], request["name"]) == ("READY", "by-queue")
    caller = machine.application_client("sts").get_caller_identity()["UserId"]
    assert request["requester"] == {"door": "queue", "principal": caller, "on_behalf_of": None}


def test_bad_messages_of_a_batch_hold_up_no_good_one_and_are_put_aside_with_their_reason(
    machine: Machine, queue: Queue, rejections: Callable[[], list[dict[str, Any]]]
) -> None:
    assert machine.call("POST", "/requests", {"name": "first", **GOOD}, key="used").status_code == 202
    bodies = {
        "malformed": "{name: x",
        "good": json.dumps({"name": "good-one", "request_id": "good-one", **GOOD}),
        "invalid": json.dumps({"name": "invalid", **GOOD, "type": "castle", "\x01": "x" * 2000, "cost_center": "1"}),
        "conflicting": json.dumps({"name": "second", "request_id": "used", **GOOD}),
        "huge": json.dumps({"name": "huge", "request_id": "huge", **GOOD, "purpose": "x" * 70_000}),
    }
    entries = [{"Id": name, "MessageBody": body} for name, body in bodies.items()]
    sent = queue.sqs.send_message_batch(QueueUrl=queue.url, Entries=entries)["Successful"]
    ids = {entry["Id"]: entry["MessageId"] for entry in sent}
    assert machine.outcome("used")["name"] == "first"
    assert machine.outcome("good-one")["status"] == "READY"

    letters = queue.dead_letters()
    assert {name: (letter["code"], letter["request_id"]) for name, letter in letters.items()} == {
        "{name: x": ("InvalidRequest", None),
        "invalid": ("InvalidRequest", ids["invalid"]),
        "second": ("RequestConflict", "used"),
        bodies["huge"][:4096]: ("RequestTooLarge", None),
    }
    assert "not JSON" in letters["{name: x"]["reason"]
    assert all(text in letters["invalid"]["reason"] for text in ("castle", "cost_center", "?: is not a field"))
    assert {letter["queue"] for letter in letters.values()} == {queue.url.rpartition("/")[2]}
    assert queue.dead_letters() == letters, "a list hides nothing from the next one"

    told = {detail["message_id"]: detail for detail in rejections()}
    assert set(told) == {ids[name] for name in ("malformed", "invalid", "conflicting", "huge")}
    conflict = told[ids["conflicting"]]
    assert (conflict["door"], conflict["request_id"], conflict["account_id"]) == ("queue", "used", None)
    assert conflict["error"]["code"] == "RequestConflict"
    assert conflict["error"]["hint"]

    for letter in letters.values():
        queue.replay(letter)
    machine.settle_now()
    again = queue.dead_letters()
    assert {name: letter["reason"] for name, letter in again.items()} == {
        name: letter["reason"] for name, letter in letters.items()
    }, "what is wrong stays wrong"
    assert again["invalid"]["request_id"] == ids["invalid"]


def test_the_same_request_through_both_doors_at_once_is_one_account(machine: Machine, queue: Queue) -> None:
    before = max(call.seq for call in machine.emulator.calls)
    body = {"name": "both-doors", **GOOD, "request_id": "both-doors"}
    with ThreadPoolExecutor(8) as pool:
        answers = [pool.submit(machine.call, "POST", "/requests", body) for _ in range(4)]
        for _ in range(4):
            pool.submit(queue.send, name="both-doors", request_id="both-doors")
    assert {answer.result().status_code for answer in answers} <= {200, 202}
    assert machine.outcome("both-doors")["status"] == "READY"
    created = machine.emulator.calls.select(since=before, operation="CreateAccount", error=None)
    assert len(created) == 1
    assert machine.accepted_once("both-doors")
    assert "both-doors" not in queue.dead_letters()


def test_a_message_that_is_delivered_twice_is_one_account(
    machine: Machine, queue: Queue, faults: Callable[..., None]
) -> None:
    before = max(call.seq for call in machine.emulator.calls)
    faults({"service": "sqs", "operation": "SendMessage", "fault": "duplicate_delivery", "nth": 1})
    message_id = queue.send(name="twice")
    assert machine.outcome(message_id)["status"] == "READY"
    assert len(machine.emulator.calls.select(since=before, operation="CreateAccount", error=None)) == 1
    assert machine.accepted_once(message_id)
    assert "twice" not in queue.dead_letters()


def test_a_refused_message_is_sent_back_and_becomes_the_request_that_it_was(machine: Machine, queue: Queue) -> None:
    organizations = machine.client("organizations")
    organizations.create_account(AccountName="foreign", Email="aws-foreign@example.com")
    machine.emulator.clock.advance(3600)
    with machine.emulator.clock.activity():  # the vend that holds the name does not end yet
        holder = {"name": "contended", **GOOD, "email": "aws-foreign@example.com"}
        assert machine.call("POST", "/requests", holder, key="holder").status_code == 202
        message_id = queue.send(name="contended")
        letter = machine.until(lambda: queue.dead_letters().get("contended"))
    assert (letter["code"], letter["request_id"]) == ("NameTaken", message_id)
    assert letter["id"] != message_id, "to SQS it is a new message"
    assert machine.outcome("holder")["error"]["code"] == "EmailTaken"
    queue.replay(letter)
    request = machine.outcome(message_id)
    assert (request["status"], request["name"]) == ("READY", "contended")
    caller = machine.application_client("sts").get_caller_identity()["UserId"]
    assert request["requester"]["principal"] == caller, "who has sent it first, not who has sent it back"
    assert "contended" not in queue.dead_letters()


def test_what_fails_for_another_reason_comes_back_five_times_and_can_then_be_sent_back(
    machine: Machine, queue: Queue, faults: Callable[..., None]
) -> None:
    before = max(call.seq for call in machine.emulator.calls)
    faults({"service": "dynamodb", "operation": "TransactWriteItems", "fault": "denied"})
    message_id = queue.send(name="unlucky")
    letter = machine.until(lambda: queue.dead_letters().get("unlucky"))
    tried = machine.emulator.calls.select(since=before, operation="TransactWriteItems")
    assert len(tried) == 5
    assert letter["code"] == "AccessDenied"
    assert "TransactWriteItems" in letter["reason"]
    faults()
    queue.replay(letter)
    assert machine.outcome(message_id)["status"] == "READY"
    assert "unlucky" not in queue.dead_letters()


def test_an_error_that_passes_delays_a_message_and_no_more(
    machine: Machine, queue: Queue, faults: Callable[..., None]
) -> None:
    faults({"service": "dynamodb", "operation": "TransactWriteItems", "fault": "error_before", "times": 4})
    message_id = queue.send(name="delayed")
    assert machine.outcome(message_id)["status"] == "READY"
    assert "delayed" not in queue.dead_letters()


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("call", [("dynamodb", "TransactWriteItems"), ("stepfunctions", "StartExecution")])
def test_a_function_that_is_killed_loses_no_message_and_doubles_none(
    machine: Machine, queue: Queue, faults: Callable[..., None], call: tuple[str, str], when: str
) -> None:
    before = max(call.seq for call in machine.emulator.calls)
    faults({"service": call[0], "operation": call[1], "fault": "kill_function", "nth": 1, "when": when})
    name = f"killed-{when}-{call[1]}"
    message_id = queue.send(name=name)
    assert machine.outcome(message_id)["status"] == "READY"
    assert len(machine.emulator.calls.select(since=before, operation="CreateAccount", error=None)) == 1
    assert machine.accepted_once(message_id)
    assert name not in queue.dead_letters()


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("call", [("events", "PutEvents"), ("sqs", "SendMessage")])
def test_a_function_that_is_killed_puts_a_bad_message_aside_all_the_same_and_tells_it(
    machine: Machine,
    queue: Queue,
    faults: Callable[..., None],
    rejections: Callable[[], list[dict[str, Any]]],
    *,
    call: tuple[str, str],
    when: str,
) -> None:
    name = f"bad-{when}-{call[1]}"
    entry = {"Id": "1", "MessageBody": json.dumps({"name": name})}
    faults({"service": call[0], "operation": call[1], "fault": "kill_function", "nth": 1, "when": when})
    (sent,) = queue.sqs.send_message_batch(QueueUrl=queue.url, Entries=[entry])["Successful"]
    machine.settle_now()
    assert queue.dead_letters()[name]["request_id"] == sent["MessageId"]
    assert {detail["message_id"] for detail in rejections()} == {sent["MessageId"]}


def test_a_replay_that_is_cut_off_leaves_the_message_twice_and_that_is_one_account(
    machine: Machine, queue: Queue, faults: Callable[..., None]
) -> None:
    faults({"service": "dynamodb", "operation": "TransactWriteItems", "fault": "denied"})
    message_id = queue.send(name="cut-off")
    letter = machine.until(lambda: queue.dead_letters().get("cut-off"))
    before = max(call.seq for call in machine.emulator.calls)
    faults({"service": "sqs", "operation": "DeleteMessage", "fault": "kill_function", "nth": 1, "when": "before"})
    assert machine.call("POST", f"/dead-letters/{letter['id']}/replay").status_code == 502
    assert machine.outcome(message_id)["status"] == "READY"
    queue.replay(queue.dead_letters()["cut-off"])
    machine.settle_now()
    assert "cut-off" not in queue.dead_letters()
    assert len(machine.emulator.calls.select(since=before, operation="CreateAccount", error=None)) == 1
    assert machine.accepted_once(message_id)


def test_a_sender_of_the_management_account_is_admitted_and_one_of_a_vended_account_is_not(
    machine: Machine, queue: Queue
) -> None:
    body = json.dumps({"name": "by-management", "request_id": "by-management", **GOOD})
    machine.client("sqs").send_message(QueueUrl=queue.url, MessageBody=body)
    request = machine.outcome("by-management")
    assert request["status"] == "READY"
    assert request["requester"]["principal"] == machine.client("sts").get_caller_identity()["UserId"]

    inside = machine.session_of(request["account_id"], "root")
    sqs: Any = inside.client("sqs", endpoint_url=machine.emulator.endpoint_url)
    with pytest.raises(ClientError, match="AccessDenied"):
        sqs.send_message(QueueUrl=queue.url, MessageBody=body)


def test_nobody_passes_for_another_by_an_attribute(machine: Machine, queue: Queue) -> None:
    forged = {
        name: {"DataType": "String", "StringValue": value}
        for name, value in {"message_id": "forged", "sender": "AROAOTHER:boss"}.items()
    }
    body = json.dumps({"name": "forged", **GOOD})
    sent = queue.sqs.send_message(QueueUrl=queue.url, MessageBody=body, MessageAttributes=forged)
    request = machine.outcome(sent["MessageId"])
    assert request["requester"]["principal"] == machine.application_client("sts").get_caller_identity()["UserId"]


def test_a_dead_letter_that_is_not_there_cannot_be_sent_back(machine: Machine) -> None:
    answer = machine.call("POST", "/dead-letters/nowhere/replay")
    assert (answer.status_code, answer.json()["code"]) == (404, "DeadLetterNotFound")
