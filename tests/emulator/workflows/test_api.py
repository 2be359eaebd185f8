"""The API of Step Functions: start, describe, list, history, stop, update, limits, versions."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from botocore.exceptions import ClientError

from avm_emulator.workflows import history

WAIT = {"Type": "Wait", "Seconds": 100}


def code(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


@pytest.fixture
def held(workflows: Any) -> Any:
    """Hold the clock, so that a Wait state stays where it is."""
    workflows.clock.hold(held=True)
    yield
    workflows.clock.hold(held=False)


def test_a_description_has_what_the_model_has(workflows: Any, one: Any) -> None:
    arn = workflows.start(one({"Type": "Pass", "Output": {"é": "{% $states.input.q %}"}}), {"q": 1})
    described = workflows.wait(arn)
    del described["ResponseMetadata"]
    machine = described["stateMachineArn"]
    assert arn == f"{machine.replace(':stateMachine:', ':execution:')}:{described['name']}"
    assert described.pop("startDate") <= described.pop("stopDate")
    assert described == {
        "executionArn": arn,
        "stateMachineArn": machine,
        "name": described["name"],
        "status": "SUCCEEDED",
        "input": '{"q": 1}',
        "inputDetails": {"included": True},
        "output": '{"é":1}',
        "outputDetails": {"included": True},
        "redriveCount": 0,
        "redriveStatus": "NOT_REDRIVABLE",
        "redriveStatusReason": "Execution is SUCCEEDED and cannot be redriven",
    }


@pytest.mark.parametrize("value", ["text", 7, None, True, [], {}, "", "{}"])
def test_the_output_is_json_text_whatever_it_is(workflows: Any, one: Any, value: Any) -> None:
    assert workflows.output(one({"Type": "Pass", "Output": "{% $states.input %}"}), [value]) == [value]
    described = workflows.run(one({"Type": "Pass", "Output": value}))
    assert described["output"] == json.dumps(value)


def test_a_running_execution_has_no_end(workflows: Any, one: Any, held: None) -> None:
    described = workflows.client.describe_execution(executionArn=workflows.start(one(WAIT)))
    assert described["status"] == "RUNNING"
    assert not {"stopDate", "output", "error", "cause"} & set(described)


def test_executions_without_a_name_get_one_each(workflows: Any, one: Any) -> None:
    machine = workflows.create(one({"Type": "Pass"}))
    arns = {workflows.client.start_execution(stateMachineArn=machine)["executionArn"] for _ in range(3)}
    assert len(arns) == 3
    assert all(len(arn.rpartition(":")[2]) == 36 for arn in arns)


def test_the_same_name_and_input_is_the_same_execution_while_it_runs(workflows: Any, one: Any, held: None) -> None:
    machine = workflows.create(one(WAIT))

    def start(text: str) -> Any:
        return workflows.client.start_execution(stateMachineArn=machine, name="request-1", input=text)

    first = start('{"a": 1}')
    again = start('{"a": 1}')
    assert (first["executionArn"], first["startDate"]) == (again["executionArn"], again["startDate"])
    with pytest.raises(ClientError) as error:
        start('{"a": 2}')
    assert code(error) == "ExecutionAlreadyExists"
    assert error.value.response["Error"]["Message"] == f"Execution Already Exists: '{first['executionArn']}'"
    workflows.clock.hold(held=False)
    workflows.wait(first["executionArn"])
    with pytest.raises(ClientError) as error:
        start('{"a": 1}')
    assert code(error) == "ExecutionAlreadyExists"


def test_many_starts_of_one_name_are_one_execution(workflows: Any, one: Any, held: None) -> None:
    machine = workflows.create(one(WAIT))
    arns: list[str] = []
    barrier = threading.Barrier(8)

    def start() -> None:
        barrier.wait()
        arns.append(workflows.client.start_execution(stateMachineArn=machine, name="once", input="{}")["executionArn"])

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(arns) == 8
    assert len(set(arns)) == 1
    assert len(workflows.client.list_executions(stateMachineArn=machine)["executions"]) == 1


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"input": "{no"}, "InvalidExecutionInput"),
        ({"input": ""}, "InvalidExecutionInput"),
        ({"input": json.dumps("x" * 262_143)}, "ValidationException"),
        ({"input": json.dumps("é" * 131_072, ensure_ascii=False)}, "ValidationException"),
        ({"name": "a b"}, "InvalidName"),
        ({"name": "a" * 81}, "ValidationException"),
    ],
)
def test_a_start_that_does_not_fit_is_refused(
    workflows: Any, one: Any, arguments: dict[str, str], expected: str
) -> None:
    machine = workflows.create(one({"Type": "Pass"}))
    with pytest.raises(ClientError) as error:
        workflows.client.start_execution(stateMachineArn=machine, **arguments)
    assert code(error) == expected
    assert workflows.client.list_executions(stateMachineArn=machine)["executions"] == []


def test_state_data_may_have_256_kib_and_not_one_byte_more(workflows: Any, one: Any) -> None:
    assert workflows.run(one({"Type": "Pass"}), "x" * 262_142)["status"] == "SUCCEEDED"
    assert workflows.run(one({"Type": "Pass"}), "é" * 131_071)["status"] == "SUCCEEDED"
    doubled = one({"Type": "Pass", "Output": "{% $states.input & $states.input %}"})
    error, cause = workflows.failure(doubled, "x" * 140_000)
    assert error == "States.DataLimitExceeded"
    assert (
        cause == "The state/task 'A' returned a result with a size exceeding the maximum number of bytes service limit."
    )


def test_an_execution_with_too_many_events_fails(workflows: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "MAXIMUM_EVENTS", 100)
    states = {
        "A": {"Type": "Pass", "Next": "B"},
        "B": {"Type": "Choice", "Choices": [{"Condition": "{% false %}", "Next": "C"}], "Default": "A"},
        "C": {"Type": "Succeed"},
    }
    described = workflows.run({"QueryLanguage": "JSONata", "StartAt": "A", "States": states})
    assert (described["status"], described["error"]) == ("FAILED", "States.Runtime")
    assert described["cause"].startswith("The execution reached the maximum number of history events")
    events = workflows.history(described["executionArn"])
    assert (len(events), events[-1]["type"]) == (100, "ExecutionFailed")


def test_executions_are_listed_latest_first_in_pages_and_by_status(workflows: Any, one: Any) -> None:
    machine = one(
        {"Type": "Choice", "Choices": [{"Condition": "{% $states.input.n % 2 = 0 %}", "Next": "S"}], "Default": "F"}
    )
    machine["States"] |= {"S": {"Type": "Succeed"}, "F": {"Type": "Fail", "Error": "Odd"}}
    arn = workflows.create(machine)
    for number in range(5):
        started = workflows.client.start_execution(
            stateMachineArn=arn, name=f"e{number}", input=json.dumps({"n": number})
        )
        workflows.wait(started["executionArn"])
    names: list[str] = []
    arguments: dict[str, Any] = {"stateMachineArn": arn, "maxResults": 2}
    while True:
        page = workflows.client.list_executions(**arguments)
        assert len(page["executions"]) <= 2
        names += [execution["name"] for execution in page["executions"]]
        if "nextToken" not in page:
            break
        arguments["nextToken"] = page["nextToken"]
    assert names == ["e4", "e3", "e2", "e1", "e0"]
    failed = workflows.client.list_executions(stateMachineArn=arn, statusFilter="FAILED")["executions"]
    assert [execution["name"] for execution in failed] == ["e3", "e1"]
    assert all("stopDate" in execution for execution in failed)


def test_the_history_comes_in_pages_either_way_and_without_data_if_asked(workflows: Any, one: Any) -> None:
    arn = workflows.start(one({"Type": "Pass"}), {"q": 1})
    workflows.wait(arn)
    pages = workflows.client.get_paginator("get_execution_history").paginate(executionArn=arn, maxResults=2)
    listed = list(pages)
    assert [len(page["events"]) for page in listed] == [2, 2]
    forward = [event["id"] for page in listed for event in page["events"]]
    backward = [event["id"] for event in workflows.history(arn, reverseOrder=True)]
    assert forward == backward[::-1] == [1, 2, 3, 4]
    bare = workflows.history(arn, includeExecutionData=False)
    assert bare[1]["stateEnteredEventDetails"] == {"name": "A"}
    assert "input" not in bare[0]["executionStartedEventDetails"]


def test_the_history_tells_states_with_input_output_and_assigned_variables(workflows: Any, one: Any) -> None:
    described = workflows.run(one({"Type": "Pass", "Assign": {"v": 'é"', "n": [1]}, "Output": {"o": 1}}), {"q": "é"})
    started, entered, left, succeeded = workflows.history(described["executionArn"])
    assert started["executionStartedEventDetails"] == {
        "input": '{"q": "é"}',
        "inputDetails": {"truncated": False},
        "roleArn": "arn:aws:iam::123456789012:role/machine",
    }
    assert entered["stateEnteredEventDetails"] == {
        "name": "A",
        "input": '{"q":"é"}',
        "inputDetails": {"truncated": False},
    }
    details = left["stateExitedEventDetails"]
    assert details["assignedVariables"] == {"v": '"é\\""', "n": "[1]"}
    assert (details["name"], details["output"]) == ("A", '{"o":1}')
    assert succeeded["executionSucceededEventDetails"] == {"output": '{"o":1}', "outputDetails": {"truncated": False}}
    assert [event["previousEventId"] for event in (started, entered, left, succeeded)] == [0, 0, 2, 3]
    assert started["timestamp"] == described["startDate"]


@pytest.mark.parametrize("operation", ["list_executions", "get_execution_history"])
def test_a_page_token_of_nobody_is_invalid(workflows: Any, one: Any, operation: str) -> None:
    arn = workflows.start(one({"Type": "Pass"}))
    machine = workflows.wait(arn)["stateMachineArn"]
    arguments = {"stateMachineArn": machine} if operation == "list_executions" else {"executionArn": arn}
    with pytest.raises(ClientError) as error:
        getattr(workflows.client, operation)(**arguments, nextToken="nobody")
    assert code(error) == "InvalidToken"


@pytest.mark.parametrize("operation", ["describe_execution", "get_execution_history", "stop_execution"])
@pytest.mark.parametrize("machine", ["nobody", "known"])
def test_an_execution_that_there_is_not_does_not_exist(workflows: Any, one: Any, operation: str, machine: str) -> None:
    known = workflows.create(one({"Type": "Pass"})).replace(":stateMachine:", ":execution:")
    arn = f"{known}:no" if machine == "known" else "arn:aws:states:eu-west-1:123456789012:execution:nobody:no"
    with pytest.raises(ClientError) as error:
        getattr(workflows.client, operation)(executionArn=arn)
    assert code(error) == "ExecutionDoesNotExist"


def test_a_state_machine_that_there_is_not_does_not_exist(workflows: Any) -> None:
    with pytest.raises(ClientError) as error:
        workflows.client.start_execution(stateMachineArn="arn:aws:states:eu-west-1:123456789012:stateMachine:nobody")
    assert code(error) == "StateMachineDoesNotExist"


@pytest.mark.parametrize("reason", [{}, {"error": "Operator", "cause": "é not needed"}])
def test_an_execution_is_stopped_at_once_with_error_and_cause(
    workflows: Any, one: Any, held: None, reason: dict[str, str]
) -> None:
    processor = {"StartAt": "W", "States": {"W": {**WAIT, "End": True}}}
    arn = workflows.start(one({"Type": "Map", "Items": [1, 2], "ItemProcessor": processor}))
    stopped = workflows.client.stop_execution(executionArn=arn, **reason)
    described = workflows.client.describe_execution(executionArn=arn)
    assert described["status"] == "ABORTED"
    assert described["stopDate"] == stopped["stopDate"]
    assert {key: described[key] for key in ("error", "cause") if key in described} == reason
    last = workflows.history(arn)[-1]
    assert last["type"] == "ExecutionAborted"
    assert last.get("executionAbortedEventDetails", {}) == reason
    workflows.clock.hold(held=False)
    workflows.clock.advance(200)
    assert workflows.history(arn)[-1] == last
    assert workflows.client.stop_execution(executionArn=arn, error="Again")["stopDate"] == stopped["stopDate"]
    assert workflows.client.describe_execution(executionArn=arn).get("error") == reason.get("error")


def test_a_retry_pause_can_be_stopped(workflows: Any, functions: Any, one: Any, held: None) -> None:
    arguments = {"FunctionName": functions.add(lambda event: 1 / 0)}
    retry = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1000}]
    arn = workflows.start(
        one({"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Arguments": arguments, "Retry": retry})
    )
    workflows.client.stop_execution(executionArn=arn)
    assert workflows.wait(arn)["status"] == "ABORTED"


def test_creating_the_same_state_machine_again_changes_nothing_and_another_is_refused(workflows: Any, one: Any) -> None:
    arguments = {
        "name": "again",
        "definition": json.dumps(one({"Type": "Pass"})),
        "roleArn": "arn:aws:iam::123456789012:role/r",
    }
    first = workflows.client.create_state_machine(**arguments)
    again = workflows.client.create_state_machine(**arguments)
    assert (first["stateMachineArn"], first["creationDate"]) == (again["stateMachineArn"], again["creationDate"])
    with pytest.raises(ClientError) as error:
        workflows.client.create_state_machine(**{**arguments, "definition": json.dumps(one({"Type": "Succeed"}))})
    assert code(error) == "StateMachineAlreadyExists"


def test_an_update_concerns_later_executions_only(workflows: Any, one: Any, held: None) -> None:
    old = {
        "StartAt": "A",
        "QueryLanguage": "JSONata",
        "States": {"A": {**WAIT, "Next": "B"}, "B": {"Type": "Succeed", "Output": "old"}},
    }
    machine = workflows.create(old)
    running = workflows.client.start_execution(stateMachineArn=machine)["executionArn"]
    new = one({"Type": "Succeed", "Output": "{% $states.context.Execution.RoleArn %}"})
    role = "arn:aws:iam::123456789012:role/other"
    assert workflows.client.update_state_machine(stateMachineArn=machine, definition=json.dumps(new), roleArn=role)[
        "updateDate"
    ]
    assert json.loads(workflows.client.describe_state_machine(stateMachineArn=machine)["definition"]) == new
    workflows.clock.hold(held=False)
    assert workflows.wait(running)["output"] == '"old"'
    later = workflows.client.start_execution(stateMachineArn=machine)["executionArn"]
    assert workflows.wait(later)["output"] == f'"{role}"'


def test_an_update_of_nothing_or_to_nonsense_is_refused(workflows: Any, one: Any) -> None:
    machine = workflows.create(one({"Type": "Pass"}))
    with pytest.raises(ClientError) as error:
        workflows.client.update_state_machine(stateMachineArn=machine)
    assert code(error) == "MissingRequiredParameter"
    with pytest.raises(ClientError) as error:
        workflows.client.update_state_machine(stateMachineArn=machine, definition="{}")
    assert code(error) == "InvalidDefinition"


def test_versions_and_aliases_can_be_started(workflows: Any, one: Any) -> None:
    machine = workflows.create(one({"Type": "Pass", "Output": 1}))
    published = workflows.client.update_state_machine(
        stateMachineArn=machine, definition=json.dumps(one({"Type": "Pass", "Output": 2})), publish=True
    )
    version = published["stateMachineVersionArn"]
    workflows.client.update_state_machine(
        stateMachineArn=machine, definition=json.dumps(one({"Type": "Pass", "Output": 3}))
    )
    routes = [{"stateMachineVersionArn": version, "weight": 100}]
    alias = workflows.client.create_state_machine_alias(name="live", routingConfiguration=routes)[
        "stateMachineAliasArn"
    ]
    for arn, output in ((machine, "3"), (version, "2"), (alias, "2")):
        described = workflows.wait(workflows.client.start_execution(stateMachineArn=arn)["executionArn"])
        assert (described["output"], described["stateMachineArn"]) == (output, machine)
        assert described.get("stateMachineVersionArn") == (None if arn == machine else version)
        assert described.get("stateMachineAliasArn") == (alias if arn == alias else None)


def test_state_machines_of_another_account_and_region_run_there(workflows: Any, emulator: Any, one: Any) -> None:
    role = "arn:aws:iam::222222222222:role/OrganizationAccountAccessRole"
    client = emulator.clients.client("stepfunctions", "us-east-1", role_arn=role, session_name="test")
    definition = one(
        {
            "Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:sts:getCallerIdentity",
            "Output": "{% $states.result.Account %}",
        }
    )
    machine = client.create_state_machine(
        name="elsewhere", definition=json.dumps(definition), roleArn="arn:aws:iam::222222222222:role/machine"
    )["stateMachineArn"]
    assert machine == "arn:aws:states:us-east-1:222222222222:stateMachine:elsewhere"
    arn = client.start_execution(stateMachineArn=machine)["executionArn"]
    workflows.emulator.clients.client("stepfunctions")
    while (described := client.describe_execution(executionArn=arn))["status"] == "RUNNING":
        pass
    assert described["output"] == '"222222222222"'
    with pytest.raises(ClientError) as error:
        workflows.client.describe_execution(executionArn=arn)
    assert code(error) == "ExecutionDoesNotExist"
