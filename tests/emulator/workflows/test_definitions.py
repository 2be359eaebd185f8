"""Definitions that are refused when a state machine is created, with code, reason and place."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

ROLE = "arn:aws:iam::123456789012:role/r"
PASS = {"Type": "Pass", "End": True}


def machine(states: dict[str, Any], start: str = "A", **fields: Any) -> dict[str, Any]:
    return {"QueryLanguage": "JSONata", "StartAt": start, "States": states, **fields}


def task(resource: str, **fields: Any) -> dict[str, Any]:
    return machine({"A": {"Type": "Task", "Resource": resource, "End": True, **fields}})


def choice(*rules: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"Type": "Choice", "Choices": list(rules), **fields}


SCHEMA = "SCHEMA_VALIDATION_FAILED"
TARGET = "MISSING_TRANSITION_TARGET"
EXPRESSION = "UNSUPPORTED_JSONATA_EXPRESSION"
LAMBDA = "arn:aws:states:::lambda:invoke"
S = {"Type": "Succeed"}


def nested(state: dict[str, Any]) -> dict[str, Any]:
    return {"StartAt": "X", "States": {"X": state}}


def parallel(state: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"Type": "Parallel", "Branches": [nested(state)], "End": True, **fields}


def mapping(state: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"Type": "Map", "ItemProcessor": nested(state), "End": True, **fields}


INVALID: dict[str, tuple[Any, str, str]] = {
    "no JSON": ("{", "INVALID_JSON_DESCRIPTION", "/"),
    "no object": ("[]", SCHEMA, "/"),
    "no states": (machine({}), SCHEMA, "/States"),
    "no start": ({"QueryLanguage": "JSONata", "States": {"A": PASS}}, TARGET, "/StartAt"),
    "start at nobody": (machine({"A": PASS}, "B"), TARGET, "/StartAt"),
    "next is nobody": (machine({"A": {"Type": "Pass", "Next": "B"}}), TARGET, "/States/A/Next"),
    "default is nobody": (
        machine({"A": choice({"Condition": True, "Next": "S"}, Default="B"), "S": S}),
        TARGET,
        "/States/A/Default",
    ),
    "rule leads nowhere": (
        machine({"A": choice({"Condition": True, "Next": "B"}, Default="S"), "S": S}),
        TARGET,
        "/States/A/Choices[0]/Next",
    ),
    "catcher leads nowhere": (
        task(LAMBDA, Catch=[{"ErrorEquals": ["States.ALL"], "Next": "B"}]),
        TARGET,
        "/States/A/Catch[0]/Next",
    ),
    "out of a branch": (
        machine({"A": parallel({"Type": "Pass", "Next": "A"})}),
        TARGET,
        "/States/A/Branches[0]/States/X/Next",
    ),
    "out of an iteration": (
        machine({"A": mapping({"Type": "Pass", "Next": "A"})}),
        TARGET,
        "/States/A/ItemProcessor/States/X/Next",
    ),
    "unreachable": (machine({"A": PASS, "B": PASS}), TARGET, "/States/B"),
    "no end": (machine({"A": {"Type": "Pass", "Next": "A"}}), "MISSING_END_STATE", "/States"),
    "name twice": (
        machine({"X": parallel(PASS)}, "X"),
        "DUPLICATE_STATE_NAME",
        "/States/X/Branches[0]/States/X",
    ),
    "type unknown": (machine({"A": {"Type": "Nope", "End": True}}), SCHEMA, "/States/A"),
    "neither next nor end": (machine({"A": {"Type": "Pass"}, "B": PASS}), SCHEMA, "/States/A"),
    "field unknown": (machine({"A": {**PASS, "Outputs": 1}}), SCHEMA, "/States/A"),
    "field of the machine unknown": (machine({"A": PASS}, Start="A"), SCHEMA, "/"),
    "retry of a pass": (machine({"A": {**PASS, "Retry": []}}), SCHEMA, "/States/A"),
    "time-out of a map": (machine({"A": mapping(PASS, TimeoutSeconds=1)}), SCHEMA, "/States/A"),
    "JSONPath field in JSONata": (machine({"A": {**PASS, "ResultPath": "$.x"}}), SCHEMA, "/States/A"),
    "JSONata field in JSONPath": ({"StartAt": "A", "States": {"A": {**PASS, "Output": 1}}}, SCHEMA, "/States/A"),
    "back to JSONPath": (machine({"A": {**PASS, "QueryLanguage": "JSONPath"}}), SCHEMA, "/States/A"),
    "language unknown": (machine({"A": PASS}, QueryLanguage="XPath"), SCHEMA, "/QueryLanguage"),
    "task without resource": (machine({"A": {"Type": "Task", "End": True}}), SCHEMA, "/States/A"),
    "choice without rules": (machine({"A": choice(), "B": PASS}), SCHEMA, "/States/A"),
    "expression broken": (
        machine({"A": {**PASS, "Output": "{% $states.input[ %}"}}),
        "INVALID_JSONATA_EXPRESSION",
        "/States/A/Output",
    ),
    "name at the top level": (
        machine({"A": {**PASS, "Output": {"v": ["{% phone %}"]}}}),
        EXPRESSION,
        "/States/A/Output/v[0]",
    ),
    "name in a lambda": (
        machine({"A": {**PASS, "Output": "{% $map($states.input.a, function($x) { b }) %}"}}),
        EXPRESSION,
        "/States/A/Output",
    ),
    "context of all": (machine({"A": {**PASS, "Output": "{% $$.a %}"}}), EXPRESSION, "/States/A/Output"),
    "error output outside": (
        machine({"A": {**PASS, "Output": "{% $states.errorOutput %}"}}),
        EXPRESSION,
        "/States/A/Output",
    ),
    "expression in a branch": (
        machine({"A": parallel({**PASS, "Output": "{% no %}"})}),
        EXPRESSION,
        "/States/A/Branches[0]/States/X/Output",
    ),
    "service unknown": (task("arn:aws:states:::aws-sdk:nobody:listThings"), SCHEMA, "/States/A/Resource"),
    "service by its boto3 name": (task("arn:aws:states:::aws-sdk:events:listRules"), SCHEMA, "/States/A/Resource"),
    "operation unknown": (task("arn:aws:states:::aws-sdk:iam:listThings"), SCHEMA, "/States/A/Resource"),
    "integration not there": (task("arn:aws:states:::ecs:runTask.sync"), SCHEMA, "/States/A/Resource"),
    "activity": (task("arn:aws:states:eu-west-1:123456789012:activity:a"), SCHEMA, "/States/A/Resource"),
    "resource of no kind": (task("hello"), SCHEMA, "/States/A/Resource"),
    "pattern not there": (task("arn:aws:states:::dynamodb:getItem.waitForTaskToken"), SCHEMA, "/States/A/Resource"),
    "pattern unknown": (task("arn:aws:states:::sqs:sendMessage.wait"), SCHEMA, "/States/A/Resource"),
    "sdk with sync": (task("arn:aws:states:::aws-sdk:sfn:startExecution.sync"), SCHEMA, "/States/A/Resource"),
    "argument unknown": (
        task(LAMBDA, Arguments={"FunctionName": "f", "LogType": "Tail"}),
        SCHEMA,
        "/States/A/Arguments",
    ),
    "argument in the API's casing": (
        task("arn:aws:states:::aws-sdk:sfn:describeExecution", Arguments={"executionArn": "x"}),
        SCHEMA,
        "/States/A/Arguments",
    ),
    "result writer": (machine({"A": mapping(PASS, ResultWriter={})}), SCHEMA, "/States/A/ResultWriter"),
    "heartbeat longer than time-out": (task(LAMBDA, TimeoutSeconds=5, HeartbeatSeconds=10), SCHEMA, "/"),
    "catch-all with others": (task(LAMBDA, Retry=[{"ErrorEquals": ["States.ALL", "E"]}]), SCHEMA, "/"),
    "timestamp of no time": (machine({"A": {"Type": "Wait", "Timestamp": "tomorrow", "End": True}}), SCHEMA, "/"),
}


@pytest.mark.parametrize("name", INVALID)
def test_a_definition_is_refused_with_code_and_place(workflows: Any, name: str) -> None:
    definition, code, location = INVALID[name]
    text = definition if isinstance(definition, str) else json.dumps(definition)
    diagnostics = workflows.client.validate_state_machine_definition(definition=text)["diagnostics"]
    assert (code, location) in {(problem["code"], problem["location"]) for problem in diagnostics}
    with pytest.raises(ClientError) as error:
        workflows.client.create_state_machine(name="refused", definition=text, roleArn=ROLE)
    assert error.value.response["Error"]["Code"] == "InvalidDefinition"
    assert f"{code}: " in error.value.response["Error"]["Message"]
    names = [found["name"] for found in workflows.client.list_state_machines()["stateMachines"]]
    assert "refused" not in names


@pytest.mark.parametrize(
    ("definition", "message"),
    [
        (
            machine({"A": {"Type": "Pass", "Next": "B"}, "C": PASS}, "A"),
            (
                "'MISSING_TRANSITION_TARGET: Missing 'Next' target: B at /States/A/Next, "
                'MISSING_TRANSITION_TARGET: State "C" is not reachable. at /States/C\''
            ),
        ),
        (
            machine({"A": {**PASS, "Output": "{% phone %}"}}),
            (
                "'UNSUPPORTED_JSONATA_EXPRESSION: Reference to 'phone' at the top level is not supported. "
                "at /States/A/Output'"
            ),
        ),
        (
            task("arn:aws:states:::ecs:runTask.sync"),
            (
                "'SCHEMA_VALIDATION_FAILED: The resource provided arn:aws:states:::ecs:runTask.sync is not recognized, "
                "or not one that the emulator has. at /States/A/Resource'"
            ),
        ),
    ],
)
def test_the_message_names_every_problem(workflows: Any, definition: dict[str, Any], message: str) -> None:
    with pytest.raises(ClientError) as error:
        workflows.client.create_state_machine(name="refused", definition=json.dumps(definition), roleArn=ROLE)
    assert error.value.response["Error"]["Message"] == f"Invalid State Machine Definition: {message}"


def test_all_problems_are_named_at_once(workflows: Any) -> None:
    definition = machine({"A": {"Type": "Pass", "Next": "B", "Output": "{% x %}"}, "C": {"Type": "Nope"}})
    answer = workflows.client.validate_state_machine_definition(definition=json.dumps(definition))
    assert answer["result"] == "FAIL"
    found = {(problem["code"], problem["location"]) for problem in answer["diagnostics"]}
    assert found == {
        ("MISSING_TRANSITION_TARGET", "/States/A/Next"),
        ("UNSUPPORTED_JSONATA_EXPRESSION", "/States/A/Output"),
        ("SCHEMA_VALIDATION_FAILED", "/States/C"),
        ("MISSING_END_STATE", "/States"),
        ("MISSING_TRANSITION_TARGET", "/States/C"),
    }
    assert {problem["severity"] for problem in answer["diagnostics"]} == {"ERROR"}


def test_a_valid_definition_is_ok(workflows: Any) -> None:
    answer = workflows.client.validate_state_machine_definition(definition=json.dumps(machine({"A": PASS})))
    assert (answer["result"], answer["diagnostics"]) == ("OK", [])


def test_a_refused_definition_does_not_poison_the_parser(workflows: Any, one: Any) -> None:
    broken = machine({"A": {**PASS, "Comment": 7}})
    assert workflows.client.validate_state_machine_definition(definition=json.dumps(broken))["result"] == "FAIL"
    jsonpath = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Parameters": {"v.$": "$.q"}, "End": True}}}
    assert workflows.output(jsonpath, {"q": 1}) == {"v": 1}


def test_express_state_machines_are_refused_by_name(workflows: Any, one: Any) -> None:
    with pytest.raises(ClientError) as error:
        workflows.client.create_state_machine(
            name="express", definition=json.dumps(one({"Type": "Pass"})), roleArn=ROLE, type="EXPRESS"
        )
    assert error.value.response["Error"]["Code"] == "NotImplementedByEmulator"
    assert "Express" in error.value.response["Error"]["Message"]


def test_the_state_machine_of_the_application_is_valid(workflows: Any, request: pytest.FixtureRequest) -> None:
    for path in sorted((request.config.rootpath / "statemachine").glob("*.asl.json")):
        text = path.read_text().replace("${Partition}", "aws")
        answer = workflows.client.validate_state_machine_definition(definition=text)
        assert answer["diagnostics"] == [], path.name
