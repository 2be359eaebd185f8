"""States on the clock at speed max: it jumps to work, stands while anything runs, and never jumps to a limit."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from typing import Any

import pytest

MINUTE = 60


def timestamp(seconds: float, offset: str = "Z") -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S") + offset


def task(function: str, **fields: Any) -> dict[str, Any]:
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Arguments": {"FunctionName": function},
        **fields,
    }


def elapsed(described: dict[str, Any]) -> float:
    return float((described["stopDate"] - described["startDate"]).total_seconds())


def settle(workflows: Any) -> None:
    """Wait (in real time) until nothing runs: what is left waits for something."""
    deadline = time.monotonic() + 60
    while workflows.clock.active:
        assert time.monotonic() < deadline
        time.sleep(0.002)


@pytest.mark.parametrize("seconds", [0, 1, 3600, 31_536_000])
def test_a_wait_takes_exactly_its_seconds(workflows: Any, one: Any, seconds: int) -> None:
    assert elapsed(workflows.run(one({"Type": "Wait", "Seconds": seconds}))) == seconds
    assert elapsed(workflows.run(one({"Type": "Wait", "Seconds": "{% $states.input.s %}"}), {"s": seconds})) == seconds


@pytest.mark.parametrize(("offset", "shift"), [("Z", 0), (".250Z", 0.25), ("+02:00", -7200), ("-01:30", 5400)])
def test_a_wait_lasts_until_its_timestamp(workflows: Any, one: Any, offset: str, shift: float) -> None:
    due = int(workflows.clock.now()) + 100_000
    described = workflows.run(one({"Type": "Wait", "Timestamp": "{% $states.input %}"}), timestamp(due, offset))
    assert described["stopDate"].timestamp() == pytest.approx(due + shift, abs=0.002)
    literal = workflows.run(one({"Type": "Wait", "Timestamp": timestamp(due, offset)}))
    assert literal["status"] == "SUCCEEDED"


def test_a_timestamp_in_the_past_is_no_wait(workflows: Any, one: Any) -> None:
    assert elapsed(workflows.run(one({"Type": "Wait", "Timestamp": "2001-01-01T00:00:00Z"}))) == 0


@pytest.mark.parametrize("text", ["tomorrow", "2026-13-01T00:00:00Z", "2026-01-01 00:00:00Z", "2026-01-01T00:00:00"])
def test_a_text_that_is_no_timestamp_fails_the_state(workflows: Any, one: Any, text: str) -> None:
    assert workflows.failure(one({"Type": "Wait", "Timestamp": "{% $states.input %}"}), text)[0] == "States.Runtime"


def test_branches_wait_at_the_same_time(workflows: Any, one: Any) -> None:
    branches = [
        {"StartAt": f"W{n}", "States": {f"W{n}": {"Type": "Wait", "Seconds": n, "End": True}}} for n in (10, 30, 20)
    ]
    assert elapsed(workflows.run(one({"Type": "Parallel", "Branches": branches}))) == 30


@pytest.mark.parametrize(("concurrency", "expected"), [(1, 60), (2, 30), (4, 20), (0, 10), (40, 10)])
def test_iterations_wait_at_the_same_time_as_far_as_concurrency_goes(
    workflows: Any, one: Any, concurrency: int, expected: int
) -> None:
    processor = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 10, "End": True}}}
    state = {"Type": "Map", "Items": [1, 2, 3, 4, 5, 6], "MaxConcurrency": concurrency, "ItemProcessor": processor}
    assert elapsed(workflows.run(one(state))) == expected


def test_an_inline_map_runs_40_iterations_at_most(workflows: Any, one: Any) -> None:
    processor = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 10, "End": True}}}
    assert elapsed(workflows.run(one({"Type": "Map", "Items": "{% [1..41] %}", "ItemProcessor": processor}))) == 20


def test_nested_branches_and_iterations_add_up(workflows: Any, one: Any) -> None:
    wait = {
        "StartAt": "W",
        "States": {"W": {"Type": "Wait", "Seconds": 10, "Next": "V"}, "V": {"Type": "Wait", "Seconds": 5, "End": True}},
    }
    inner = {"Type": "Map", "Items": [1, 2, 3], "MaxConcurrency": 1, "ItemProcessor": wait, "End": True}
    other = {"StartAt": "L", "States": {"L": {"Type": "Wait", "Seconds": 44, "End": True}}}
    state = {"Type": "Parallel", "Branches": [{"StartAt": "M", "States": {"M": inner}}, other]}
    assert elapsed(workflows.run(one(state))) == 45


def test_the_clock_stands_while_a_function_runs(workflows: Any, functions: Any, one: Any) -> None:
    entered, leave = threading.Event(), threading.Event()

    def handler(event: Any) -> None:
        entered.set()
        assert leave.wait(60)

    waiting = workflows.start(one({"Type": "Wait", "Seconds": 1000}))
    machine = {
        "QueryLanguage": "JSONata",
        "StartAt": "P",
        "States": {
            "P": {
                "Type": "Parallel",
                "Branches": [
                    {"StartAt": "T", "States": {"T": {**task(functions.add(handler)), "End": True}}},
                    {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 500, "End": True}}},
                ],
                "End": True,
            }
        },
    }
    workflows.wait(waiting)
    arn = workflows.start(machine)
    assert entered.wait(60)
    now = workflows.clock.now()
    time.sleep(0.05)
    assert workflows.clock.now() == now
    leave.set()
    assert elapsed(workflows.wait(arn)) == 500


@pytest.mark.parametrize(
    "definition",
    [
        {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken", "TimeoutSeconds": 600},
        {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken", "HeartbeatSeconds": 600},
        {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken", "TimeoutSeconds": "{% 600 %}"},
        {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
            "TimeoutSeconds": 9000,
            "HeartbeatSeconds": "{% 600 %}",
        },
    ],
)
def test_the_clock_does_not_jump_to_a_time_out_but_advancing_it_brings_it(
    workflows: Any, functions: Any, one: Any, definition: dict[str, Any]
) -> None:
    arguments = {
        "FunctionName": functions.add(lambda event: None),
        "Payload": {"t": "{% $states.context.Task.Token %}"},
    }
    arn = workflows.start(one({**definition, "Arguments": arguments}))
    settle(workflows)
    workflows.clock.advance(599)
    assert workflows.client.describe_execution(executionArn=arn)["status"] == "RUNNING"
    workflows.clock.advance(2)
    described = workflows.wait(arn)
    assert (described["status"], described["error"], described.get("cause")) == ("FAILED", "States.Timeout", None)
    assert elapsed(described) == 600


def test_a_time_out_comes_in_its_turn_when_other_work_moves_the_clock_past_it(
    workflows: Any, functions: Any, one: Any
) -> None:
    token = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken", "TimeoutSeconds": 600}
    arguments = {
        "FunctionName": functions.add(lambda event: None),
        "Payload": {"t": "{% $states.context.Task.Token %}"},
    }
    arn = workflows.start(one({**token, "Arguments": arguments}))
    workflows.run(one({"Type": "Wait", "Seconds": 1000}))
    assert elapsed(workflows.wait(arn)) == 600


def test_a_state_machine_times_out_without_error_or_cause(workflows: Any, one: Any) -> None:
    arn = workflows.start(one({"Type": "Wait", "Seconds": 1000}, TimeoutSeconds=600))
    described = workflows.wait(arn)
    assert described["status"] == "TIMED_OUT"
    assert elapsed(described) == 600
    assert "error" not in described
    assert "cause" not in described
    last = workflows.history(arn)[-1]
    assert (last["type"], last["previousEventId"]) == ("ExecutionTimedOut", 0)


def test_a_state_machine_that_waits_for_somebody_times_out_when_the_clock_is_advanced(
    workflows: Any, functions: Any, one: Any
) -> None:
    token = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken"}
    arguments = {
        "FunctionName": functions.add(lambda event: None),
        "Payload": {"t": "{% $states.context.Task.Token %}"},
    }
    arn = workflows.start(one({**token, "Arguments": arguments}, TimeoutSeconds=600))
    settle(workflows)
    assert workflows.client.describe_execution(executionArn=arn)["status"] == "RUNNING"
    workflows.clock.advance(601)
    assert workflows.wait(arn)["status"] == "TIMED_OUT"
    settle(workflows)


def test_a_task_that_is_late_is_given_up_and_what_it_does_then_is_not_in_the_history(
    workflows: Any, functions: Any, one: Any
) -> None:
    entered, leave = threading.Event(), threading.Event()

    def handler(event: Any) -> str:
        entered.set()
        assert leave.wait(60)
        return "late"

    state = task(functions.add(handler), TimeoutSeconds=60)
    machine = one(state)
    machine["States"]["A"]["Catch"] = [
        {"ErrorEquals": ["States.Timeout"], "Next": "Caught", "Output": "{% $states.errorOutput %}"}
    ]
    machine["States"]["Caught"] = {"Type": "Wait", "Seconds": 5, "End": True}
    arn = workflows.start(machine)
    assert entered.wait(60)
    # The function runs, so the clock stands, at speed max as in advance(): the limit passes only with the hand below.
    timer = next(
        timer
        for timer in workflows.clock.pending()
        if timer.kind == "timeout" and timer.due <= workflows.clock.now() + 60
    )
    timer.cancel()
    timer.fire()
    while "TaskTimedOut" not in [event["type"] for event in workflows.history(arn)]:
        time.sleep(0.002)
    leave.set()
    described = workflows.wait(arn)
    assert described["status"] == "SUCCEEDED"
    assert described["output"] == '{"Error":"States.Timeout","Cause":""}'
    types = [event["type"] for event in workflows.history(arn)]
    assert "TaskSucceeded" not in types
    timed_out = next(event for event in workflows.history(arn) if event["type"] == "TaskTimedOut")
    assert timed_out["taskTimedOutEventDetails"] == {
        "resourceType": "lambda",
        "resource": "invoke",
        "error": "States.Timeout",
    }


def test_a_task_in_time_leaves_no_timer_behind(workflows: Any, functions: Any, one: Any) -> None:
    before = len(workflows.clock.pending())
    workflows.output(one(task(functions.add(lambda event: 1), TimeoutSeconds=60), TimeoutSeconds=600))
    assert len(workflows.clock.pending()) == before


def test_nothing_is_counted_as_running_after_executions_of_every_kind(workflows: Any, functions: Any, one: Any) -> None:
    token = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken", "HeartbeatSeconds": 50}
    arguments = {
        "FunctionName": functions.add(lambda event: None),
        "Payload": {"t": "{% $states.context.Task.Token %}"},
    }
    parked = [workflows.start(one({**token, "Arguments": arguments})) for _ in range(5)]
    processor = {
        "StartAt": "T",
        "States": {
            "T": {**task(functions.add(lambda event: 1 / 0)), "Retry": [{"ErrorEquals": ["States.ALL"]}], "End": True}
        },
    }
    workflows.run(one({"Type": "Map", "Items": [1, 2, 3], "ItemProcessor": processor}))
    for arn in parked:
        workflows.client.stop_execution(executionArn=arn)
        assert workflows.wait(arn)["status"] == "ABORTED"
    settle(workflows)
    assert workflows.clock.active == 0


def test_a_call_that_waits_on_the_clock_lets_it_pass(workflows: Any, one: Any, emulator: Any) -> None:
    queue = emulator.clients.client("sqs").create_queue(QueueName="empty")["QueueUrl"]
    arguments = {"QueueUrl": queue, "WaitTimeSeconds": 20}
    state = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sqs:receiveMessage", "Arguments": arguments}
    assert elapsed(workflows.run(one({**state, "TimeoutSeconds": 600}))) >= 20
