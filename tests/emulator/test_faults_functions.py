"""Faults of calls that functions make: their processes die, or wait on the clock with all that wait for them."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from avm_emulator.calls import CallRecord
from avm_emulator.context import Emulator
from avm_emulator.engine import Options
from tests.emulator.lab import Lab, until
from tests.emulator.outsiders import root_client

Put = Callable[..., None]

CREATE_QUEUE = (
    "import boto3\n"
    "from botocore.config import Config\n"
    "config = Config(retries={'total_max_attempts': 1}, read_timeout=2)\n"
    "sqs = boto3.client('sqs', config=config)\n"
    "def handler(event, context):\n"
    "    return sqs.create_queue(QueueName=event['name'])['QueueUrl']\n"
)
CREATE_QUEUE_IN_A_ROLE = (
    "import boto3\n"
    "def handler(event, context):\n"
    "    role = boto3.client('sts').assume_role(RoleArn=event['role'], RoleSessionName='there')['Credentials']\n"
    "    sqs = boto3.client('sqs', aws_access_key_id=role['AccessKeyId'],\n"
    "        aws_secret_access_key=role['SecretAccessKey'], aws_session_token=role['SessionToken'])\n"
    "    return sqs.create_queue(QueueName=event['name'])['QueueUrl']\n"
)


@pytest.fixture(scope="module")
def options() -> Options:
    parts = ("workflows", "functions", "delivery", "faults")
    return Options(speed="max", prepare=False, deploy=False, parts=[f"avm_emulator.{part}" for part in parts])


@pytest.fixture(scope="module")
def lab(emulator: Emulator) -> Lab:
    return Lab(emulator)


@pytest.fixture
def put(emulator: Emulator) -> Iterator[Put]:
    """Return what sets one fault rule on SQS CreateQueue; it is cleared afterwards."""
    url = f"{emulator.endpoint_url}/_emulator/faults"

    def put(fault: str, **fields: Any) -> None:
        rule = {"service": "sqs", "operation": "CreateQueue", "fault": fault, **fields}
        answer = requests.put(url, json=[rule], timeout=30)
        assert answer.status_code == 200, answer.text

    yield put
    requests.delete(url, timeout=30).raise_for_status()


@pytest.fixture(scope="module")
def function(lab: Lab) -> str:
    return lab.function(CREATE_QUEUE, Timeout=3)


def matched(emulator: Emulator) -> int:
    rules = requests.get(f"{emulator.endpoint_url}/_emulator/faults", timeout=30).json()["rules"]
    return int(rules[0]["matched"])


def exists(lab: Lab, name: str) -> bool:
    return bool(lab.client("sqs").list_queues(QueueNamePrefix=name).get("QueueUrls"))


# -- killed ------------------------------------------------------------------------------------------------------------
def last_made(emulator: Emulator) -> CallRecord:
    return next(call for call in reversed(list(emulator.calls)) if call.operation == "CreateQueue")


@pytest.mark.parametrize("phase", ["before", "after", None])
def test_the_calling_process_is_killed_before_or_after_the_call(
    emulator: Emulator, lab: Lab, function: str, put: Put, phase: str | None
) -> None:
    put("kill_function", nth=1, **({"when": phase} if phase else {}))
    name = lab.name("killed")
    answer, error = lab.invoke(function, {"name": name})
    assert error == "Unhandled"
    assert answer["errorType"] == "Runtime.ExitError"
    assert "signal: killed" in answer["errorMessage"]
    assert exists(lab, name) is (phase != "before")
    until(lambda: last_made(emulator).fault)  # the process may be gone before its call is over
    record = last_made(emulator)
    assert (record.fault, record.error, record.source) == ("kill_function", "FunctionKilled", function)
    answer, error = lab.invoke(function, {"name": name})
    assert (error, name in answer) == (None, True)


def test_only_the_process_that_calls_is_killed(emulator: Emulator, lab: Lab, put: Put) -> None:
    source = CREATE_QUEUE.replace("    return sqs", "    sqs.list_queues()\n    return sqs")
    function = lab.function(source, Timeout=20)
    put("kill_function", nth=1)
    gate = threading.Barrier(2)

    def both_are_here(call: Any) -> None:
        if call.operation == "ListQueues" and call.source == function:
            gate.wait(30)

    emulator.boundary.interceptors.append(both_are_here)
    answers: list[tuple[Any, str | None]] = []
    threads = [
        threading.Thread(target=lambda: answers.append(lab.invoke(function, {"name": lab.name("one-of-two")})))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    emulator.boundary.interceptors.remove(both_are_here)
    assert sorted((error for _, error in answers), key=str) == [None, "Unhandled"]


def test_a_call_in_another_role_is_a_call_of_the_function_too(emulator: Emulator, lab: Lab, put: Put) -> None:
    function = lab.function(CREATE_QUEUE_IN_A_ROLE, Timeout=20)
    put("kill_function", nth=1, account="210987654321")
    event = {"name": lab.name("elsewhere"), "role": "arn:aws:iam::210987654321:role/there"}
    answer, error = lab.invoke(function, event)
    assert (error, answer["errorType"]) == ("Unhandled", "Runtime.ExitError")


def test_a_call_that_no_function_makes_kills_nobody(emulator: Emulator, lab: Lab, put: Put) -> None:
    put("kill_function")
    root_client(emulator, "sqs").create_queue(QueueName=lab.name("by-hand"))
    assert matched(emulator) == 0


def test_an_event_of_a_killed_function_is_tried_again(emulator: Emulator, lab: Lab, put: Put) -> None:
    function, name = lab.function(CREATE_QUEUE, Timeout=20), lab.name("again")
    put("kill_function", nth=1, when="before")
    began = emulator.clock.now()
    lab.invoke(function, {"name": name}, InvocationType="Event")
    lab.settle()
    assert exists(lab, name)
    assert emulator.clock.now() == pytest.approx(began + 60, abs=1)


# -- lost --------------------------------------------------------------------------------------------------------------
def test_a_function_sees_a_lost_response_as_a_broken_connection(lab: Lab, function: str, put: Put) -> None:
    put("lost_response", nth=1)
    name = lab.name("lost")
    answer, error = lab.invoke(function, {"name": name})
    assert (error, answer["errorType"]) == ("Unhandled", "ConnectionClosedError")
    assert exists(lab, name)


def test_an_sdk_that_may_repeats_the_call(emulator: Emulator, lab: Lab, put: Put) -> None:
    function = lab.function(CREATE_QUEUE.replace("'total_max_attempts': 1", "'total_max_attempts': 2"))
    name = lab.name("repeated")
    put("lost_response", nth=1)
    answer, error = lab.invoke(function, {"name": name})
    assert (error, name in answer, matched(emulator)) == (None, True, 2)


# -- slow --------------------------------------------------------------------------------------------------------------
def test_a_function_waits_for_a_slow_call_without_its_time_out(
    emulator: Emulator, lab: Lab, function: str, put: Put
) -> None:
    put("slow", seconds=900)  # the function's time-out is 3 s, that of its SDK 2 s: both are real
    began = emulator.clock.now()
    answer, error = lab.invoke(function, {"name": lab.name("slow")})
    assert (error, "slow" in answer) == (None, True)
    assert emulator.clock.now() == began + 900


def test_who_invokes_a_function_waits_with_it(emulator: Emulator, lab: Lab, function: str, put: Put) -> None:
    source = (
        "import boto3, json\n"
        "client = boto3.client('lambda')\n"
        "def handler(event, context):\n"
        "    answer = client.invoke(FunctionName=event['function'], Payload=json.dumps(event))\n"
        "    return json.load(answer['Payload'])\n"
    )
    outer = lab.function(source, Timeout=3)
    put("slow", seconds=600)
    began = emulator.clock.now()
    answer, error = lab.invoke(outer, {"function": function, "name": lab.name("nested")})
    assert (error, "nested" in answer) == (None, True)
    assert emulator.clock.now() == began + 600


def test_a_state_waits_for_a_slow_call_of_its_function(emulator: Emulator, lab: Lab, function: str, put: Put) -> None:
    role = lab.role("states.amazonaws.com")
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": function, "Payload.$": "$"},
        "End": True,
    }
    states = lab.client("stepfunctions")
    machine = states.create_state_machine(
        name=lab.name("machine"), definition=json.dumps({"StartAt": "T", "States": {"T": task}}), roleArn=role
    )["stateMachineArn"]
    put("slow", seconds=1200)
    execution = states.start_execution(stateMachineArn=machine, input=json.dumps({"name": lab.name("state")}))
    lab.settle()
    described = states.describe_execution(executionArn=execution["executionArn"])
    assert described["status"] == "SUCCEEDED"
    assert (described["stopDate"] - described["startDate"]).total_seconds() == pytest.approx(1200, abs=1)


def test_a_state_that_calls_a_service_itself_waits_too(emulator: Emulator, lab: Lab, put: Put) -> None:
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:sqs:createQueue",
        "Parameters": {"QueueName": lab.name("direct")},
        "End": True,
    }
    states = lab.client("stepfunctions")
    machine = states.create_state_machine(
        name=lab.name("machine"),
        definition=json.dumps({"StartAt": "T", "States": {"T": task}}),
        roleArn=lab.role("states.amazonaws.com"),
    )["stateMachineArn"]
    put("slow", seconds=300)
    began = emulator.clock.now()
    execution = states.start_execution(stateMachineArn=machine)
    lab.settle()
    assert states.describe_execution(executionArn=execution["executionArn"])["status"] == "SUCCEEDED"
    assert emulator.clock.now() == pytest.approx(began + 300, abs=1)


def test_an_event_source_waits_for_a_slow_call_of_its_function(emulator: Emulator, lab: Lab, put: Put) -> None:
    url, arn = lab.queue(VisibilityTimeout="3600")
    source = CREATE_QUEUE.replace("event['name']", "event['Records'][0]['body']")
    lab.map_queue(arn, lab.function(source, Timeout=3))
    put("slow", seconds=700)
    began, name = emulator.clock.now(), lab.name("polled")
    lab.client("sqs").send_message(QueueUrl=url, MessageBody=name)
    lab.settle()
    assert exists(lab, name)
    assert emulator.clock.now() == pytest.approx(began + 700, abs=1)


def test_others_go_on_while_a_function_waits(emulator: Emulator, lab: Lab, function: str, put: Put) -> None:
    put("slow", seconds=100, nth=1)
    began, at = emulator.clock.now(), []
    with emulator.clock.activity():  # of this thread, which does nothing but wait for the answer
        emulator.clock.call_later(40, lambda: at.append(emulator.clock.now()))
        lab.invoke(function, {"name": lab.name("slow")})
    assert at == [began + 40]
    assert emulator.clock.now() == began + 100


def test_a_function_that_times_out_while_its_call_waits_leaves_nothing_behind(
    emulator: Emulator, lab: Lab, put: Put
) -> None:
    function = lab.function(CREATE_QUEUE, Timeout=1)
    put("slow", seconds=50, nth=1)
    emulator.clock.hold(held=True)
    answer, error = lab.invoke(function, {"name": lab.name("held")})
    assert (error, answer["errorType"]) == ("Unhandled", "Sandbox.Timedout")
    assert emulator.clock.active == 0
    began = emulator.clock.now()
    emulator.clock.hold(held=False)
    until(lambda: emulator.clock.now() == began + 50)
    lab.settle()
    lab.invoke(function, {"name": lab.name("fine")})
    assert emulator.clock.active == 0
