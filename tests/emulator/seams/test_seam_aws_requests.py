"""moto's routers, parsers and serialisers, with which the boundary reads requests and writes answers."""

from __future__ import annotations

import json
import warnings
from typing import Any

import pytest
from botocore import parsers
from botocore.session import Session
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request
from moto.core.routing import get_service_router
from moto.core.serialize import SerializationContext, get_serializer_class
from moto.core.utils import get_service_model

from avm_emulator.boundary.protocol import serialize
from avm_emulator.boundary.services import Scope, candidates_by_signing_name, services_of
from avm_emulator.errors import AwsError


def request(path: str = "/", method: str = "POST", **values: Any) -> Request:
    return Request.from_values(path, method=method, base_url="http://127.0.0.1:4000", **values)


def test_the_head_of_every_service_model_holds_its_metadata() -> None:
    found = {candidate.name for candidates in candidates_by_signing_name().values() for candidate in candidates}
    assert found == set(Session().get_available_services())


@pytest.mark.parametrize("service", ["s3control", "dynamodbstreams", "sso-admin", "stepfunctions", "cloudwatch", "sqs"])
def test_the_head_of_a_service_model_says_what_the_model_says(service: str) -> None:
    model = get_service_model(service)
    candidates = candidates_by_signing_name()[model.signing_name]
    candidate = next(candidate for candidate in candidates if candidate.name == service)
    assert candidate.api_version == model.api_version
    assert candidate.target_prefix == model.metadata.get("targetPrefix")


@pytest.mark.parametrize(
    ("signed_as", "asked", "services"),
    [
        ("dynamodb", request(headers={"X-Amz-Target": "DynamoDBStreams_20120810.ListStreams"}), ["dynamodbstreams"]),
        ("dynamodb", request(headers={"X-Amz-Target": "DynamoDB_20120810.ListTables"}), ["dynamodb"]),
        ("elasticloadbalancing", request(data={"Action": "A", "Version": "2015-12-01"}), ["elbv2"]),
        ("s3", request("/v20180820/configuration/publicAccessBlock"), ["s3control"]),
        ("s3", request("/bucket"), ["s3"]),
        ("states", request(headers={"X-Amz-Target": "AWSStepFunctions.ListStateMachines"}), ["stepfunctions"]),
        ("monitoring", request(data={"Action": "A", "Version": "2010-08-01"}), ["cloudwatch"]),
    ],
)
def test_services_that_share_a_signing_name_are_told_apart(signed_as: str, asked: Request, services: list[str]) -> None:
    assert services_of(asked, Scope("AKIA", "eu-west-1", signed_as)) == services


@pytest.mark.parametrize(
    ("asked", "services"),
    [
        (request("/federation/credentials", headers={"x-amz-sso_bearer_token": "t"}), ["sso"]),
        (request("/token"), ["sso-oidc"]),
        (request(data={"Action": "AssumeRoleWithSAML", "Version": "2011-06-15"}), ["sts"]),
        (request("/bucket", method="GET"), []),
    ],
)
def test_unsigned_requests_are_told_apart(asked: Request, services: list[str]) -> None:
    assert services_of(asked, None) == services


@pytest.mark.parametrize(
    ("service", "asked", "operation", "parameters"),
    [
        ("kms", request(headers={"X-Amz-Target": "TrentService.ListKeys"}), "ListKeys", {}),
        ("iam", request(data={"Action": "ListRoles", "Version": "2010-05-08"}), "ListRoles", {}),
        ("lambda", request("/2015-03-31/functions/f", method="GET"), "GetFunction", {"FunctionName": "f"}),
        ("s3", request("/b/a%2Fk", method="GET"), "GetObject", {"Bucket": "b", "Key": "a/k"}),
    ],
)
def test_the_router_names_operation_and_parameters_of_the_path(
    service: str, asked: Request, operation: str, parameters: dict[str, str]
) -> None:
    model, found = get_service_router(service).match(asked)
    assert (model.name, found) == (operation, parameters)


@pytest.mark.parametrize("protocol", ["ec2", "json", "query", "rest-json", "rest-xml"])
def test_every_protocol_has_a_parser_a_serialiser_and_a_reader(protocol: str) -> None:
    assert protocol in PROTOCOL_PARSERS
    assert get_serializer_class("any", protocol)
    assert parsers.create_parser(protocol)


def test_a_serialiser_takes_the_request_id() -> None:
    model = get_service_model("iam").operation_model("ListRoles")
    serializer = get_serializer_class("iam", "query")(model, SerializationContext("the-id"))
    assert "<RequestId>the-id</RequestId>" in serializer.serialize({"Roles": []})["body"]


def test_a_code_that_no_model_knows_is_told_without_a_warning() -> None:
    model = get_service_model("kms").operation_model("ListKeys")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        response = serialize(AwsError("NeverHeardOf", "m"), model, "json", "r")
    assert json.loads(response.data)["__type"] == "NeverHeardOf"
