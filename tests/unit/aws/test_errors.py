"""ClientError -> domain error."""

from typing import Any

import boto3
import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from avm.aws.errors import AWS_ERRORS, name_calls, to_domain, translated
from avm.domain.errors import (
    AccessDenied,
    AccountLimitExceeded,
    NotYetVisible,
    ServiceUnavailable,
    Throttled,
    UnexpectedAwsError,
)

SERVICES = (
    *("account", "config", "dynamodb", "events", "iam", "identitystore"),
    *("organizations", "servicecatalog", "sqs", "sso-admin", "stepfunctions"),
)

# Codes that any service may answer and no model lists (AWS General Reference, "Common errors").
COMMON = {
    "AccessDenied",
    "AccessDeniedException",
    "InternalFailure",
    "NotSignedUp",
    "OptInRequired",
    "RequestLimitExceeded",
    "ServiceUnavailable",
    "SubscriptionRequiredException",
    "Throttling",
    "ThrottlingException",
    "UnauthorizedOperation",
    "TransactionConflictException",
}


def client_error(code: str, **more: object) -> ClientError:
    response = {"Error": {"Code": code, "Message": "words"}, "ResponseMetadata": {"RequestId": "r-1"}, **more}
    return ClientError(response, "CreateAccount")  # type: ignore[arg-type]


def test_every_code_of_the_table_stands_in_a_model_or_is_common_to_all_services() -> None:
    session = botocore.session.get_session()
    modelled = set()
    for service in SERVICES:
        for shape in (
            session.get_service_model(service).shape_for(n) for n in session.get_service_model(service).shape_names
        ):
            if getattr(shape, "metadata", {}).get("exception"):
                modelled |= {shape.name, shape.metadata.get("error", {}).get("code")}
    assert set(AWS_ERRORS) - modelled <= COMMON


@pytest.mark.parametrize("code", sorted(AWS_ERRORS))
def test_a_classified_code_becomes_its_error_and_names_operation_code_and_request_id(code: str) -> None:
    error = to_domain(client_error(code))
    assert type(error) is AWS_ERRORS[code]
    assert str(error) == f"CreateAccount: {code}: words (request id r-1)"


def test_an_unknown_code_needs_an_operator() -> None:
    assert type(to_domain(client_error("SomethingNew"))) is UnexpectedAwsError


def test_the_reason_of_a_constraint_decides() -> None:
    limit = client_error("ConstraintViolationException", Reason="ACCOUNT_NUMBER_LIMIT_EXCEEDED")
    in_progress = client_error("ConstraintViolationException", Reason="ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED")
    assert type(to_domain(limit)) is AccountLimitExceeded
    assert type(to_domain(in_progress)) is Throttled


def test_an_override_decides_for_one_call() -> None:
    with pytest.raises(NotYetVisible, match="words"), translated(ResourceNotFoundException=NotYetVisible):
        raise client_error("ResourceNotFoundException")
    with pytest.raises(AccessDenied), translated(ResourceNotFoundException=NotYetVisible):
        raise client_error("AccessDeniedException")


@pytest.mark.parametrize("lost", [EndpointConnectionError(endpoint_url="x"), ReadTimeoutError(endpoint_url="x")])
def test_no_answer_is_a_service_that_is_not_there(lost: Exception) -> None:
    with pytest.raises(ServiceUnavailable), translated():
        raise lost


def test_an_answer_that_never_comes_names_the_call() -> None:
    client = boto3.client(
        "organizations",
        region_name="us-east-1",
        endpoint_url="http://127.0.0.1:9",  # the port of `discard`: nobody listens
        aws_access_key_id="x",
        aws_secret_access_key="x",  # noqa: S106
        config=Config(retries={"total_max_attempts": 1}),
    )
    name_calls(client)
    with pytest.raises(ServiceUnavailable, match=r"^organizations:ListRoots: no answer from AWS: "), translated():
        client.list_roots()


@pytest.mark.parametrize("code", ["InternalError", "InternalException", "ServiceFailure", "SomethingNew"])
def test_a_failure_of_the_service_itself_passes_whatever_it_is_called(code: str) -> None:
    answer: Any = {"Error": {"Code": code, "Message": "m"}, "ResponseMetadata": {"HTTPStatusCode": 500}}
    assert isinstance(to_domain(ClientError(answer, "Do")), ServiceUnavailable)
    answer["ResponseMetadata"]["HTTPStatusCode"] = 400
    assert isinstance(to_domain(ClientError(answer, "Do")), UnexpectedAwsError)
