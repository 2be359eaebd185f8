"""What answers a request: interceptors, moto, and errors in the service's protocol."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.iam.models import IAMBackend
from werkzeug import Response

from avm_emulator.boundary import Call, Interceptor
from avm_emulator.context import Emulator
from avm_emulator.errors import AwsError
from tests.emulator.boundary.told import TRUST, last, refused


@pytest.mark.parametrize(
    ("service", "method", "parameters"),
    [
        ("organizations", "list_roots", {}),  # json 1.1
        ("dynamodb", "list_tables", {}),  # json 1.0
        ("sqs", "list_queues", {}),  # json, query-compatible
        ("iam", "list_roles", {}),  # query
        ("ec2", "describe_vpcs", {}),  # ec2
        ("lambda", "list_functions", {}),  # rest-json
        ("s3", "list_objects_v2", {"Bucket": "bucket"}),  # rest-xml
        ("accessanalyzer", "list_analyzers", {}),  # a service that moto does not have
    ],
)
def test_an_error_is_told_in_the_services_protocol(
    emulator: Emulator,
    intercept: Callable[[Interceptor], None],
    service: str,
    method: str,
    parameters: dict[str, Any],
) -> None:
    def throttle(call: Call) -> None:
        raise AwsError("TooManyThingsException", "Slow down & <wait>.", status=429)

    intercept(throttle)
    response = refused(getattr(emulator.clients.client(service), method), **parameters)
    assert response["Error"]["Code"] == "TooManyThingsException"
    assert response["Error"]["Message"] == "Slow down & <wait>."
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 429
    record = last(emulator)
    assert record.error == "TooManyThingsException"
    assert record.request_id == response["ResponseMetadata"]["RequestId"]


def test_an_error_has_the_status_and_the_members_of_its_model(
    emulator: Emulator, intercept: Callable[[Interceptor], None]
) -> None:
    def refuse(call: Call) -> None:
        if call.service == "organizations":
            raise AwsError("ConstraintViolationException", "Too many.", Reason="ACCOUNT_NUMBER_LIMIT_EXCEEDED")
        raise AwsError("NoSuchEntity", "There is no such role.")

    intercept(refuse)
    organizations = emulator.clients.client("organizations")
    response = refused(organizations.create_account, Email="a@example.com", AccountName="a")
    assert response["Reason"] == "ACCOUNT_NUMBER_LIMIT_EXCEEDED"
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400
    response = refused(emulator.clients.client("iam").get_role, RoleName="r")
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 404


def test_an_error_raised_inside_moto_arrives_as_it_is(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AwsError("ConcurrentModification", "Try again.")

    monkeypatch.setattr(IAMBackend, "create_role", refuse)
    iam = emulator.clients.client("iam")
    response = refused(iam.create_role, RoleName="r2", AssumeRolePolicyDocument=TRUST)
    assert response["Error"]["Code"] == "ConcurrentModification"
    assert response["ResponseMetadata"]["RequestId"] == last(emulator).request_id


def test_interceptors_answer_in_order_and_moto_last(
    emulator: Emulator, intercept: Callable[[Interceptor], None]
) -> None:
    seen: list[str] = []

    def first(call: Call) -> Response | None:
        seen.append(f"first {call.operation}")
        return None

    def second(call: Call) -> Response | None:
        seen.append(f"second {call.operation}")
        return call.answer({"analyzers": []}) if call.service == "accessanalyzer" else None

    intercept(first)
    intercept(second)
    intercept(lambda call: seen.append("third") if call.service == "accessanalyzer" else None)
    answer = emulator.clients.client("accessanalyzer").list_analyzers()
    assert answer["analyzers"] == []
    assert answer["ResponseMetadata"]["RequestId"] == last(emulator).request_id
    emulator.clients.client("kms").list_keys()
    assert seen == ["first ListAnalyzers", "second ListAnalyzers", "first ListKeys", "second ListKeys"]


@pytest.mark.parametrize(
    ("service", "method", "parameters"),
    [
        ("organizations", "describe_responsibility_transfer", {"Id": "rt-12345678"}),  # json
        ("ec2", "get_image_block_public_access_state", {}),  # ec2
        ("iam", "list_organizations_features", {}),  # query
        ("securityhub", "get_findings_v2", {}),  # rest-json
        ("s3", "list_bucket_metrics_configurations", {"Bucket": "bucket"}),  # rest-xml
        ("accessanalyzer", "list_analyzers", {}),  # no backend
        ("sso", "get_role_credentials", {"roleName": "r", "accountId": "1", "accessToken": "t"}),  # unsigned
    ],
)
def test_what_moto_lacks_is_refused_with_its_name(
    emulator: Emulator, service: str, method: str, parameters: dict[str, Any]
) -> None:
    client = emulator.clients.client(service)
    response = refused(getattr(client, method), **parameters)
    operation = client.meta.method_to_api_mapping[method]
    assert response["Error"]["Code"] == "NotImplementedByEmulator"
    assert f"{service} {operation}" in response["Error"]["Message"]
    assert "docs/emulator.md" in response["Error"]["Message"]
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert response["ResponseMetadata"]["RetryAttempts"] == 0
    assert (last(emulator).operation, last(emulator).error) == (operation, "NotImplementedByEmulator")


def test_an_s3_operation_that_moto_does_not_know_leaves_the_bucket_alone(emulator: Emulator) -> None:
    s3 = emulator.clients.client("s3")
    s3.create_bucket(Bucket="bucket-3", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    response = refused(s3.delete_bucket_analytics_configuration, Bucket="bucket-3", Id="a")
    assert response["Error"]["Code"] == "NotImplementedByEmulator"
    s3.head_bucket(Bucket="bucket-3")


def test_a_failure_of_moto_names_itself(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise KeyError("surprise")

    monkeypatch.setattr(IAMBackend, "create_role", fail)
    iam = emulator.clients.client("iam")
    response = refused(iam.create_role, RoleName="r3", AssumeRolePolicyDocument=TRUST)
    assert response["Error"]["Code"] == "InternalFailure"
    assert "iam CreateRole" in response["Error"]["Message"]
    assert "surprise" in response["Error"]["Message"]
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 500
    assert last(emulator).request_id in caplog.text


def test_errors_of_moto_are_recorded_by_their_code(emulator: Emulator) -> None:
    asked: list[tuple[str, Callable[[Any], Any], str]] = [
        ("dynamodb", lambda client: client.describe_table(TableName="none"), "ResourceNotFoundException"),
        ("iam", lambda client: client.get_role(RoleName="none"), "NoSuchEntity"),
        ("ec2", lambda client: client.describe_vpcs(VpcIds=["vpc-1"]), "InvalidVpcID.NotFound"),
        ("s3", lambda client: client.get_object(Bucket="none", Key="none"), "NoSuchBucket"),
        ("s3", lambda client: client.head_object(Bucket="none", Key="none"), "404"),
        ("lambda", lambda client: client.get_function(FunctionName="none"), "ResourceNotFoundException"),
        ("sqs", lambda client: client.get_queue_url(QueueName="none"), "AWS.SimpleQueueService.NonExistentQueue"),
    ]
    for service, ask, code in asked:
        with pytest.raises(ClientError) as caught:
            ask(emulator.clients.client(service))
        record = last(emulator)
        assert record.error == caught.value.response["Error"]["Code"] == code
        assert record.request_id == caught.value.response["ResponseMetadata"]["RequestId"]
