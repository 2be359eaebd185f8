"""State machines in JSONPath: paths, intrinsics, comparisons, variables."""

from __future__ import annotations

import json
from typing import Any

import pytest

STATES: dict[str, tuple[dict[str, Any], Any, Any]] = {
    "result": ({"Type": "Pass", "Result": {"r": [1, 'é"']}}, {"a": 1}, {"r": [1, 'é"']}),
    "result path": ({"Type": "Pass", "Result": 1, "ResultPath": "$.x.y"}, {"a": 1}, {"a": 1, "x": {"y": 1}}),
    "result path null": ({"Type": "Pass", "Result": 1, "ResultPath": None}, {"a": 1}, {"a": 1}),
    "input path": ({"Type": "Pass", "InputPath": "$.a"}, {"a": {"b": 1}}, {"b": 1}),
    "input path null": ({"Type": "Pass", "InputPath": None}, {"a": 1}, {}),
    "output path": ({"Type": "Pass", "OutputPath": "$.a.b"}, {"a": {"b": 1}}, 1),
    "output path null": ({"Type": "Pass", "OutputPath": None}, {"a": 1}, {}),
    "input path of the context": ({"Type": "Pass", "InputPath": "$$.State.Name"}, {}, "A"),
    "parameters": (
        {
            "Type": "Pass",
            "Parameters": {"p.$": "$.a", "l": [1, {"q.$": "$.b[1]"}], "c.$": "$$.State.Name", "s": 't"\n'},
        },
        {"a": 'é"\\', "b": [1, 2]},
        {"p": 'é"\\', "l": [1, {"q": 2}], "c": "A", "s": 't"\n'},
    ),
    "paths of many": (
        {"Type": "Pass", "Parameters": {"n.$": "$.l[*].n", "f.$": "$.l[?(@.n > 1)].n"}},
        {"l": [{"n": 1}, {"n": 2}]},
        {"n": [1, 2], "f": [2]},
    ),
    "a slice": ({"Type": "Pass", "Parameters": {"s.$": "$.l[0:2]"}}, {"l": [1, 2, 3]}, {"s": [1, 2]}),
    "uuid": (
        {"Type": "Pass", "Parameters": {"n.$": "States.ArrayLength(States.StringSplit(States.UUID(), '-'))"}},
        {},
        {"n": 5},
    ),
    "intrinsics": (
        {
            "Type": "Pass",
            "Parameters": {
                "hash.$": "States.Hash('hello', 'SHA-1')",
                "add.$": "States.MathAdd(1, $.n)",
                "partition.$": "States.ArrayPartition($.l, 2)",
                "merge.$": "States.JsonMerge($.a, $.b, false)",
                "format.$": "States.Format('x{}-{}', $.l[0], 'y')",
                "encode.$": "States.Base64Encode('hi')",
                "decode.$": "States.Base64Decode('aGk=')",
                "contains.$": "States.ArrayContains($.l, 2)",
                "split.$": "States.StringSplit('a,b', ',')",
                "range.$": "States.ArrayRange(1, 5, 2)",
                "item.$": "States.ArrayGetItem($.l, 1)",
                "unique.$": "States.ArrayUnique(States.Array(1, 1, 2))",
                "text.$": "States.JsonToString($.a)",
                "parsed.$": "States.StringToJson('{\"k\": [1]}')",
            },
        },
        {"l": [1, 2, 3], "a": {"q": "é"}, "b": {"w": 2}, "n": 2},
        {
            "hash": "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d",
            "add": 3,
            "partition": [[1, 2], [3]],
            "merge": {"q": "é", "w": 2},
            "format": "x1-y",
            "encode": "aGk=",
            "decode": "hi",
            "contains": True,
            "split": ["a", "b"],
            "range": [1, 3, 5],
            "item": 2,
            "unique": [1, 2],
            "text": '{"q":"é"}',
            "parsed": {"k": [1]},
        },
    ),
    "wait of seconds": ({"Type": "Wait", "SecondsPath": "$.s"}, {"s": 5}, {"s": 5}),
    "wait until a time": (
        {"Type": "Wait", "TimestampPath": "$.t"},
        {"t": "2001-01-01T00:00:00Z"},
        {"t": "2001-01-01T00:00:00Z"},
    ),
    "parallel": (
        {
            "Type": "Parallel",
            "Branches": [
                {"StartAt": "X", "States": {"X": {"Type": "Pass", "InputPath": "$.a", "End": True}}},
                {"StartAt": "Y", "States": {"Y": {"Type": "Pass", "Result": "y", "End": True}}},
            ],
            "ResultSelector": {"first.$": "$[0]", "second.$": "$[1]"},
            "ResultPath": "$.r",
        },
        {"a": 1},
        {"a": 1, "r": {"first": 1, "second": "y"}},
    ),
    "map": (
        {
            "Type": "Map",
            "ItemsPath": "$.i",
            "MaxConcurrency": 2,
            "ItemSelector": {"v.$": "$$.Map.Item.Value", "i.$": "$$.Map.Item.Index", "c.$": "$.common"},
            "ItemProcessor": {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}},
        },
        {"i": ["a", "b"], "common": 9},
        [{"v": "a", "i": 0, "c": 9}, {"v": "b", "i": 1, "c": 9}],
    ),
    "map with an iterator and parameters": (
        {
            "Type": "Map",
            "ItemsPath": "$.i",
            "Parameters": {"v.$": "$$.Map.Item.Value"},
            "Iterator": {
                "StartAt": "P",
                "States": {
                    "P": {"Type": "Pass", "Parameters": {"i.$": "$$.Map.Item.Index", "v.$": "$.v"}, "End": True}
                },
            },
        },
        {"i": [7]},
        [{"i": 0, "v": 7}],
    ),
    "call of a service": (
        {
            "Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:sts:getCallerIdentity",
            "ResultSelector": {"account.$": "$.Account"},
            "ResultPath": "$.identity",
            "OutputPath": "$.identity.account",
        },
        {"a": 1},
        "123456789012",
    ),
}


@pytest.mark.parametrize("name", STATES)
def test_a_state_gives_its_output(workflows: Any, one: Any, name: str) -> None:
    state, data, expected = STATES[name]
    assert workflows.output(one(state, "JSONPath"), data) == expected


def test_the_whole_context_object_can_be_read(workflows: Any, one: Any) -> None:
    context = workflows.output(one({"Type": "Pass", "Parameters": {"c.$": "$$"}}, "JSONPath"), {"q": 1})["c"]
    assert set(context) == {"Execution", "StateMachine", "State"}
    assert context["Execution"]["Input"] == {"q": 1}


@pytest.mark.parametrize(
    ("rule", "data", "holds"),
    [
        ({"Variable": "$.n", "NumericGreaterThan": 3}, {"n": 4}, True),
        ({"Variable": "$.n", "NumericLessThanEqualsPath": "$.m"}, {"n": 4, "m": 4}, True),
        ({"Variable": "$.s", "StringMatches": "a*c"}, {"s": "abbc"}, True),
        ({"Variable": "$.s", "StringEquals": "a"}, {"s": "b"}, False),
        ({"Variable": "$.b", "BooleanEquals": True}, {"b": True}, True),
        ({"Variable": "$.t", "TimestampLessThan": "2026-01-01T00:00:00Z"}, {"t": "2025-01-01T00:00:00Z"}, True),
        ({"Variable": "$.z", "IsPresent": False}, {}, True),
        ({"Variable": "$.z", "IsNull": True}, {"z": None}, True),
        ({"Variable": "$.n", "IsNumeric": True}, {"n": 1.5}, True),
        ({"Variable": "$.n", "IsString": True}, {"n": 1}, False),
        ({"Not": {"Variable": "$.n", "NumericEquals": 1}}, {"n": 2}, True),
        (
            {"And": [{"Variable": "$.n", "NumericEquals": 1}, {"Variable": "$.m", "NumericEquals": 2}]},
            {"n": 1, "m": 2},
            True,
        ),
        (
            {"Or": [{"Variable": "$.n", "NumericEquals": 9}, {"Variable": "$.m", "NumericEquals": 2}]},
            {"n": 1, "m": 2},
            True,
        ),
    ],
)
def test_a_choice_compares(workflows: Any, one: Any, *, rule: dict[str, Any], data: Any, holds: bool) -> None:
    machine = one({"Type": "Choice", "Choices": [{**rule, "Next": "Y"}], "Default": "N"}, "JSONPath")
    machine["States"] |= {
        "Y": {"Type": "Pass", "Result": True, "End": True},
        "N": {"Type": "Pass", "Result": False, "End": True},
    }
    assert workflows.output(machine, data) is holds


def test_variables_are_assigned_by_states_rules_and_catchers(workflows: Any, one: Any) -> None:
    lambda_task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": "nobody"},
    }
    states = {
        "A": {"Type": "Pass", "Assign": {"a.$": "$.n", "text": 'é"'}, "Next": "C"},
        "C": {
            "Type": "Choice",
            "Choices": [{"Variable": "$a", "NumericEquals": 7, "Assign": {"rule.$": "$.n"}, "Next": "T"}],
            "Default": "Z",
        },
        "Z": {"Type": "Fail"},
        "T": {
            **lambda_task,
            "Catch": [
                {
                    "ErrorEquals": ["States.ALL"],
                    "Assign": {"error.$": "$.Error"},
                    "ResultPath": "$.failure",
                    "Next": "P",
                }
            ],
            "End": True,
        },
        "P": {
            "Type": "Pass",
            "Parameters": {"a.$": "$a", "text.$": "$text", "rule.$": "$rule", "error.$": "$error", "n.$": "$.n"},
            "End": True,
        },
    }
    machine = {"StartAt": "A", "States": states}
    error = "Lambda.ResourceNotFoundException"
    assert workflows.output(machine, {"n": 7}) == {"a": 7, "text": 'é"', "rule": 7, "error": error, "n": 7}


def test_a_catcher_puts_the_error_where_its_result_path_says(workflows: Any, functions: Any, one: Any) -> None:
    def handler(event: Any) -> None:
        raise KeyError("k")

    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": functions.add(handler)},
    }
    machine = one(
        {**state, "Catch": [{"ErrorEquals": ["KeyError"], "ResultPath": "$.failure", "Next": "B"}]}, "JSONPath"
    )
    machine["States"]["B"] = {"Type": "Succeed"}
    output = workflows.output(machine, {"q": 1})
    assert output["q"] == 1
    assert output["failure"]["Error"] == "KeyError"
    assert json.loads(output["failure"]["Cause"])["errorMessage"] == "'k'"


def test_a_fail_state_reads_error_and_cause_from_its_input(workflows: Any, one: Any) -> None:
    state = {"Type": "Fail", "ErrorPath": "$.e", "CausePath": "States.Format('because {}', $.c)"}
    assert workflows.failure(one(state, "JSONPath"), {"e": "E", "c": "C"}) == ("E", "because C")


@pytest.mark.parametrize(
    "state",
    [
        {"Type": "Pass", "Parameters": {"v.$": "$.absent"}},
        {"Type": "Pass", "InputPath": "$.absent"},
        {"Type": "Pass", "OutputPath": "$.absent"},
        {"Type": "Pass", "Parameters": {"v.$": "$absent"}},
        {"Type": "Wait", "SecondsPath": "$.absent"},
        {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName.$": "$.absent"}},
    ],
)
def test_a_path_that_leads_nowhere_ends_the_execution_and_nobody_catches_it(
    workflows: Any, one: Any, state: dict[str, Any]
) -> None:
    machine = one(state, "JSONPath")
    if state["Type"] == "Task":
        machine["States"]["A"] |= {
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "B"}],
            "Retry": [{"ErrorEquals": ["States.ALL"]}],
        }
        machine["States"]["B"] = {"Type": "Succeed"}
    error, cause = workflows.failure(machine, {"q": 1})
    assert error == "States.Runtime"
    assert cause.count("An error occurred while executing the state 'A' (entered at the event id #2). ") == 1
    assert "absent" in cause


def test_limits_can_be_read_from_the_input(workflows: Any, functions: Any, one: Any) -> None:
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "Parameters": {"FunctionName": functions.add(lambda event: None), "Payload": {"token.$": "$$.Task.Token"}},
        "TimeoutSecondsPath": "$.limit",
        "HeartbeatSecondsPath": "$.beat",
    }
    arn = workflows.start(one(state, "JSONPath"), {"limit": 500, "beat": 100})
    workflows.run(one({"Type": "Wait", "Seconds": 1000}))
    described = workflows.wait(arn)
    assert described["error"] == "States.Timeout"
    assert (described["stopDate"] - described["startDate"]).total_seconds() == 100


def test_payloads_of_functions_are_built_from_paths(workflows: Any, functions: Any, one: Any) -> None:
    function = functions.add(lambda event: {"got": event})
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": function, "Payload": {"v.$": "$.v", "all.$": "$"}},
        "ResultSelector": {"got.$": "$.Payload.got"},
        "ResultPath": "$.r",
    }
    assert workflows.output(one(state, "JSONPath"), {"v": "é"}) == {
        "v": "é",
        "r": {"got": {"v": "é", "all": {"v": "é"}}},
    }
