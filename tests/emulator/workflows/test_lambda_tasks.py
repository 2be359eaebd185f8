"""Tasks that invoke functions: payloads, errors by the function's class, service errors, qualifiers, direct ARNs."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from avm_emulator.workflows.tasks import service_tasks
from avm_emulator.workflows.tasks.clients import client_for


class AccountLimitError(Exception):
    """An error class of a function."""


def invoke(function: str, payload: Any = None, **fields: Any) -> dict[str, Any]:
    arguments = {"FunctionName": function} | ({} if payload is None else {"Payload": payload})
    return {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Arguments": arguments, **fields}


@pytest.mark.parametrize("payload", [{}, {"a": [1, None, 'é" \\ \n']}, [1, 2], 7, "text", True, {"deep": {"er": [{}]}}])
def test_payloads_go_in_and_come_out_as_json(workflows: Any, functions: Any, one: Any, payload: Any) -> None:
    function = functions.add(lambda event: {"got": event})
    state = invoke(function, "{% $states.input.p %}", Output="{% $states.result.Payload %}")
    assert workflows.output(one(state), {"p": payload}) == {"got": payload}


def test_without_a_payload_the_function_gets_an_empty_object(workflows: Any, functions: Any, one: Any) -> None:
    function = functions.add(lambda event: event)
    assert workflows.output(one(invoke(function, Output="{% $states.result.Payload %}"))) == {}


def test_the_result_is_the_answer_of_invoke_with_its_metadata(workflows: Any, functions: Any, one: Any) -> None:
    result = workflows.output(one(invoke(functions.add(lambda event: None))))
    assert result["Payload"] is None
    assert result["StatusCode"] == 200
    assert result["SdkHttpMetadata"]["HttpStatusCode"] == 200
    assert result["SdkResponseMetadata"]["RequestId"]


def test_an_exception_arrives_by_its_class_with_the_payload_as_the_cause(
    workflows: Any, functions: Any, one: Any
) -> None:
    def handler(event: Any) -> None:
        raise AccountLimitError('no é "more"')

    error, cause = workflows.failure(one(invoke(functions.add(handler))))
    assert error == "AccountLimitError"
    payload = json.loads(cause)
    assert set(payload) == {"errorMessage", "errorType", "requestId", "stackTrace"}
    assert payload["errorMessage"] == 'no é "more"'


def test_a_function_that_times_out_is_sandbox_timedout(workflows: Any, functions: Any, one: Any) -> None:
    payload = {"errorType": "Sandbox.Timedout", "errorMessage": "RequestId: r Error: Task timed out after 3.00 seconds"}
    function = functions.add(functions.failing_with(payload))
    assert workflows.failure(one(invoke(function))) == ("Sandbox.Timedout", json.dumps(payload, separators=(",", ":")))


@pytest.mark.parametrize("payload", [{"errorMessage": "2026 Task timed out after 3.00 seconds"}, "broken"])
def test_a_failure_without_an_error_type_is_lambda_unknown(
    workflows: Any, functions: Any, one: Any, payload: Any
) -> None:
    error, cause = workflows.failure(one(invoke(functions.add(functions.failing_with(payload)))))
    assert error == "Lambda.Unknown"
    assert cause == (
        "The cause could not be determined because Lambda did not return an error type. "
        f"Returned payload: {json.dumps(payload, separators=(',', ':'))}"
    )


def test_a_function_that_does_not_exist_is_a_lambda_error(workflows: Any, one: Any) -> None:
    error, cause = workflows.failure(one(invoke("arn:aws:lambda:eu-west-1:123456789012:function:nobody")))
    assert error == "Lambda.ResourceNotFoundException"
    assert "Service: AWSLambda; Status Code: 404; Error Code: ResourceNotFoundException; Request ID: " in cause


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("TooManyRequestsException", "Lambda.TooManyRequestsException"),
        ("ServiceException", "Lambda.ServiceException"),
        ("AccessDeniedException", "Lambda.AWSLambdaException"),
    ],
)
def test_service_errors_have_the_names_of_the_sdk(
    workflows: Any,
    functions: Any,
    one: Any,
    *,
    emulator: Any,
    monkeypatch: pytest.MonkeyPatch,
    code: str,
    error: str,
) -> None:
    client = emulator.clients.client("lambda")
    failure = client.exceptions.from_code(code)(
        {"Error": {"Code": code, "Message": "m"}, "ResponseMetadata": {"HTTPStatusCode": 400}}, "Invoke"
    )
    assert isinstance(failure, ClientError)
    refuse(monkeypatch, failure)
    machine = one(invoke(functions.add(lambda event: 1)))
    assert workflows.failure(machine) == (
        error,
        f"m (Service: AWSLambda; Status Code: 400; Error Code: {code}; Request ID: None; Proxy: null)",
    )


def test_a_connection_that_fails_is_an_sdk_client_exception(
    workflows: Any, functions: Any, one: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(monkeypatch, EndpointConnectionError(endpoint_url="http://lambda"))
    assert workflows.failure(one(invoke(functions.add(lambda event: 1))))[0] == "Lambda.SdkClientException"


def refuse(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """Make every task's client of Lambda fail."""

    class Refusing:
        def __init__(self, client: Any) -> None:
            self.meta = client.meta

        def invoke(self, **_: Any) -> None:
            raise error

    monkeypatch.setattr(service_tasks, "client_for", lambda *args: Refusing(client_for(*args)))


def test_the_function_may_be_named_by_name_version_or_qualifier(
    workflows: Any, functions: Any, one: Any, emulator: Any
) -> None:
    arn = functions.add(lambda event: "v")
    version = emulator.clients.client("lambda").publish_version(FunctionName=arn)
    for arguments in (
        {"FunctionName": arn.rpartition(":")[2]},
        {"FunctionName": version["FunctionArn"]},
        {"FunctionName": arn, "Qualifier": version["Version"]},
    ):
        state = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Arguments": arguments}
        assert workflows.output(one(state))["Payload"] == "v"


def test_the_resource_may_be_the_function_itself(workflows: Any, functions: Any, one: Any) -> None:
    arn = functions.add(lambda event: {"got": event})
    state = {"Type": "Task", "Resource": arn, "Arguments": {"q": "{% $states.input.q %}"}}
    described = workflows.run(one(state), {"q": 1})
    assert json.loads(described["output"]) == {"got": {"q": 1}}
    types = [event["type"] for event in workflows.history(described["executionArn"])]
    assert types[2:5] == ["LambdaFunctionScheduled", "LambdaFunctionStarted", "LambdaFunctionSucceeded"]


def test_an_error_of_a_function_that_is_the_resource_has_its_class(workflows: Any, functions: Any, one: Any) -> None:
    def handler(event: Any) -> None:
        raise AccountLimitError("no")

    described = workflows.run(one({"Type": "Task", "Resource": functions.add(handler)}))
    assert described["error"] == "AccountLimitError"
    failed = workflows.history(described["executionArn"])[-2]
    assert failed["type"] == "LambdaFunctionFailed"
    assert failed["lambdaFunctionFailedEventDetails"] == {"error": "AccountLimitError", "cause": described["cause"]}


def test_the_history_of_a_task_shows_parameters_time_out_and_output(workflows: Any, functions: Any, one: Any) -> None:
    function = functions.add(lambda event: {"é": 1})
    described = workflows.run(one(invoke(function, {"q": "é"}, TimeoutSeconds=30)))
    events = {event["type"]: event for event in workflows.history(described["executionArn"])}
    scheduled = events["TaskScheduled"]["taskScheduledEventDetails"]
    assert json.loads(scheduled.pop("parameters")) == {"FunctionName": function, "Payload": {"q": "é"}}
    assert scheduled == {"resourceType": "lambda", "resource": "invoke", "region": "eu-west-1", "timeoutInSeconds": 30}
    assert events["TaskStarted"]["taskStartedEventDetails"] == {"resourceType": "lambda", "resource": "invoke"}
    succeeded = events["TaskSucceeded"]["taskSucceededEventDetails"]
    assert json.loads(succeeded["output"])["Payload"] == {"é": 1}
    assert "é" in succeeded["output"]


def test_a_result_larger_than_256_kib_fails_the_task(workflows: Any, functions: Any, one: Any) -> None:
    function = functions.add(lambda event: "x" * 262_144)
    error, cause = workflows.failure(one(invoke(function, Retry=[{"ErrorEquals": ["States.ALL"]}])))
    assert error == "States.DataLimitExceeded"
    assert (
        cause
        == "The state/task 'lambda' returned a result with a size exceeding the maximum number of bytes service limit."
    )
    machine = one(invoke(function))
    machine["States"]["A"]["Catch"] = [{"ErrorEquals": ["States.DataLimitExceeded"], "Next": "B"}]
    machine["States"]["B"] = {"Type": "Succeed", "Output": "caught"}
    assert workflows.output(machine) == "caught"


def test_an_asynchronous_invocation_is_accepted(workflows: Any, functions: Any, one: Any) -> None:
    events: list[Any] = []
    state = invoke(functions.add(events.append), {"q": 1})
    state["Arguments"]["InvocationType"] = "Event"
    assert workflows.output(one(state))["StatusCode"] == 202
    assert events == [{"q": 1}]
