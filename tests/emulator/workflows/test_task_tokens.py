"""Tasks that wait for a token: answered, failed, kept alive, too late."""

from __future__ import annotations

import json
import threading
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

OPERATIONS: dict[str, dict[str, str]] = {
    "send_task_success": {"output": "2"},
    "send_task_failure": {"error": "E"},
    "send_task_heartbeat": {},
}


class Waiting:
    """A function that is given tokens, and the task that gives it one."""

    def __init__(self, workflows: Any, functions: Any) -> None:
        self.tokens: list[str] = []
        self._workflows = workflows
        self._function = functions.add(lambda event: self.tokens.append(event["token"]))

    def task(self, **fields: Any) -> dict[str, Any]:
        return {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
            "Arguments": {"FunctionName": self._function, "Payload": {"token": "{% $states.context.Task.Token %}"}},
            **fields,
        }

    def token(self, number: int = 1) -> str:
        """Return the token that was given as the so-many-th, when its task waits."""
        deadline = time.monotonic() + 60
        while len(self.tokens) < number or self._workflows.clock.active:
            assert time.monotonic() < deadline
            time.sleep(0.002)
        return self.tokens[number - 1]


@pytest.fixture
def waiting(workflows: Any, functions: Any) -> Waiting:
    return Waiting(workflows, functions)


def code(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


@pytest.mark.parametrize("output", ["{}", '{"a": [1, null, "é"]}', "[]", '"text"', "7", "null"])
def test_the_output_of_the_answer_is_the_result(workflows: Any, waiting: Waiting, one: Any, output: str) -> None:
    arn = workflows.start(one(waiting.task(Output={"result": "{% $states.result %}"})))
    workflows.client.send_task_success(taskToken=waiting.token(), output=output)
    assert json.loads(workflows.wait(arn)["output"]) == {"result": json.loads(output)}
    types = [event["type"] for event in workflows.history(arn)]
    assert types[2:6] == ["TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded"]


def test_a_failure_has_its_error_and_cause(workflows: Any, waiting: Waiting, one: Any) -> None:
    arn = workflows.start(one(waiting.task()))
    workflows.client.send_task_failure(taskToken=waiting.token(), error="Rejected", cause="é no")
    described = workflows.wait(arn)
    assert (described["status"], described["error"], described["cause"]) == ("FAILED", "Rejected", "é no")


def test_a_failure_can_be_caught_by_its_error(workflows: Any, waiting: Waiting, one: Any) -> None:
    machine = one(
        waiting.task(Catch=[{"ErrorEquals": ["Rejected"], "Next": "B", "Output": "{% $states.errorOutput.Cause %}"}])
    )
    machine["States"]["B"] = {"Type": "Succeed"}
    arn = workflows.start(machine)
    workflows.client.send_task_failure(taskToken=waiting.token(), error="Rejected", cause="no")
    assert workflows.wait(arn)["output"] == '"no"'


def test_an_answer_may_come_while_the_call_still_runs(workflows: Any, functions: Any, one: Any) -> None:
    def handler(event: Any) -> None:
        workflows.client.send_task_success(taskToken=event["token"], output="1")

    arguments = {"FunctionName": functions.add(handler), "Payload": {"token": "{% $states.context.Task.Token %}"}}
    state = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken", "Arguments": arguments}
    assert workflows.output(one(state)) == 1


def test_each_retry_has_a_token_of_its_own(workflows: Any, waiting: Waiting, one: Any) -> None:
    arn = workflows.start(one(waiting.task(Retry=[{"ErrorEquals": ["Again"]}])))
    first = waiting.token()
    workflows.client.send_task_failure(taskToken=first, error="Again")
    second = waiting.token(2)
    assert first != second
    with pytest.raises(ClientError) as error:
        workflows.client.send_task_success(taskToken=first, output="1")
    assert code(error) == "TaskTimedOut"
    workflows.client.send_task_success(taskToken=second, output="2")
    assert workflows.wait(arn)["output"] == "2"


def test_the_first_answer_counts_and_later_ones_are_refused(workflows: Any, waiting: Waiting, one: Any) -> None:
    machine = one(waiting.task())
    machine["States"]["A"] |= {"Next": "W"}
    del machine["States"]["A"]["End"]
    machine["States"]["W"] = {**waiting.task(), "Output": "{% $states.input %}", "End": True}
    arn = workflows.start(machine)
    token = waiting.token()
    workflows.client.send_task_success(taskToken=token, output="1")
    for operation, arguments in OPERATIONS.items():
        with pytest.raises(ClientError) as error:
            getattr(workflows.client, operation)(taskToken=token, **arguments)
        assert code(error) == "TaskTimedOut"
    workflows.client.send_task_success(taskToken=waiting.token(2), output="3")
    assert workflows.wait(arn)["output"] == "1"


def test_many_answers_at_once_are_one_answer(workflows: Any, waiting: Waiting, one: Any) -> None:
    arn = workflows.start(one(waiting.task()))
    token = waiting.token()
    accepted: list[int] = []
    barrier = threading.Barrier(8)

    def answer(number: int) -> None:
        barrier.wait()
        try:
            workflows.client.send_task_success(taskToken=token, output=str(number))
            accepted.append(number)
        except ClientError as error:
            assert error.response["Error"]["Code"] == "TaskTimedOut"  # noqa: PT017  counted by accepted

    threads = [threading.Thread(target=answer, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(accepted) == 1
    assert workflows.wait(arn)["output"] == str(accepted[0])


@pytest.mark.parametrize("end", ["stopped", "timed out", "ended"])
def test_an_answer_after_the_end_is_too_late(workflows: Any, waiting: Waiting, one: Any, end: str) -> None:
    arn = workflows.start(one(waiting.task(TimeoutSeconds=100)))
    token = waiting.token()
    if end == "stopped":
        workflows.client.stop_execution(executionArn=arn)
    elif end == "timed out":
        workflows.clock.advance(101)
    else:
        workflows.client.send_task_failure(taskToken=token)
    workflows.wait(arn)
    with pytest.raises(ClientError) as error:
        workflows.client.send_task_success(taskToken=token, output="1")
    assert code(error) == "TaskTimedOut"
    assert error.value.response["Error"]["Message"] == "Task Timed Out: 'Provided task does not exist anymore'"


def test_heartbeats_keep_a_task_alive_until_they_stop(workflows: Any, waiting: Waiting, one: Any) -> None:
    arn = workflows.start(one(waiting.task(HeartbeatSeconds=60)))
    token = waiting.token()
    for _ in range(5):
        workflows.clock.advance(50)
        workflows.client.send_task_heartbeat(taskToken=token)
        waiting.token()
    workflows.clock.advance(59)
    assert workflows.client.describe_execution(executionArn=arn)["status"] == "RUNNING"
    workflows.clock.advance(1)
    described = workflows.wait(arn)
    assert (described["status"], described["error"]) == ("FAILED", "States.Timeout")
    assert (described["stopDate"] - described["startDate"]).total_seconds() == 310


@pytest.mark.parametrize("name", ["States.HeartbeatTimeout", "States.Timeout", "States.ALL"])
def test_a_missed_heartbeat_is_caught_under_both_of_its_names(
    workflows: Any, waiting: Waiting, one: Any, name: str
) -> None:
    machine = one(waiting.task(HeartbeatSeconds=60, Catch=[{"ErrorEquals": [name], "Next": "B"}]))
    machine["States"]["B"] = {"Type": "Succeed"}
    arn = workflows.start(machine)
    waiting.token()
    workflows.clock.advance(60)
    assert json.loads(workflows.wait(arn)["output"]) == {"Error": "States.Timeout", "Cause": ""}


def test_the_time_out_of_the_task_is_not_caught_as_a_missed_heartbeat(
    workflows: Any, waiting: Waiting, one: Any
) -> None:
    machine = one(waiting.task(TimeoutSeconds=60, Catch=[{"ErrorEquals": ["States.HeartbeatTimeout"], "Next": "B"}]))
    machine["States"]["B"] = {"Type": "Succeed"}
    arn = workflows.start(machine)
    waiting.token()
    workflows.clock.advance(60)
    assert workflows.wait(arn)["status"] == "FAILED"


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_unknown_token_is_invalid(workflows: Any, operation: str) -> None:
    with pytest.raises(ClientError) as error:
        getattr(workflows.client, operation)(taskToken="nobody", **OPERATIONS[operation])
    assert code(error) == "InvalidToken"
    assert error.value.response["Error"]["Message"] == "Invalid Token: 'Invalid token'"


def test_an_output_that_is_no_json_is_refused_and_the_task_goes_on_waiting(
    workflows: Any, waiting: Waiting, one: Any
) -> None:
    arn = workflows.start(one(waiting.task()))
    token = waiting.token()
    with pytest.raises(ClientError) as error:
        workflows.client.send_task_success(taskToken=token, output="{no")
    assert code(error) == "InvalidOutput"
    workflows.client.send_task_success(taskToken=token, output="1")
    assert workflows.wait(arn)["status"] == "SUCCEEDED"


def test_an_output_above_256_kib_is_refused(workflows: Any, waiting: Waiting, one: Any) -> None:
    arn = workflows.start(one(waiting.task()))
    token = waiting.token()
    with pytest.raises(ClientError) as error:
        workflows.client.send_task_success(taskToken=token, output=json.dumps("x" * 262_143))
    assert code(error) == "ValidationException"
    workflows.client.send_task_success(taskToken=token, output=json.dumps("x" * 262_142))
    assert workflows.wait(arn)["status"] == "SUCCEEDED"


@pytest.mark.parametrize("resource", ["sqs:sendMessage", "events:putEvents", "aws-sdk:sqs:sendMessage"])
def test_tokens_go_out_by_other_services_too(workflows: Any, emulator: Any, one: Any, resource: str) -> None:
    sqs = emulator.clients.client("sqs")
    queue = sqs.create_queue(QueueName=resource.replace(":", "-"))["QueueUrl"]
    body = {"token": "{% $states.context.Task.Token %}"}
    arguments: dict[str, Any] = {"QueueUrl": queue, "MessageBody": body}
    if resource == "events:putEvents":
        events = emulator.clients.client("events")
        events.put_rule(Name="tokens", EventPattern='{"source": ["tokens"]}')
        arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        events.put_targets(Rule="tokens", Targets=[{"Id": "q", "Arn": arn}])
        arguments = {"Entries": [{"Source": "tokens", "DetailType": "t", "Detail": body}]}
    state = {"Type": "Task", "Resource": f"arn:aws:states:::{resource}.waitForTaskToken", "Arguments": arguments}
    execution = workflows.start(one(state))
    answer: dict[str, Any] = {}
    while "Messages" not in answer:
        answer = sqs.receive_message(QueueUrl=queue)
    message = json.loads(answer["Messages"][0]["Body"])
    token = message.get("detail", message)["token"]
    workflows.client.send_task_success(taskToken=token, output='"done"')
    assert workflows.wait(execution)["output"] == '"done"'


def test_waiting_iterations_have_tokens_of_their_own(workflows: Any, waiting: Waiting, one: Any) -> None:
    processor = {"StartAt": "T", "States": {"T": {**waiting.task(), "End": True}}}
    arn = workflows.start(one({"Type": "Map", "Items": [1, 2, 3], "ItemProcessor": processor}))
    waiting.token(3)
    assert len(set(waiting.tokens)) == 3
    for token in waiting.tokens:
        workflows.client.send_task_success(taskToken=token, output=json.dumps(token))
    assert set(json.loads(workflows.wait(arn)["output"])) == set(waiting.tokens)


def test_a_failed_sibling_ends_the_wait_of_a_branch(workflows: Any, waiting: Waiting, one: Any) -> None:
    branches = [
        {"StartAt": "T", "States": {"T": {**waiting.task(), "End": True}}},
        {
            "StartAt": "W",
            "States": {"W": {"Type": "Wait", "Seconds": 10, "Next": "F"}, "F": {"Type": "Fail", "Error": "Sibling"}},
        },
    ]
    arn = workflows.start(one({"Type": "Parallel", "Branches": branches}))
    assert workflows.wait(arn)["error"] == "Sibling"
    with pytest.raises(ClientError) as error:
        workflows.client.send_task_success(taskToken=waiting.token(), output="1")
    assert code(error) == "TaskTimedOut"
