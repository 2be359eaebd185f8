"""Retry and Catch: which errors they match, how long retries pause, what a catcher gets."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest


class AccountLimitError(Exception):
    """An error class of a function."""


def failing(times: int, error: Exception | None = None) -> Callable[[Any], Any]:
    """Return a function that fails so many times, then counts."""
    calls = itertools.count(1)

    def handler(event: Any) -> Any:
        call = next(calls)
        if call <= times:
            raise error or AccountLimitError("limit")
        return {"calls": call}

    return handler


def task(function: str, **fields: Any) -> dict[str, Any]:
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Arguments": {"FunctionName": function, "Payload": {}},
        **fields,
    }


def seconds(described: dict[str, Any]) -> float:
    return float((described["stopDate"] - described["startDate"]).total_seconds())


@pytest.mark.parametrize(
    ("retrier", "failures", "expected"),
    [
        ({}, 3, 1 + 2 + 4),
        ({"IntervalSeconds": 3, "BackoffRate": 1}, 2, 6),
        ({"IntervalSeconds": 2, "BackoffRate": 3}, 3, 2 + 6 + 18),
        ({"IntervalSeconds": 10, "BackoffRate": 10, "MaxDelaySeconds": 60, "MaxAttempts": 4}, 4, 10 + 60 + 60 + 60),
        ({"IntervalSeconds": 1, "BackoffRate": 1.5}, 3, 1 + 1.5 + 2.25),
        ({"IntervalSeconds": 86400, "MaxAttempts": 1}, 1, 86400),
    ],
)
def test_retries_pause_as_the_retrier_says(
    workflows: Any, functions: Any, one: Any, *, retrier: dict[str, Any], failures: int, expected: float
) -> None:
    retry = [{"ErrorEquals": ["AccountLimitError"], **retrier}]
    described = workflows.run(
        one(task(functions.add(failing(failures)), Retry=retry, Output="{% $states.result.Payload %}"))
    )
    assert json.loads(described["output"]) == {"calls": failures + 1}
    assert seconds(described) == pytest.approx(expected, abs=0.01)


def test_full_jitter_pauses_at_most_as_long(workflows: Any, functions: Any, one: Any) -> None:
    retry = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1000, "BackoffRate": 1, "JitterStrategy": "FULL"}]
    durations = [seconds(workflows.run(one(task(functions.add(failing(1)), Retry=retry)))) for _ in range(5)]
    assert all(0 < duration < 1000 for duration in durations)
    assert len(set(durations)) > 1


def test_retries_end_after_the_attempts_and_the_error_stays(workflows: Any, functions: Any, one: Any) -> None:
    function = functions.add(failing(9))
    error, cause = workflows.failure(
        one(task(function, Retry=[{"ErrorEquals": ["AccountLimitError"], "MaxAttempts": 2}]))
    )
    assert error == "AccountLimitError"
    assert json.loads(cause)["errorMessage"] == "limit"


def test_max_attempts_0_never_retries(workflows: Any, functions: Any, one: Any) -> None:
    retry = [{"ErrorEquals": ["AccountLimitError"], "MaxAttempts": 0}, {"ErrorEquals": ["States.ALL"]}]
    assert workflows.failure(one(task(functions.add(failing(1)), Retry=retry)))[0] == "AccountLimitError"


def test_each_retrier_counts_its_own_attempts(workflows: Any, functions: Any, one: Any) -> None:
    errors = iter([AccountLimitError(), KeyError("k"), AccountLimitError(), KeyError("k")])

    def handler(event: Any) -> str:
        error = next(errors, None)
        if error:
            raise error
        return "done"

    retry = [
        {"ErrorEquals": ["AccountLimitError"], "MaxAttempts": 2, "IntervalSeconds": 1, "BackoffRate": 2},
        {"ErrorEquals": ["KeyError"], "MaxAttempts": 2, "IntervalSeconds": 10, "BackoffRate": 2},
    ]
    described = workflows.run(one(task(functions.add(handler), Retry=retry)))
    assert described["status"] == "SUCCEEDED"
    assert seconds(described) == pytest.approx(1 + 10 + 2 + 20, abs=0.01)


def test_the_context_counts_retries(workflows: Any, functions: Any, one: Any) -> None:
    seen: list[int] = []

    def handler(event: Any) -> None:
        seen.append(event["retry"])
        if len(seen) < 3:
            raise AccountLimitError

    state = task(functions.add(handler), Retry=[{"ErrorEquals": ["States.ALL"]}])
    state["Arguments"]["Payload"] = {"retry": "{% $states.context.State.RetryCount %}"}
    workflows.output(one(state))
    assert seen == [0, 1, 2]


@pytest.mark.parametrize(
    ("error", "error_equals", "caught"),
    [
        ("AccountLimitError", ["AccountLimitError"], True),
        ("AccountLimitError", ["Other", "AccountLimitError"], True),
        ("AccountLimitError", ["Other"], False),
        ("AccountLimitError", ["States.TaskFailed"], True),
        ("AccountLimitError", ["States.ALL"], True),
        ("AccountLimitError", ["States.Timeout"], False),
        ("States.Timeout", ["States.TaskFailed"], False),
        ("States.Timeout", ["States.ALL"], True),
        ("States.Runtime", ["States.ALL"], False),
        ("States.Runtime", ["States.Runtime"], False),
        ("States.DataLimitExceeded", ["States.ALL"], False),
        ("States.DataLimitExceeded", ["States.TaskFailed"], False),
        ("States.DataLimitExceeded", ["States.DataLimitExceeded"], True),
        ("States.QueryEvaluationError", ["States.ALL"], True),
    ],
)
def test_error_equals_matches_as_aws_says(workflows: Any, error: str, *, error_equals: list[str], caught: bool) -> None:
    machine = {
        "QueryLanguage": "JSONata",
        "StartAt": "P",
        "States": {
            "P": {
                "Type": "Parallel",
                "Branches": [{"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": error, "Cause": "c"}}}],
                "Catch": [{"ErrorEquals": error_equals, "Next": "Caught"}],
                "Next": "NotFailed",
            },
            "Caught": {"Type": "Pass", "Output": "caught", "End": True},
            "NotFailed": {"Type": "Fail"},
        },
    }
    described = workflows.run(machine)
    assert described["status"] == ("SUCCEEDED" if caught else "FAILED")
    assert described.get("error") == (None if caught else error)


def catching(state: dict[str, Any], catcher: dict[str, Any], caught: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return a machine whose state ``A`` has a catcher that leads to ``Caught``."""
    return {
        "QueryLanguage": "JSONata",
        "StartAt": "A",
        "States": {
            "A": {**state, "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Caught", **catcher}], "End": True},
            "Caught": caught or {"Type": "Succeed"},
        },
    }


def test_a_catcher_hands_on_error_and_cause_unless_it_says_otherwise(workflows: Any, functions: Any) -> None:
    function = functions.add(failing(9))
    output = workflows.output(catching(task(function), {}))
    assert output["Error"] == "AccountLimitError"
    assert json.loads(output["Cause"])["errorType"] == "AccountLimitError"
    catcher = {"Output": {"code": "{% $states.errorOutput.Error %}", "input": "{% $states.input.q %}"}}
    assert workflows.output(catching(task(function), catcher), {"q": 1}) == {"code": "AccountLimitError", "input": 1}


def test_a_catcher_assigns_variables_and_those_of_the_failed_attempt_are_not_assigned(
    workflows: Any, functions: Any
) -> None:
    state = task(functions.add(failing(0)), Assign={"kept": "attempt"}, Output="{% $states.input.absent %}")
    catcher = {
        "Assign": {"failure": {"state": "{% $states.context.State.Name %}", "error": "{% $states.errorOutput.Error %}"}}
    }
    caught = {"Type": "Pass", "Output": ["{% $failure %}", "{% $exists($kept) %}"], "End": True}
    assert workflows.output(catching(state, catcher, caught)) == [
        {"state": "A", "error": "States.QueryEvaluationError"},
        False,
    ]


def test_errors_of_arguments_and_output_are_retried_and_caught(workflows: Any, functions: Any) -> None:
    calls: list[Any] = []
    function = functions.add(calls.append)
    retry = [{"ErrorEquals": ["States.QueryEvaluationError"], "MaxAttempts": 2}]
    output = workflows.output(catching(task(function, Output="{% $states.result.absent %}", Retry=retry), {}))
    assert output["Error"] == "States.QueryEvaluationError"
    assert output["Cause"].startswith("An error occurred while executing the state 'A' (entered at the event id #2). ")
    assert len(calls) == 3
    state = task(function)
    state["Arguments"]["Payload"] = "{% $states.input.absent %}"
    assert workflows.output(catching(state, {}))["Error"] == "States.QueryEvaluationError"
    assert len(calls) == 3


def test_an_evaluation_that_failed_is_in_the_history_once_per_attempt(workflows: Any, functions: Any) -> None:
    state = task(
        functions.add(failing(0)),
        Output="{% $states.input.no %}",
        Retry=[{"ErrorEquals": ["States.ALL"], "MaxAttempts": 1}],
    )
    described = workflows.run(catching(state, {}))
    types = [event["type"] for event in workflows.history(described["executionArn"])]
    assert types.count("EvaluationFailed") == 2
    assert types.count("TaskSucceeded") == 2
    assert "TaskFailed" not in types


def test_a_catcher_may_lead_back_to_its_own_state(workflows: Any, functions: Any) -> None:
    function = functions.add(failing(2))
    machine = {
        "QueryLanguage": "JSONata",
        "StartAt": "A",
        "States": {
            "A": {
                **task(function),
                "Output": "{% $states.result.Payload %}",
                "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "A"}],
                "End": True,
            }
        },
    }
    assert workflows.output(machine) == {"calls": 3}


def test_an_error_of_a_catcher_ends_the_execution(workflows: Any, functions: Any) -> None:
    error, cause = workflows.failure(catching(task(functions.add(failing(9))), {"Output": "{% $states.result %}"}))
    assert error == "States.QueryEvaluationError"
    assert "'Catch[0]/Output' returned nothing" in cause


def test_a_parallel_state_is_retried_as_a_whole_with_its_input(workflows: Any, functions: Any, one: Any) -> None:
    function = functions.add(failing(2))
    branch = {"StartAt": "T", "States": {"T": {**task(function), "Output": "{% $states.input %}", "End": True}}}
    state = {
        "Type": "Parallel",
        "Arguments": {"n": 1},
        "Branches": [branch],
        "Retry": [{"ErrorEquals": ["AccountLimitError"]}],
    }
    assert workflows.output(one(state)) == [{"n": 1}]


def test_a_map_state_is_retried_and_caught(workflows: Any, functions: Any) -> None:
    function = functions.add(failing(9))
    processor = {"StartAt": "T", "States": {"T": {**task(function), "End": True}}}
    state = {
        "Type": "Map",
        "Items": [1],
        "ItemProcessor": processor,
        "Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 1}],
    }
    described = workflows.run(catching(state, {"Output": "{% $states.errorOutput.Error %}"}))
    assert json.loads(described["output"]) == "AccountLimitError"
    types = [event["type"] for event in workflows.history(described["executionArn"])]
    assert types.count("MapIterationFailed") == 2
    assert types.count("MapStateFailed") == 1
