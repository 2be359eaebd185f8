"""JSONata in states: what expressions see, what comes out of them, and how they fail."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

CALL = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sts:getCallerIdentity"}
PREFIX = "An error occurred while executing the state 'A' (entered at the event id #2). "


@pytest.fixture
def evaluate(workflows: Any, one: Any) -> Any:
    """Evaluate an expression as the Output of a Pass state."""

    def output(expression: str, data: Any = None) -> Any:
        return workflows.output(one({"Type": "Pass", "Output": f"{{% {expression} %}}"}), data)

    return output


@pytest.mark.parametrize(
    ("expression", "data", "expected"),
    [
        ("$states.input.a + 1", {"a": 1}, 2),
        ("4 / 2", None, 2),
        ("5 / 2", None, 2.5),
        ("$sum($states.input.l)", {"l": [1, 2, 3]}, 6),
        ("$states.input.n", {"n": None}, None),
        ("$exists($states.input.n)", {"n": None}, True),
        ("$type($states.input.n)", {"n": None}, "null"),
        ("null", None, None),
        ("{'n': $states.input.n, 'absent': $states.input.absent}", {"n": None}, {"n": None}),
        ("$states.input", {"text": 'é" \\ \n 😀 {% %} $.x'}, {"text": 'é" \\ \n 😀 {% %} $.x'}),
        ("$string($states.input)", {"text": "é😀"}, '{"text":"é😀"}'),
        ("$states.input.big", {"big": 12345678901234567}, 12345678901234567),
        ("$states.input.f", {"f": 1.5}, 1.5),
        ("$states.input.l", {"l": []}, []),
        ("$states.input.l", {"l": [7]}, [7]),
        ("$states.input.o[k = 1]", {"o": [{"k": 1}, {"k": 2}]}, {"k": 1}),
        ("[$states.input.o[k = 1]]", {"o": [{"k": 1}, {"k": 2}]}, [{"k": 1}]),
        ("[1..5]", None, [1, 2, 3, 4, 5]),
        ("$states.input.l[$ > 1]", {"l": [1, 2, 3]}, [2, 3]),
        ("$map($states.input.l, function($v) { $v * 2 })", {"l": [1, 2]}, [2, 4]),
        ("($x := 2; $x * $x)", None, 4),
        ("$partition([1, 2, 3, 4, 5], 2)", None, [[1, 2], [3, 4], [5]]),
        ("$range(0, 10, 5)", None, [0, 5, 10]),
        ("$range(3, 1, -1)", None, [3, 2, 1]),
        ("$hash('hello', 'SHA-1')", None, "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d"),
        ("$hash('hello', 'MD5')", None, "5d41402abc4b2a76b9719d911017c592"),
        ("$parse('{\"a\": [1, null]}')", None, {"a": [1, None]}),
        ("$random(7) = $random(7)", None, True),
        ("$random() < 1", None, True),
    ],
)
def test_an_expression_gives_its_json_value(evaluate: Any, expression: str, data: Any, expected: Any) -> None:
    result = evaluate(expression, data)
    assert result == expected
    assert isinstance(result, bool) == isinstance(expected, bool)
    assert isinstance(result, float) == isinstance(expected, float)


def test_uuids_are_random_and_of_version_4(evaluate: Any) -> None:
    first, second = evaluate("[$uuid(), $uuid()]")
    assert first != second
    assert uuid.UUID(first).version == 4


def test_jsonata_reads_the_emulated_time(evaluate: Any, workflows: Any) -> None:
    workflows.clock.advance(1_000_000)
    assert evaluate("$millis()") == int(workflows.clock.now() * 1000)
    assert evaluate("$now()") == evaluate("$states.context.State.EnteredTime")


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("$states.input.absent", "returned nothing (undefined)."),
        ("$partition([], 2)", "returned nothing (undefined)."),
        ("$states.result", "returned nothing (undefined)."),
        ("$sum", "returned an unsupported result type."),
        ("function($x) { $x }", "returned an unsupported result type."),
        ("1 + 'a'", "threw an error during evaluation. T2002: "),
        ("$nobody(1)", "threw an error during evaluation. T1006: Attempted to invoke a non-function"),
        ("$eval('1')", "threw an error during evaluation. T1006: Attempted to invoke a non-function"),
        ("$parse('{')", "threw an error during evaluation. "),
        ("$hash('x', 'SHA-3')", "threw an error during evaluation. "),
        ("$error('no such plan')", "threw an error during evaluation. D3137: no such plan"),
    ],
)
def test_an_expression_that_fails_names_itself_its_field_and_its_state(
    workflows: Any, one: Any, expression: str, reason: str
) -> None:
    error, cause = workflows.failure(one({"Type": "Pass", "Output": {"a": [{"b": f"{{% {expression} %}}"}]}}))
    assert error == "States.QueryEvaluationError"
    assert cause.startswith(
        f"{PREFIX}The JSONata expression '{expression}' specified for the field 'Output/a[0]/b' {reason}"
    )


@pytest.mark.parametrize(
    ("state", "field"),
    [
        ({"Type": "Pass", "Assign": {"x": {"y": "{% $states.input.no %}"}}}, "Assign/x/y"),
        ({"Type": "Wait", "Seconds": "{% $states.input.no %}"}, "Seconds"),
        ({"Type": "Wait", "Timestamp": "{% $states.input.no %}"}, "Timestamp"),
        ({"Type": "Fail", "Error": "{% $states.input.no %}"}, "Error"),
        ({"Type": "Fail", "Error": "E", "Cause": "{% $states.input.no %}"}, "Cause"),
        (
            {
                "Type": "Choice",
                "Choices": [
                    {"Condition": "{% false %}", "Next": "B"},
                    {"Condition": "{% $states.input.no %}", "Next": "B"},
                ],
            },
            "Choices[1]/Condition",
        ),
        (
            {
                "Type": "Choice",
                "Choices": [{"Condition": "{% true %}", "Output": {"v": "{% $states.input.no %}"}, "Next": "B"}],
            },
            "Choices[0]/Output/v",
        ),
        (
            {
                "Type": "Parallel",
                "Arguments": "{% $states.input.no %}",
                "Branches": [{"StartAt": "X", "States": {"X": {"Type": "Succeed"}}}],
            },
            "Arguments",
        ),
        (
            {
                "Type": "Map",
                "Items": "{% $states.input.no %}",
                "ItemProcessor": {"StartAt": "X", "States": {"X": {"Type": "Succeed"}}},
            },
            "Items",
        ),
        (
            {
                "Type": "Map",
                "Items": [1],
                "MaxConcurrency": "{% $states.input.no %}",
                "ItemProcessor": {"StartAt": "X", "States": {"X": {"Type": "Succeed"}}},
            },
            "MaxConcurrency",
        ),
        (
            {
                "Type": "Task",
                "Resource": "arn:aws:states:::aws-sdk:sts:getCallerIdentity",
                "TimeoutSeconds": "{% $states.input.no %}",
            },
            "TimeoutSeconds",
        ),
        (
            {
                "Type": "Task",
                "Resource": "arn:aws:states:::aws-sdk:sts:getCallerIdentity",
                "Credentials": {"RoleArn": "{% $states.input.no %}"},
            },
            "Credentials/RoleArn",
        ),
    ],
)
def test_every_field_with_an_expression_has_its_name_in_the_cause(
    workflows: Any, one: Any, state: dict[str, Any], field: str
) -> None:
    machine = one(state)
    if state["Type"] == "Choice":
        machine["States"]["B"] = {"Type": "Succeed"}
    error, cause = workflows.failure(machine)
    assert error == "States.QueryEvaluationError"
    expression = "The JSONata expression '$states.input.no'"
    assert cause == f"{PREFIX}{expression} specified for the field '{field}' returned nothing (undefined)."


@pytest.mark.parametrize(
    ("state", "field", "expected", "was"),
    [
        ({"Type": "Wait", "Seconds": "{% 'x' %}"}, "Seconds", "integer", "'string' for value: \"x\""),
        ({"Type": "Wait", "Seconds": "{% 1.5 %}"}, "Seconds", "integer", "'number' for value: 1.5"),
        ({"Type": "Wait", "Seconds": "{% true %}"}, "Seconds", "integer", "'boolean' for value: true"),
        ({**CALL, "TimeoutSeconds": "{% 'x' %}"}, "TimeoutSeconds", "integer", "'string' for value: \"x\""),
        ({"Type": "Fail", "Error": "{% 7 %}"}, "Error", "string", "'integer' for value: 7"),
        (
            {"Type": "Choice", "Choices": [{"Condition": "{% 'yes' %}", "Next": "B"}]},
            "Choices[0]/Condition",
            "boolean",
            "'string' for value: \"yes\"",
        ),
        (
            {
                "Type": "Map",
                "Items": "{% 7 %}",
                "ItemProcessor": {"StartAt": "X", "States": {"X": {"Type": "Succeed"}}},
            },
            "Items",
            "array",
            "'integer' for value: 7",
        ),
    ],
)
def test_a_value_of_the_wrong_type_fails_the_state(
    workflows: Any, one: Any, *, state: dict[str, Any], field: str, expected: str, was: str
) -> None:
    machine = one(state)
    if state["Type"] == "Choice":
        machine["States"]["B"] = {"Type": "Succeed"}
    error, cause = workflows.failure(machine)
    assert error == "States.QueryEvaluationError"
    assert cause.endswith(
        f"the field '{field}' returned an unexpected result type. Expected '{expected}', but was {was}"
    )


def test_the_failed_evaluation_is_in_the_history(workflows: Any, one: Any) -> None:
    execution = workflows.run(one({"Type": "Pass", "Output": {"v": "{% $states.input.no %}"}}))
    types = [event["type"] for event in workflows.history(execution["executionArn"])]
    assert types == ["ExecutionStarted", "PassStateEntered", "EvaluationFailed", "ExecutionFailed"]
    details = workflows.history(execution["executionArn"])[2]["evaluationFailedEventDetails"]
    assert details == {
        "error": "States.QueryEvaluationError",
        "cause": execution["cause"],
        "location": "Output/v",
        "state": "A",
    }


def test_the_context_object_has_what_aws_documents(workflows: Any, one: Any) -> None:
    arn = workflows.start(one({"Type": "Pass", "Output": "{% $states.context %}"}), {"q": 1})
    described = workflows.wait(arn)
    context = json.loads(described["output"])
    entered = context["State"].pop("EnteredTime")
    assert entered == context["Execution"]["StartTime"]
    assert entered.endswith("Z")
    assert context == {
        "Execution": {
            "Id": arn,
            "Input": {"q": 1},
            "Name": described["name"],
            "RoleArn": "arn:aws:iam::123456789012:role/machine",
            "StartTime": entered,
            "RedriveCount": 0,
        },
        "StateMachine": {"Id": described["stateMachineArn"], "Name": described["stateMachineArn"].rpartition(":")[2]},
        "State": {"Name": "A", "RetryCount": 0},
    }


def test_literals_and_expressions_mix_at_any_depth(workflows: Any, one: Any) -> None:
    template = {
        "n": 1,
        "f": 1.5,
        "b": False,
        "z": None,
        "l": ["{% $states.input.x %}", [], {}],
        "s": "a {% b %}",
        "e": "",
    }
    assert workflows.output(one({"Type": "Pass", "Output": template}), {"x": "X"}) == {**template, "l": ["X", [], {}]}


def test_keys_and_texts_that_are_words_of_the_state_language_are_plain_data(workflows: Any, one: Any) -> None:
    text = "Next End Type Task Error Cause States States.ALL Resource Name Version Output Catch Retry Items Mode INLINE"
    words = [*text.split(), "Result", "Input", "$.path", "$$.x", "a.$", 'q"uo', "é"]
    template = {word: word for word in words}
    assert workflows.output(one({"Type": "Pass", "Output": template})) == template
    states = {
        "A": {"Type": "Pass", "Assign": {"v": template}, "Next": "B"},
        "B": {"Type": "Pass", "Output": "{% $v %}", "End": True},
    }
    assigned = {"StartAt": "A", "QueryLanguage": "JSONata", "States": states}
    assert workflows.output(assigned) == template


def test_a_state_of_a_jsonpath_machine_may_speak_jsonata(workflows: Any, one: Any) -> None:
    machine = one({"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% $states.input.a %}"}, "JSONPath")
    assert workflows.output(machine, {"a": 1}) == 1
