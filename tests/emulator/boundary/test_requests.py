"""What a request is: its service, operation and parameters, whatever its protocol."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
import pytest
import requests
from botocore.config import Config

from avm_emulator.boundary import Call, Interceptor
from avm_emulator.context import Emulator
from tests.emulator.boundary.told import ROLE, TRUST, is_uuid, last


@pytest.mark.parametrize(
    ("service", "method", "parameters", "operation"),
    [
        ("sts", "get_caller_identity", {}, "GetCallerIdentity"),
        ("ec2", "describe_regions", {}, "DescribeRegions"),
        ("dynamodb", "list_tables", {}, "ListTables"),
        ("dynamodbstreams", "list_streams", {}, "ListStreams"),
        ("sqs", "list_queues", {}, "ListQueues"),
        ("events", "list_rules", {}, "ListRules"),
        ("sso-admin", "list_instances", {}, "ListInstances"),
        ("cloudwatch", "describe_alarms", {}, "DescribeAlarms"),
        ("lambda", "list_functions", {}, "ListFunctions"),
        ("apigateway", "get_rest_apis", {}, "GetRestApis"),
        ("apigatewayv2", "get_apis", {}, "GetApis"),
        ("securityhub", "list_members", {}, "ListMembers"),
        ("s3", "list_buckets", {}, "ListBuckets"),
        ("resourcegroupstaggingapi", "get_tag_keys", {}, "GetTagKeys"),
    ],
)
def test_each_protocol_is_understood(
    emulator: Emulator, service: str, method: str, parameters: dict[str, Any], operation: str
) -> None:
    answer = getattr(emulator.clients.client(service), method)(**parameters)
    record = last(emulator)
    assert (record.service, record.operation, record.error) == (service, operation, None)
    assert record.region == "eu-west-1"
    assert record.request_id == answer["ResponseMetadata"]["RequestId"]
    assert is_uuid(record.request_id)


def test_parameters_are_parsed_by_botocores_model(emulator: Emulator, intercept: Callable[[Interceptor], None]) -> None:
    calls: list[Call] = []
    intercept(calls.append)
    emulator.clients.client("iam").create_role(RoleName="r1", AssumeRolePolicyDocument=TRUST, MaxSessionDuration=7200)
    emulator.clients.client("s3").create_bucket(
        Bucket="bucket-1", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    emulator.clients.client("s3").put_object(Bucket="bucket-1", Key="a b/ü+c//d", Body=b"\x00\xff")
    emulator.clients.client("lambda").list_functions(MaxItems=7)
    assert [call.parameters for call in calls] == [
        {"RoleName": "r1", "AssumeRolePolicyDocument": TRUST, "MaxSessionDuration": 7200},
        {"Bucket": "bucket-1", "CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}},
        {**calls[2].parameters, "Bucket": "bucket-1", "Key": "a b/ü+c//d", "Body": b"\x00\xff"},
        {"MaxItems": 7},
    ]
    body = emulator.clients.client("s3").get_object(Bucket="bucket-1", Key="a b/ü+c//d")["Body"].read()
    assert body == b"\x00\xff"


@pytest.mark.parametrize("version", ["s3", "s3v4"])
def test_a_presigned_url_belongs_to_who_signed_it(emulator: Emulator, version: str) -> None:
    s3 = emulator.clients.client("s3", role_arn=ROLE, session_name="signer")
    bucket = f"bucket-{version}"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket=bucket, Key="k", Body=b"content")
    credentials = emulator.clients.credentials(ROLE, "signer")
    signer = boto3.client(
        "s3",
        region_name="eu-west-1",
        endpoint_url=emulator.endpoint_url,
        config=Config(signature_version=version),
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
    )
    url = signer.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "k"})
    assert requests.get(url, timeout=10).content == b"content"
    assert last(emulator).principal == "arn:aws:sts::210987654321:assumed-role/avm-enforce/signer"


def test_an_account_in_the_host_name_is_reached_with_the_emulator_as_proxy(emulator: Emulator) -> None:
    client = boto3.client(
        "s3control",
        region_name="eu-west-1",
        endpoint_url=emulator.endpoint_url,
        config=Config(proxies={"http": emulator.endpoint_url}),
        aws_access_key_id="unknown",
        aws_secret_access_key="unknown",  # noqa: S106  of nobody
    )
    names = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    block = dict.fromkeys(names, True)
    client.put_public_access_block(AccountId="123456789012", PublicAccessBlockConfiguration=block)
    assert client.get_public_access_block(AccountId="123456789012")["PublicAccessBlockConfiguration"] == block
    assert (last(emulator).service, last(emulator).operation) == ("s3control", "GetPublicAccessBlock")


@pytest.mark.parametrize(
    ("headers", "code", "status"),
    [
        ({}, "MissingAuthenticationToken", 403),
        ({"Authorization": "AWS4-HMAC-SHA256 Credential=AKIA/20260101/eu-west-1/nope/aws4_request, "}, "NotImpl", 501),
        (
            {
                "Authorization": "AWS4-HMAC-SHA256 Credential=AKIA/20260101/eu-west-1/kms/aws4_request, ",
                "X-Amz-Target": "TrentService.MakeCoffee",
            },
            "UnknownOperationException",
            400,
        ),
    ],
)
def test_what_is_no_operation_of_aws_is_refused_by_name(
    emulator: Emulator, headers: dict[str, str], code: str, status: int
) -> None:
    answer = requests.post(emulator.endpoint_url + "/coffee", headers=headers, timeout=10)
    record = last(emulator)
    assert answer.status_code == status
    assert answer.headers["x-amzn-ErrorType"].startswith(code)
    assert record.error == answer.headers["x-amzn-ErrorType"]
    assert record.request_id == answer.headers["x-amzn-RequestId"]
    assert "coffee" in answer.text.lower()


def test_a_body_that_cannot_be_read_is_an_error_of_the_sender(emulator: Emulator) -> None:
    headers = {
        "Authorization": "AWS4-HMAC-SHA256 Credential=AKIA/20260101/eu-west-1/dynamodb/aws4_request, ",
        "X-Amz-Target": "DynamoDB_20120810.ListTables",
        "Content-Type": "application/x-amz-json-1.0",
    }
    answer = requests.post(emulator.endpoint_url, headers=headers, data='{"Limit": "many"}', timeout=10)
    assert answer.status_code == 400
    assert answer.json()["__type"].endswith("SerializationException")
    assert last(emulator).error == "SerializationException"
