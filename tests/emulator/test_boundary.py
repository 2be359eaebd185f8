from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest
import requests
from botocore.config import Config
from botocore.exceptions import ClientError
from moto.iam.models import IAMBackend
from werkzeug import Response

from avm_emulator.boundary import Call, Interceptor
from avm_emulator.calls import CallRecord, iso8601
from avm_emulator.context import Emulator
from avm_emulator.engine import Options
from avm_emulator.errors import AwsError

ROLE = "arn:aws:iam::210987654321:role/avm/avm-enforce"
TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})

Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def options() -> Options:
    return Options(speed="max", seed=False, deploy=False, parts=())


@pytest.fixture
def intercept(emulator: Emulator) -> Iterator[Callable[[Interceptor], None]]:
    before = list(emulator.boundary.interceptors)
    yield emulator.boundary.interceptors.append
    emulator.boundary.interceptors[:] = before


def last(emulator: Emulator) -> CallRecord:
    return list(emulator.calls)[-1]


def refused(call: Callable[..., Any], **parameters: Any) -> dict[str, Any]:
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    return dict(caught.value.response)


def is_uuid(text: str) -> bool:
    return str(uuid.UUID(text)) == text


# -- what a request is -------------------------------------------------------------------------------------------------
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


# -- who makes it ------------------------------------------------------------------------------------------------------
def test_an_unknown_key_is_the_management_accounts_root(emulator: Emulator) -> None:
    identity = emulator.clients.client("sts").get_caller_identity()
    assert identity["Arn"] == last(emulator).principal == "arn:aws:iam::123456789012:root"
    assert identity["Account"] == last(emulator).account == "123456789012"
    assert last(emulator).source.startswith("root Boto3/")


def test_a_session_is_named_as_sts_names_it(emulator: Emulator) -> None:
    sts = emulator.clients.client("sts", "eu-central-1", role_arn=ROLE, session_name="vend-1")
    identity = sts.get_caller_identity()
    record = last(emulator)
    assert record.principal == identity["Arn"] == "arn:aws:sts::210987654321:assumed-role/avm-enforce/vend-1"
    assert (record.account, record.region) == ("210987654321", "eu-central-1")
    assert record.source.startswith("avm-enforce/vend-1 Boto3/")


def test_interceptors_see_the_role_with_its_path(emulator: Emulator, intercept: Callable[[Interceptor], None]) -> None:
    calls: list[Call] = []
    intercept(calls.append)
    emulator.clients.client("sts", role_arn=ROLE, session_name="vend-2").get_caller_identity()
    assert calls[-1].principal.role_arn == ROLE
    assert calls[-1].principal.session_name == "vend-2"


def test_a_user_is_named_as_iam_names_him(emulator: Emulator) -> None:
    iam = emulator.clients.client("iam")
    iam.create_user(UserName="jane")
    key = iam.create_access_key(UserName="jane")["AccessKey"]
    client = boto3.client(
        "sts",
        region_name="eu-west-1",
        endpoint_url=emulator.endpoint_url,
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )
    assert client.get_caller_identity()["Arn"] == "arn:aws:iam::123456789012:user/jane"
    assert last(emulator).principal == "arn:aws:iam::123456789012:user/jane"


def test_a_functions_session_is_recorded_as_the_function(emulator: Emulator) -> None:
    credentials = emulator.clients.credentials(ROLE, "avm-move-account")
    emulator.function_sessions[credentials["AccessKeyId"]] = "avm-move-account"
    emulator.clients.client("sts", role_arn=ROLE, session_name="avm-move-account").get_caller_identity()
    assert last(emulator).source == "avm-move-account"


def test_the_account_comes_from_the_key_and_not_from_a_header(emulator: Emulator) -> None:
    client = emulator.clients.client("sts", role_arn=ROLE, session_name="honest")
    client.meta.events.register_first(
        "before-sign.sts", lambda request, **_: request.headers.add_header("x-moto-account-id", "999999999999")
    )
    assert client.get_caller_identity()["Account"] == "210987654321"


def test_accounts_stay_apart_when_many_call_at_once(emulator: Emulator) -> None:
    accounts = [f"{number:012d}" for number in range(300000000000, 300000000016)]
    clients = {
        account: emulator.clients.client("dynamodb", role_arn=f"arn:aws:iam::{account}:role/r", session_name="worker")
        for account in accounts
    }

    def work(account: str) -> list[str]:
        for turn in range(5):
            clients[account].create_table(
                TableName=f"t{account}-{turn}",
                KeySchema=[{"AttributeName": "a", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "a", "AttributeType": "S"}],
                BillingMode="PAY_PER_REQUEST",
            )
        names: list[str] = clients[account].list_tables()["TableNames"]
        return names

    with ThreadPoolExecutor(16) as pool:
        tables = dict(zip(accounts, pool.map(work, accounts), strict=True))
    assert tables == {account: [f"t{account}-{turn}" for turn in range(5)] for account in accounts}
    for account in accounts:
        assert len(emulator.calls.select(account=account, operation="CreateTable", error=None)) == 5


def test_of_conditional_writes_at_once_one_wins_and_transactions_are_whole(emulator: Emulator) -> None:
    dynamodb = emulator.clients.client("dynamodb")
    dynamodb.create_table(
        TableName="race",
        KeySchema=[{"AttributeName": "a", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "a", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )

    def item(name: str) -> dict[str, Any]:
        condition = "attribute_not_exists(a)"
        return {"TableName": "race", "Item": {"a": {"S": name}}, "ConditionExpression": condition}

    def write(number: int) -> str | None:
        try:
            if number % 2:
                dynamodb.put_item(**item(f"round-{number // 16}"))
            else:
                dynamodb.transact_write_items(
                    TransactItems=[{"Put": item(f"round-{number // 16}")}, {"Put": item(f"other-{number}")}]
                )
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return None

    with ThreadPoolExecutor(16) as pool:
        outcomes = list(pool.map(write, range(160)))
    assert outcomes.count(None) == 10
    assert set(outcomes) == {None, "ConditionalCheckFailedException", "TransactionCanceledException"}
    others = [number for number, outcome in enumerate(outcomes) if outcome is None and number % 2 == 0]
    assert dynamodb.scan(TableName="race")["Count"] == 10 + len(others)


# -- what answers it ---------------------------------------------------------------------------------------------------
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


# -- what it does ------------------------------------------------------------------------------------------------------
def test_an_activity_is_held_while_a_call_runs(emulator: Emulator, intercept: Callable[[Interceptor], None]) -> None:
    active: list[int] = []
    intercept(lambda call: active.append(emulator.clock.active))
    emulator.clients.client("kms").list_keys()
    assert active == [1]
    assert emulator.clock.active == 0


def test_a_call_is_recorded_with_the_time_of_its_arrival(emulator: Emulator) -> None:
    emulator.clock.hold(held=True)
    emulator.clock.advance(86400)
    emulator.clients.client("kms").list_keys()
    assert last(emulator).time == iso8601(emulator.clock.now())
    emulator.clock.hold(held=False)


def test_a_record_has_the_fields_that_users_rely_on(emulator: Emulator) -> None:
    emulator.clients.client("kms").list_keys()
    pinned = "seq time service operation account region principal request_id error mutating own source"
    assert last(emulator).to_dict().keys() >= set(pinned.split())
