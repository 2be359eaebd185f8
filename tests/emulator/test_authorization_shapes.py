"""A refusal looks as each protocol makes it look: status, headers, body, and what an SDK reads from them."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from botocore.exceptions import ClientError

from avm_emulator.context import Emulator
from avm_emulator.engine import Options
from tests.emulator.outsiders import client_with

TRUST = {"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "sts:AssumeRole"}
JSON = [  # service, operation, HTTP status, code
    ("dynamodb", "list_tables", 400, "AccessDeniedException"),
    ("identitystore", "list_users", 400, "AccessDeniedException"),
    ("kms", "list_keys", 400, "AccessDeniedException"),
    ("logs", "describe_log_groups", 400, "AccessDeniedException"),
    ("organizations", "list_accounts", 400, "AccessDeniedException"),
    ("sqs", "list_queues", 403, "AccessDenied"),
    ("sso-admin", "list_instances", 400, "AccessDeniedException"),
    ("stepfunctions", "list_state_machines", 400, "AccessDeniedException"),
]
REST_JSON = [
    ("account", "get_contact_information", 403, "AccessDeniedException"),
    ("guardduty", "list_detectors", 403, "AccessDeniedException"),
    ("lambda", "list_functions", 403, "AccessDeniedException"),
    ("scheduler", "list_schedules", 403, "AccessDeniedException"),
    ("securityhub", "describe_hub", 403, "AccessDeniedException"),
]
QUERY = [
    ("cloudformation", "list_stacks", 403, "AccessDenied"),
    ("iam", "list_roles", 403, "AccessDenied"),
    ("sns", "list_topics", 403, "AuthorizationError"),
    ("sts", "assume_role", 403, "AccessDenied"),
]
PARAMETERS: dict[str, dict[str, str]] = {
    "assume_role": {"RoleArn": "arn:aws:iam::123456789012:role/elsewhere", "RoleSessionName": "jane"},
    "list_users": {"IdentityStoreId": "d-1234567890"},
    "head_bucket": {"Bucket": "shut"},
    "get_object": {"Bucket": "shut", "Key": "k"},
    "put_object": {"Bucket": "shut", "Key": "k"},
}


@pytest.fixture(scope="module")
def options() -> Options:
    return Options(speed="max", prepare=False, deploy=False)


class Nobody:
    """A role that no policy allows anything."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        iam = emulator.clients.client("iam")
        document = json.dumps({"Version": "2012-10-17", "Statement": [TRUST]})
        arn = iam.create_role(RoleName="nobody", AssumeRolePolicyDocument=document)["Role"]["Arn"]
        self.credentials = emulator.clients.credentials(arn, "jane")

    def refused(self, service: str, operation: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Make a call; return the error as the SDK reads it, and the answer as it came: status, headers, body."""
        client = client_with(self.emulator, service, self.credentials)
        answers: list[dict[str, Any]] = []
        client.meta.events.register("before-parse", lambda response_dict, **_: answers.append(response_dict))
        with pytest.raises(ClientError) as caught:
            getattr(client, operation)(**PARAMETERS.get(operation, {}))
        return dict(caught.value.response["Error"]), answers[-1]


@pytest.fixture(scope="module")
def nobody(emulator: Emulator) -> Nobody:
    emulator.clients.client("s3").create_bucket(
        Bucket="shut", CreateBucketConfiguration={"LocationConstraint": emulator.region}
    )
    return Nobody(emulator)


def sentence(operation: str, action: str) -> str:
    """Return what the caller is told, without the resource."""
    who = "User: arn:aws:sts::123456789012:assumed-role/nobody/jane is not authorized to perform: "
    kind = "role trust" if operation == "assume_role" else "identity-based"
    return f"{who}{action}|because no {kind} policy allows the {action} action"


def told(error: dict[str, Any], operation: str) -> bool:
    """Say whether an error is worded as AWS words it, for the action that its own text names."""
    message = str(error["Message"])
    action = message.partition("perform: ")[2].partition(" ")[0]
    start, end = sentence(operation, action).split("|")
    return message.startswith(start) and message.endswith(end)


def elements(answer: dict[str, Any]) -> list[str]:
    """Return the names of the elements of an answer in XML, in their order."""
    return re.findall(r"<(\w+)", answer["body"].decode())


@pytest.mark.parametrize(("service", "operation", "status", "code"), JSON + REST_JSON)
def test_in_json_the_code_is_the_type_of_body_and_header(
    nobody: Nobody, service: str, operation: str, status: int, code: str
) -> None:
    error, answer = nobody.refused(service, operation)
    assert (answer["status_code"], error["Code"]) == (status, code)
    assert told(error, operation)
    body = json.loads(answer["body"])
    assert body["__type"].rpartition("#")[2] == answer["headers"]["X-Amzn-Errortype"].rpartition("#")[2] == code


@pytest.mark.parametrize(("service", "operation", "status", "code"), QUERY)
def test_in_query_services_the_error_names_the_sender(
    nobody: Nobody, service: str, operation: str, status: int, code: str
) -> None:
    error, answer = nobody.refused(service, operation)
    assert (answer["status_code"], error["Code"], error["Type"]) == (status, code, "Sender")
    assert told(error, operation)
    assert elements(answer)[:4] == ["ErrorResponse", "Error", "Type", "Code"]
    assert elements(answer)[-1] == "RequestId"


@pytest.mark.parametrize("operation", ["list_buckets", "get_object", "put_object"])
def test_s3_answers_a_bare_error(nobody: Nobody, operation: str) -> None:
    error, answer = nobody.refused("s3", operation)
    assert (answer["status_code"], error["Code"]) == (403, "AccessDenied")
    assert told(error, operation)
    assert elements(answer) == ["Error", "Code", "Message", "RequestId", "HostId"]
    assert f"<RequestId>{answer['headers']['x-amz-request-id']}</RequestId>" in answer["body"].decode()


def test_a_head_of_s3_answers_the_status_alone(nobody: Nobody) -> None:
    error, answer = nobody.refused("s3", "head_bucket")
    assert (answer["status_code"], error["Code"], answer["body"]) == (403, "403", b"")


def test_ec2_says_that_the_operation_is_unauthorized(nobody: Nobody) -> None:
    error, answer = nobody.refused("ec2", "describe_regions")
    assert (answer["status_code"], error["Code"]) == (403, "UnauthorizedOperation")
    assert told(error, "describe_regions")
    assert elements(answer) == ["Response", "Errors", "Error", "Code", "Message", "RequestID"]
