"""States on a clock that runs: 100 AWS-seconds in a second, waits, retries and limits come by themselves."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from avm_emulator.engine import Options


@pytest.fixture(scope="module")
def options() -> Options:
    return Options(speed=100, prepare=False, deploy=False, parts=("avm_emulator.workflows",))


def elapsed(described: dict[str, Any]) -> float:
    return float((described["stopDate"] - described["startDate"]).total_seconds())


def test_a_wait_passes_scaled(workflows: Any, one: Any) -> None:
    before = time.monotonic()
    assert elapsed(workflows.run(one({"Type": "Wait", "Seconds": 30}))) >= 30
    assert time.monotonic() - before < 30


def test_iterations_and_branches_pass_scaled(workflows: Any, one: Any) -> None:
    wait = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 5, "End": True}}}
    inner = {"Type": "Map", "Items": [1, 2, 3, 4], "MaxConcurrency": 2, "ItemProcessor": wait, "End": True}
    other = {"StartAt": "L", "States": {"L": {"Type": "Wait", "Seconds": 8, "End": True}}}
    state = {"Type": "Parallel", "Branches": [{"StartAt": "M", "States": {"M": inner}}, other]}
    assert elapsed(workflows.run(one(state))) >= 10


def test_retries_pass_scaled(workflows: Any, functions: Any, one: Any) -> None:
    calls: list[Any] = []

    def handler(event: Any) -> int:
        calls.append(event)
        if len(calls) < 4:
            raise KeyError("again")
        return len(calls)

    retry = [{"ErrorEquals": ["KeyError"], "IntervalSeconds": 2, "BackoffRate": 2}]
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Arguments": {"FunctionName": functions.add(handler)},
    }
    described = workflows.run(one({**state, "Retry": retry, "TimeoutSeconds": 300}))
    assert json.loads(described["output"])["Payload"] == 4
    assert elapsed(described) >= 2 + 4 + 8


@pytest.mark.parametrize(
    ("limits", "machine", "status"),
    [
        ({"TimeoutSeconds": 20}, {}, "FAILED"),
        ({"HeartbeatSeconds": 20}, {}, "FAILED"),
        ({}, {"TimeoutSeconds": 20}, "TIMED_OUT"),
    ],
)
def test_limits_come_by_themselves(
    workflows: Any, functions: Any, one: Any, *, limits: dict[str, int], machine: dict[str, int], status: str
) -> None:
    arguments = {
        "FunctionName": functions.add(lambda event: None),
        "Payload": {"t": "{% $states.context.Task.Token %}"},
    }
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "Arguments": arguments,
        **limits,
    }
    described = workflows.run(one(state, **machine))
    assert described["status"] == status
    assert elapsed(described) >= 20


def test_a_function_that_is_late_is_given_up(workflows: Any, functions: Any, one: Any, emulator: Any) -> None:
    arguments = {"FunctionName": functions.add(lambda event: time.sleep(0.6))}
    state = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Arguments": arguments, "TimeoutSeconds": 20}
    described = workflows.run(one(state))
    assert (described["status"], described["error"]) == ("FAILED", "States.Timeout")
    assert elapsed(described) >= 20
    while emulator.clock.active:  # the function, of which nobody hears any more
        time.sleep(0.002)


def test_a_token_is_answered_in_time(workflows: Any, functions: Any, one: Any) -> None:
    tokens: list[str] = []
    arguments = {
        "FunctionName": functions.add(lambda event: tokens.append(event["t"])),
        "Payload": {"t": "{% $states.context.Task.Token %}"},
    }
    state = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken", "Arguments": arguments}
    arn = workflows.start(one({**state, "TimeoutSeconds": 100_000}))
    while not tokens:
        time.sleep(0.002)
    workflows.client.send_task_success(taskToken=tokens[0], output='"yes"')
    assert workflows.wait(arn)["output"] == '"yes"'
