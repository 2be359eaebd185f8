"""The executions of a vend, against Step Functions itself: a machine that waits on a task token."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from avm.aws.step_functions import Workflows
from avm_emulator.engine import Options, RunningEmulator, start

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"},
    ],
}


class Vends:
    """Executions that hand out their task token in a queue and wait for its answer."""

    def __init__(self, running: RunningEmulator) -> None:
        clients = running.emulator.clients
        self.client = clients.client("stepfunctions")
        self._sqs = clients.client("sqs")
        self._url = self._sqs.create_queue(QueueName="tokens")["QueueUrl"]
        iam = clients.client("iam")
        role = iam.create_role(RoleName="machine", AssumeRolePolicyDocument=json.dumps(TRUST))
        send = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [send]})
        iam.put_role_policy(RoleName="machine", PolicyName="send", PolicyDocument=policy)
        ask = {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            "Arguments": {"QueueUrl": self._url, "MessageBody": "{% $states.context.Task.Token %}"},
            "Retry": [{"ErrorEquals": ["Again"], "IntervalSeconds": 1, "MaxAttempts": 2}],
            "End": True,
        }
        states = {"Begin": {"Type": "Pass", "Next": "Ask"}, "Ask": ask}
        machine = self.client.create_state_machine(
            name="vend",
            definition=json.dumps({"QueryLanguage": "JSONata", "StartAt": "Begin", "States": states}),
            roleArn=role["Role"]["Arn"],
        )
        self.workflows = Workflows(self.client, machine["stateMachineArn"])

    def token(self) -> str:
        """Return the token on which the execution waits that was started last."""
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            for message in self._sqs.receive_message(QueueUrl=self._url).get("Messages", []):
                self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
                return str(message["Body"])
        pytest.fail("no execution waits")

    def ended(self, request_id: str) -> dict[str, Any]:
        """Return the first attempt's execution when it has ended."""
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            found = self.client.describe_execution(executionArn=self.workflows._arn(request_id, 1))
            if found["status"] != "RUNNING":
                return dict(found)
        pytest.fail("the execution runs on")


@pytest.fixture(scope="module")
def vends() -> Iterator[Vends]:
    with start(Options(speed="max", prepare=False, deploy=False)) as running:
        yield Vends(running)


def test_a_vend_is_started_once_and_named_while_it_runs(vends: Vends) -> None:
    assert vends.workflows.status("A", 1) is None
    for _ in range(2):
        vends.workflows.start_vend("A", 1)
    token = vends.token()
    assert "A-1" in vends.workflows.running()
    assert vends.workflows.status("A", 1) == "RUNNING"
    assert vends.workflows.place("A", 1) == "Ask"
    vends.workflows.answer(token, {"start_at": "now"})
    assert json.loads(vends.ended("A")["output"]) == {"start_at": "now"}
    assert "A-1" not in vends.workflows.running()
    vends.workflows.start_vend("A", 1)
    assert vends.workflows.status("A", 1) == "SUCCEEDED"


def test_an_answer_that_comes_late_or_twice_is_no_error(vends: Vends) -> None:
    vends.workflows.start_vend("B", 1)
    token = vends.token()
    vends.workflows.answer(token, {"n": 1})
    vends.ended("B")
    vends.workflows.answer(token, {"n": 2})
    vends.workflows.answer("no token of anybody", {})
    assert json.loads(vends.ended("B")["output"]) == {"n": 1}


def test_a_vend_is_stopped_with_its_reason_and_stopping_again_changes_nothing(vends: Vends) -> None:
    vends.workflows.start_vend("C", 1)
    token = vends.token()
    for code in ("RequestCancelled", "Another"):
        vends.workflows.stop("C", 1, code=code, cause="because")
    found = vends.ended("C")
    assert (found["status"], found["error"], found["cause"]) == ("ABORTED", "RequestCancelled", "because")
    vends.workflows.answer(token, {})
    assert vends.workflows.status("C", 1) == "ABORTED"


def test_what_there_is_none_of_is_stopped_without_an_error(vends: Vends) -> None:
    vends.workflows.stop("D", 1, code="RequestCancelled", cause="because")
    assert vends.workflows.status("D", 1) is None
    assert vends.workflows.history("D", 1) is None


def test_what_a_state_has_failed_with_last_is_known_while_it_is_tried_again(vends: Vends) -> None:
    vends.workflows.start_vend("E", 1)
    assert vends.workflows.last_failure("E", 1, "Ask") is None
    for cause in ("first", "second"):
        vends.client.send_task_failure(taskToken=vends.token(), error="Again", cause=cause)
    token = vends.token()
    assert vends.workflows.last_failure("E", 1, "Ask") == ("Again", "second")
    assert vends.workflows.last_failure("E", 1, "Begin") is None
    assert vends.workflows.last_failure("F", 1, "Ask") is None
    vends.workflows.answer(token, {})
    assert vends.ended("E")["status"] == "SUCCEEDED"
