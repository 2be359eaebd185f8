from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from avm_emulator.boundary.effects import is_mutating
from avm_emulator.calls import CallLog
from avm_emulator.context import Emulator
from avm_emulator.engine import Options

ACCOUNT = "123456789012"
REGIONAL = f"eu-west-1:{ACCOUNT}"


@pytest.fixture(scope="module")
def options() -> Options:
    return Options(speed="max", prepare=False, deploy=False, parts=())


def recorded(log: CallLog, **values: Any) -> None:
    defaults = {
        "service": "kms",
        "operation": "ListKeys",
        "account": ACCOUNT,
        "region": "eu-west-1",
        "principal": f"arn:aws:iam::{ACCOUNT}:root",
        "request_id": "r",
        "error": None,
        "mutating": False,
        "own": False,
        "source": "root",
    }
    log.append(time=0.5, **{**defaults, **values})


# -- the log -----------------------------------------------------------------------------------------------------------
def test_calls_are_numbered_without_gaps_and_the_oldest_are_forgotten() -> None:
    log = CallLog(maximum=10)
    for number in range(25):
        recorded(log, request_id=str(number))
    assert [record.seq for record in log] == list(range(16, 26))
    assert [record.request_id for record in log] == [str(number) for number in range(15, 25)]


def test_calls_are_selected_by_fields_and_from_a_number_on() -> None:
    log = CallLog()
    for number in range(6):
        recorded(log, service="kms" if number % 2 else "iam", mutating=number > 2)
    assert [record.seq for record in log.select(service="iam")] == [1, 3, 5]
    assert [record.seq for record in log.select(since=2, service="iam", mutating=True)] == [5]


def test_time_is_utc_in_iso_8601() -> None:
    log = CallLog()
    recorded(log)
    assert next(iter(log)).time == "1970-01-01T00:00:00.500000Z"


# -- mutating ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("service", "operation"),
    [
        ("organizations", "DescribeAccount"),
        ("organizations", "ListAccounts"),
        ("dynamodb", "Query"),
        ("dynamodb", "TransactGetItems"),
        ("dynamodb", "BatchGetItem"),
        ("sts", "AssumeRole"),
        ("sts", "AssumeRoot"),
        ("sts", "GetCallerIdentity"),
        ("kms", "Decrypt"),
        ("kms", "GenerateDataKey"),
        ("iam", "SimulatePrincipalPolicy"),
        ("cloudtrail", "LookupEvents"),
        ("s3", "HeadObject"),
        ("config", "SelectResourceConfig"),
        ("servicecatalog", "SearchProducts"),
        ("events", "TestEventPattern"),
    ],
)
def test_reads_are_no_mutations(service: str, operation: str) -> None:
    assert not is_mutating(service, operation, {})


@pytest.mark.parametrize(
    ("service", "operation"),
    [
        ("organizations", "CreateAccount"),
        ("organizations", "MoveAccount"),
        ("lambda", "Invoke"),
        ("stepfunctions", "StartExecution"),
        ("stepfunctions", "SendTaskSuccess"),
        ("sqs", "ReceiveMessage"),
        ("events", "PutEvents"),
        ("kms", "ScheduleKeyDeletion"),
        ("dynamodb", "TransactWriteItems"),
        ("apigateway", "TestInvokeMethod"),
        ("ec2", "RunInstances"),
    ],
)
def test_everything_else_is_a_mutation(service: str, operation: str) -> None:
    assert is_mutating(service, operation, {})


def test_a_dry_run_changes_nothing() -> None:
    assert not is_mutating("ec2", "RunInstances", {"DryRun": True})
    assert is_mutating("ec2", "RunInstances", {"DryRun": False})


# -- own ---------------------------------------------------------------------------------------------------------------
@pytest.fixture
def own(emulator: Emulator) -> Iterator[Emulator]:
    emulator.own_resources |= {
        f"arn:aws:dynamodb:{REGIONAL}:table/avm-Table",
        f"arn:aws:events:{REGIONAL}:event-bus/avm",
        f"arn:aws:states:{REGIONAL}:stateMachine:avm-Vend",
        f"arn:aws:logs:{REGIONAL}:log-group:/aws/lambda/avm-move:*",
        f"arn:aws:kms:{REGIONAL}:key/11111111-1111-1111-1111-111111111111",
        f"arn:aws:lambda:{REGIONAL}:function:avm-move",
        f"arn:aws:ssm:{REGIONAL}:parameter/avm/setting",
        "arn:aws:s3:::avm-bucket",
        f"http://127.0.0.1/{ACCOUNT}/avm-queue",
        "alias/avm",
    }
    yield emulator
    emulator.own_resources.clear()


@pytest.mark.parametrize(
    ("service", "operation", "parameters"),
    [
        ("dynamodb", "PutItem", {"TableName": "avm-Table", "Item": {}}),
        ("dynamodb", "BatchWriteItem", {"RequestItems": {"avm-Table": []}}),
        ("dynamodb", "TransactWriteItems", {"TransactItems": [{"Put": {"TableName": "avm-Table"}}]}),
        ("dynamodb", "Query", {"TableName": f"arn:aws:dynamodb:{REGIONAL}:table/avm-Table"}),
        ("dynamodbstreams", "DescribeStream", {"StreamArn": f"arn:aws:dynamodb:{REGIONAL}:table/avm-Table/stream/1"}),
        ("events", "PutEvents", {"Entries": [{"EventBusName": "avm", "Source": "avm"}]}),
        ("stepfunctions", "StartExecution", {"stateMachineArn": f"arn:aws:states:{REGIONAL}:stateMachine:avm-Vend"}),
        ("stepfunctions", "StopExecution", {"executionArn": f"arn:aws:states:{REGIONAL}:execution:avm-Vend:r-1"}),
        ("stepfunctions", "SendTaskSuccess", {"taskToken": "t", "output": "{}"}),
        ("logs", "PutLogEvents", {"logGroupName": "/aws/lambda/avm-move"}),
        ("kms", "Decrypt", {"KeyId": "11111111-1111-1111-1111-111111111111"}),
        ("kms", "Decrypt", {"KeyId": "alias/avm"}),
        ("lambda", "Invoke", {"FunctionName": "avm-move"}),
        ("lambda", "Invoke", {"FunctionName": f"arn:aws:lambda:{REGIONAL}:function:avm-move:live"}),
        ("ssm", "GetParameter", {"Name": "/avm/setting"}),
        ("s3", "PutObject", {"Bucket": "avm-bucket", "Key": "k", "Body": b""}),
        ("sqs", "SendMessage", {"QueueUrl": f"http://127.0.0.1:4000/{ACCOUNT}/avm-queue"}),
    ],
)
def test_calls_on_the_stacks_resources_are_own(
    own: Emulator, service: str, operation: str, parameters: dict[str, Any]
) -> None:
    assert own.boundary.own_resources.addressed(service, operation, ACCOUNT, parameters)


@pytest.mark.parametrize(
    ("service", "operation", "account", "parameters"),
    [
        ("organizations", "CreateOrganizationalUnit", ACCOUNT, {"Name": "avm"}),
        ("dynamodb", "PutItem", ACCOUNT, {"TableName": "another"}),
        ("dynamodb", "PutItem", "210987654321", {"TableName": "avm-Table"}),
        ("kms", "CreateAlias", "210987654321", {"AliasName": "alias/avm"}),
        ("lambda", "Invoke", ACCOUNT, {"FunctionName": f"arn:aws:lambda:{REGIONAL}:function:avm-move-2"}),
        ("iam", "CreateRole", ACCOUNT, {"RoleName": "avm-move"}),
        ("stepfunctions", "SendTaskSuccess", "210987654321", {"taskToken": "t"}),
        ("events", "PutEvents", ACCOUNT, {"Entries": [{"Source": "avm.requests"}]}),
    ],
)
def test_calls_on_anything_else_are_not_own(
    own: Emulator, service: str, operation: str, account: str, parameters: dict[str, Any]
) -> None:
    assert not own.boundary.own_resources.addressed(service, operation, account, parameters)


@pytest.mark.parametrize(
    ("service", "parameters", "is_own"),
    [
        ("s3", {"Bucket": "avm-reports-210987654321-eu-west-1", "Key": "accounts/1/report.json"}, True),
        ("s3", {"Bucket": "avm-reports-210987654321-eu-west-1-x7", "Key": "keys/1.pem"}, True),
        ("s3", {"Bucket": "avm-reports-210987654321-eu-west-1", "Policy": "{}"}, False),
        ("s3", {"Bucket": "avm-cloudtrail-210987654321-eu-west-1", "Key": "AWSLogs/1"}, False),
        ("s3", {"Bucket": "avm-reports-somebodys", "Key": "x"}, False),
        ("iam", {"Bucket": "avm-reports-210987654321-eu-west-1", "Key": "x"}, False),
    ],
)
def test_calls_on_reports_in_the_log_archive_are_own(
    own: Emulator, service: str, parameters: dict[str, Any], *, is_own: bool
) -> None:
    assert own.boundary.own_resources.addressed(service, "PutObject", ACCOUNT, parameters) is is_own


def test_an_own_call_is_recorded_as_own(own: Emulator) -> None:
    own.clients.client("sqs").create_queue(QueueName="avm-queue")
    own.clients.client("sqs").create_queue(QueueName="somebody-elses")
    record, other = own.calls.select(operation="CreateQueue")
    assert (record.own, record.mutating) == (True, True)
    assert (other.own, other.mutating) == (False, True)
