"""A deployed REST API over HTTP: routes, events, responses, errors. Functions are real processes."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from botocore.credentials import Credentials

from avm_emulator.context import Emulator
from avm_emulator.deploy import DeployedStack, deploy
from avm_emulator.engine import Options
from avm_emulator.front import rest_apis
from tests.emulator.front_client import Answer, Client

FUNCTION = """
import json, threading

def handler(event, context):
    wanted = json.loads(event["body"]) if (event["body"] or "").startswith("{") else {}
    threading.Event().wait(wanted.get("hang", 0))
    if "poll" in wanted:
        import boto3
        boto3.client("sqs").receive_message(QueueUrl=wanted["poll"], WaitTimeSeconds=20)
    if "raise" in wanted:
        raise RuntimeError(wanted["raise"])
    return wanted["answer"] if "answer" in wanted else {"statusCode": 200, "body": json.dumps(event)}
"""
TEMPLATE = Path(__file__).with_name("test_front_template.yaml")
PNG = b"\x89PNG\r\n\x1a\n\x00\xff"


@pytest.fixture(scope="module")
def options() -> Options:
    parts = ("managed_policies", "functions", "front", "authorization")
    return Options(speed="max", prepare=False, deploy=False, parts=[f"avm_emulator.{part}" for part in parts])


@pytest.fixture(scope="module")
def stack(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> DeployedStack:
    built = tmp_path_factory.mktemp("built")
    for name in ("EchoFunction", "CallerFunction"):
        (built / name).mkdir()
        (built / name / "app.py").write_text(FUNCTION)
    return deploy(emulator, TEMPLATE, artefacts=built, stack_name="front")


@pytest.fixture(scope="module")
def api(emulator: Emulator, stack: DeployedStack) -> Client:
    assert stack.api_url == emulator.api_url == f"{emulator.endpoint_url}/_aws/execute-api/{stack.outputs['Api']}"
    return Client(f"{stack.api_url}/v1")


@pytest.fixture(scope="module")
def shaped(emulator: Emulator, stack: DeployedStack) -> Client:
    return Client(f"{emulator.endpoint_url}/_aws/execute-api/{stack.outputs['ShapedApi']}/v1")


def asking(api: Client, answer: Any, **options: Any) -> Answer:
    """Post to the function what it shall answer."""
    return api.send("POST", "/requests", json.dumps({"answer": answer}).encode(), **options)


# -- routes -----------------------------------------------------------------------------------------------------------
def test_a_signed_request_reaches_the_function_with_its_path_parameter(api: Client) -> None:
    event = api.send("GET", "/requests/a%20b").json
    assert event["resource"] == "/requests/{id}"
    assert event["pathParameters"] == {"id": "a b"}
    assert event["path"] == "/requests/a%20b"
    assert event["requestContext"]["path"] == "/v1/requests/a%20b"


def test_a_greedy_path_takes_the_rest(api: Client) -> None:
    event = api.send("DELETE", "/files/a/b/c.txt").json
    assert (event["resource"], event["httpMethod"]) == ("/files/{proxy+}", "DELETE")
    assert event["pathParameters"] == {"proxy": "a/b/c.txt"}


def test_a_method_without_authorization_takes_unsigned_requests(api: Client) -> None:
    event = api.send("PUT", "/open", credentials=None).json
    assert event["requestContext"]["identity"]["userArn"] is None


def test_a_resource_policy_that_does_not_open_a_method_closes_it(api: Client) -> None:
    status, kind, message = api.send("PUT", "/shut", credentials=None).error
    assert (status, kind) == (403, "AccessDeniedException")
    assert message.startswith("User: anonymous is not authorized to perform: execute-api:Invoke on resource: arn:aws:")


@pytest.mark.parametrize(("method", "path"), [("GET", "/nowhere"), ("DELETE", "/requests"), ("GET", "/requests/a/b")])
def test_an_unknown_route_is_answered_like_a_missing_signature(api: Client, method: str, path: str) -> None:
    missing = (403, "MissingAuthenticationTokenException", "Missing Authentication Token")
    assert api.send(method, path).error == missing
    assert api.send("GET", "/requests", credentials=None).error == missing


def test_an_unknown_stage_is_forbidden(stack: DeployedStack) -> None:
    answer = Client(f"{stack.api_url}/v2").send("GET", "/requests")
    assert answer.error == (403, "ForbiddenException", "Forbidden")
    assert answer.json == {"message": "Forbidden"}


def test_an_unknown_api_is_answered_like_a_missing_signature(emulator: Emulator) -> None:
    answer = Client(f"{emulator.endpoint_url}/_aws/execute-api/nosuchapi0/v1").send("GET", "/requests")
    assert answer.error[:2] == (403, "MissingAuthenticationTokenException")


# -- the event --------------------------------------------------------------------------------------------------------
def test_the_event_has_payload_format_one(api: Client, stack: DeployedStack) -> None:
    headers = {"Content-Type": "application/json", "X-Twice": "a", "User-Agent": "test"}
    event = api.send("POST", "/requests?tag=a&tag=b%2Fc&empty=", b"plain", headers=headers).json
    assert event["body"] == "plain"
    assert event["isBase64Encoded"] is False
    assert event["headers"]["X-Twice"] == "a"
    assert event["multiValueHeaders"]["Content-Type"] == ["application/json"]
    assert event["queryStringParameters"] == {"tag": "b/c", "empty": ""}
    assert event["multiValueQueryStringParameters"] == {"tag": ["a", "b/c"], "empty": [""]}
    assert event["pathParameters"] is None
    assert event["stageVariables"] == {"colour": "green"}
    context = event["requestContext"]
    assert context["identity"]["sourceIp"] == "127.0.0.1"
    assert context["identity"]["userAgent"] == "test"
    assert (context["accountId"], context["apiId"], context["stage"]) == ("123456789012", stack.outputs["Api"], "v1")
    assert (context["resourcePath"], context["httpMethod"]) == ("/requests", "POST")


def test_the_signature_does_not_reach_the_function(api: Client) -> None:
    assert "Authorization" not in api.send("GET", "/requests").json["headers"]
    assert api.send("GET", "/requests?a=b", presign=60).json["queryStringParameters"] == {"a": "b"}


def test_a_request_without_body_or_query_has_null_there(api: Client) -> None:
    event = api.send("GET", "/requests").json
    assert event["body"] is None
    assert event["queryStringParameters"] is None
    assert event["multiValueQueryStringParameters"] is None


def test_the_time_of_the_request_is_that_of_the_emulated_clock(api: Client, emulator: Emulator) -> None:
    emulator.clock.advance(86_400)
    context = api.send("GET", "/requests").json["requestContext"]
    assert context["requestTimeEpoch"] == int(emulator.clock.now() * 1000)


def test_the_answer_carries_the_request_ids_of_the_event(api: Client) -> None:
    answer = api.send("GET", "/requests")
    context = answer.json["requestContext"]
    assert answer.headers["x-amzn-RequestId"] == context["requestId"]
    assert answer.headers["x-amz-apigw-id"] == context["extendedRequestId"]


def test_a_binary_body_is_passed_in_base64(api: Client) -> None:
    event = api.send("POST", "/requests", PNG, headers={"Content-Type": "image/png"}).json
    assert event["isBase64Encoded"] is True
    assert base64.b64decode(event["body"]) == PNG


# -- the response -----------------------------------------------------------------------------------------------------
def test_status_body_and_headers_of_both_kinds_are_mapped(api: Client) -> None:
    answer = asking(
        api,
        {
            "statusCode": "201",
            "headers": {"X-One": "1", "X-Both": "single", "X-Flag": True, "Content-Type": "text/plain"},
            "multiValueHeaders": {"X-Both": ["a", "b"]},
            "body": "grün",
        },
    )
    assert answer.status == 201
    assert answer.body == "grün".encode()
    assert (answer.headers["X-One"], answer.headers["X-Flag"]) == ("1", "true")
    assert answer.headers.get_all("X-Both") == ["a", "b"]
    assert answer.headers["Content-Type"] == "text/plain"


def test_a_response_without_fields_is_an_empty_200_of_json(api: Client) -> None:
    answer = asking(api, {})
    assert (answer.status, answer.body, answer.headers["Content-Type"]) == (200, b"", "application/json")


def test_headers_that_api_gateway_keeps_to_itself_are_remapped(api: Client) -> None:
    answer = asking(api, {"headers": {"Server": "mine", "WWW-Authenticate": "Basic", "Content-Length": "999"}})
    assert answer.headers["x-amzn-Remapped-Server"] == "mine"
    assert answer.headers["x-amzn-Remapped-WWW-Authenticate"] == "Basic"
    assert answer.headers["Content-Length"] == "0"


@pytest.mark.parametrize(("accept", "body"), [("image/png", PNG), ("text/html", base64.b64encode(PNG))])
def test_a_binary_response_is_decoded_for_who_accepts_it(api: Client, accept: str, body: bytes) -> None:
    encoded = {"isBase64Encoded": True, "body": base64.b64encode(PNG).decode()}
    assert asking(api, encoded, headers={"Accept": accept}).body == body


@pytest.mark.parametrize(
    "answer",
    [
        "text",
        None,
        [1],
        {"statusCode": "many"},
        {"statusCode": 99},
        {"statusCode": 200, "body": {"not": "a string"}},
        {"statusCode": 200, "headers": {"X": ["list"]}},
        {"statusCode": 200, "multiValueHeaders": {"X": "text"}},
        {"statusCode": 200, "cookies": ["a=b"]},
    ],
)
def test_a_malformed_response_is_a_502(api: Client, answer: Any) -> None:
    assert asking(api, answer).error == (502, "InternalServerErrorException", "Internal server error")


def test_a_function_that_fails_is_a_502(api: Client) -> None:
    answer = api.send("POST", "/requests", b'{"raise": "secret"}')
    assert answer.error == (502, "InternalServerErrorException", "Internal server error")
    assert b"secret" not in answer.body


def test_a_function_that_takes_too_long_is_a_504(api: Client) -> None:
    answer = api.send("POST", "/slow", b'{"hang": 0.5}')
    assert answer.error == (504, "InternalServerErrorException", "Endpoint request timed out")


def test_an_integration_takes_29_seconds_unless_told_otherwise(stack: DeployedStack) -> None:
    staged = rest_apis.stage_of(rest_apis.find_api(stack.outputs["Api"]), "v1")
    assert staged is not None
    timeouts = {method.resource_path: method.timeout for method in staged.deployed.methods}
    assert (timeouts["/requests"], timeouts["/slow"]) == (29.0, 0.1)


# -- limits and permissions -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("size", [10 * 1024 * 1024 + 1, 7 * 1024 * 1024])
def test_a_body_beyond_what_api_gateway_or_lambda_takes_is_a_413(api: Client, size: int) -> None:
    assert api.send("POST", "/open", b"x" * size, credentials=None).error[::2] == (413, "Request Too Long")


def test_a_function_at_its_reserved_concurrency_is_a_500(api: Client, emulator: Emulator, stack: DeployedStack) -> None:
    functions = emulator.clients.client("lambda")
    name = stack.outputs["EchoFunction"]
    functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    try:
        answer = api.send("GET", "/requests")
    finally:
        functions.delete_function_concurrency(FunctionName=name)
    assert answer.error == (500, "InternalServerErrorException", "Internal server error")


def test_a_function_that_does_not_permit_the_api_is_a_500(
    shaped: Client, emulator: Emulator, stack: DeployedStack
) -> None:
    functions = emulator.clients.client("lambda")
    name = stack.resources["CallerFunction"]
    assert shaped.send("POST", "/bad", b"{}", credentials=None).status == 200
    policy = json.loads(functions.get_policy(FunctionName=name)["Policy"])
    for statement in policy["Statement"]:
        functions.remove_permission(FunctionName=name, StatementId=statement["Sid"])
    answer = shaped.send("POST", "/bad", b"{}", credentials=None)
    assert answer.error == (500, "InternalServerErrorException", "Internal server error")
    assert (answer.headers["X-Failed"], answer.headers["X-Path"]) == ("yes", "/v1/bad")
    # with the caller's credentials (SAM's default for AWS_IAM) no resource policy is asked
    assert shaped.send("GET", "/mine").status == 200


def test_a_gateway_response_shapes_errors_of_its_type_only(shaped: Client) -> None:
    answer = shaped.send("GET", "/mine", credentials=None)
    assert (answer.status, answer.headers["Content-Type"]) == (401, "application/problem+json")
    request_id = answer.headers["x-amzn-RequestId"]
    assert answer.json == {"detail": "Missing Authentication Token", "id": request_id}


# -- the rest of the emulator -----------------------------------------------------------------------------------------
def test_a_stage_serves_what_was_deployed_not_what_the_api_is_now(
    emulator: Emulator, stack: DeployedStack, shaped: Client
) -> None:
    gateway = emulator.clients.client("apigateway")
    api = {"restApiId": stack.outputs["ShapedApi"]}
    gateway.put_gateway_response(responseType="ACCESS_DENIED", statusCode="418", **api)
    theirs = emulator.clients.credentials("arn:aws:iam::210987654321:role/Theirs", "mallory")
    stranger = Credentials(theirs["AccessKeyId"], theirs["SecretAccessKey"], theirs["SessionToken"])
    assert shaped.send("GET", "/mine", credentials=stranger).status == 403
    deployment = gateway.create_deployment(**api)["id"]
    patch = {"op": "replace", "path": "/deploymentId", "value": deployment}
    gateway.update_stage(stageName="v1", patchOperations=[patch], **api)
    assert shaped.send("GET", "/mine", credentials=stranger).status == 418


def test_the_clock_stands_while_a_request_is_answered(api: Client, emulator: Emulator) -> None:
    fired: list[float] = []
    started = emulator.clock.now()
    with emulator.clock.activity():
        emulator.clock.call_later(3600, lambda: fired.append(emulator.clock.now()))
        context = api.send("POST", "/requests", b'{"hang": 0.3}').json["requestContext"]
        assert context["requestTimeEpoch"] == int(started * 1000)
        assert fired == []


def test_a_function_that_waits_on_the_clock_lets_it_go_on(
    api: Client, emulator: Emulator, stack: DeployedStack
) -> None:
    queue = emulator.clients.client("sqs").create_queue(QueueName="empty")["QueueUrl"]
    before = emulator.clock.now()
    assert api.send("POST", "/requests", json.dumps({"poll": queue}).encode()).status == 200
    assert emulator.clock.now() - before >= 20


def test_requests_are_in_the_record_of_calls_and_change_nothing_by_themselves(api: Client, emulator: Emulator) -> None:
    before = len(list(emulator.calls))
    answer = api.send("GET", "/requests/1?a=b", headers={"User-Agent": "avm/1.0"})
    api.send("GET", "/requests", credentials=None)
    signed, unsigned = list(emulator.calls)[before:]
    assert (signed.service, signed.operation, signed.error) == ("execute-api", "GET /v1/requests/1", None)
    assert signed.request_id == answer.headers["x-amzn-RequestId"]
    assert (signed.principal, signed.source) == ("arn:aws:iam::123456789012:root", "avm")
    assert (signed.mutating, signed.own) == (False, False)
    assert (unsigned.principal, unsigned.error) == ("anonymous", "MissingAuthenticationTokenException")
