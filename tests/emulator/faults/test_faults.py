"""Each kind of fault on plain boto3 clients, and that nothing but the named call is touched."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests
from botocore import xform_name
from botocore.exceptions import ClientError, ConnectionClosedError

from avm_emulator.boundary.effects import is_mutating
from avm_emulator.context import Emulator
from tests.emulator.faults.conftest import Put, code_of, shown
from tests.emulator.lab import Lab
from tests.emulator.outsiders import root_client

# One call of each protocol that the application speaks, with what it needs; all of them change something.
CALLS: dict[tuple[str, str], Callable[[Lab], dict[str, Any]]] = {
    ("organizations", "CreatePolicy"): lambda lab: {
        "Name": lab.name("scp"),
        "Description": "",
        "Type": "SERVICE_CONTROL_POLICY",
        "Content": '{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "x:Y", "Resource": "*"}]}',
    },
    ("iam", "CreateUser"): lambda lab: {"UserName": lab.name("user")},
    ("ec2", "CreateVpc"): lambda _: {"CidrBlock": "10.0.0.0/16"},
    ("s3", "CreateBucket"): lambda lab: {
        "Bucket": lab.name("bucket"),
        "CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"},
    },
    ("dynamodb", "CreateTable"): lambda lab: {
        "TableName": lab.name("table"),
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
    },
    ("sqs", "CreateQueue"): lambda lab: {"QueueName": lab.name("queue")},
    ("sns", "CreateTopic"): lambda lab: {"Name": lab.name("topic")},
    ("events", "CreateEventBus"): lambda lab: {"Name": lab.name("bus")},
    ("lambda", "CreateEventSourceMapping"): lambda lab: {
        "FunctionName": lab.function("def handler(event, context): pass"),
        "EventSourceArn": lab.queue()[1],
    },
}
LISTS = {
    "organizations": ("list_policies", {"Filter": "SERVICE_CONTROL_POLICY"}, "Policies"),
    "iam": ("list_users", {}, "Users"),
    "ec2": ("describe_vpcs", {}, "Vpcs"),
    "s3": ("list_buckets", {}, "Buckets"),
    "dynamodb": ("list_tables", {}, "TableNames"),
    "sqs": ("list_queues", {}, "QueueUrls"),
    "sns": ("list_topics", {}, "Topics"),
    "events": ("list_event_buses", {}, "EventBuses"),
    "lambda": ("list_event_source_mappings", {}, "EventSourceMappings"),
}
EXPECTED = {  # throttle, error_before, denied
    "organizations": [("TooManyRequestsException", 400), ("ServiceException", 500), ("AccessDeniedException", 400)],
    "iam": [("Throttling", 400), ("ServiceFailure", 500), ("AccessDenied", 403)],
    "ec2": [("RequestLimitExceeded", 503), ("InternalError", 500), ("UnauthorizedOperation", 403)],
    "s3": [("SlowDown", 503), ("InternalError", 500), ("AccessDenied", 403)],
    "dynamodb": [("ThrottlingException", 400), ("InternalServerError", 500), ("AccessDeniedException", 400)],
    "sqs": [("RequestThrottled", 400), ("InternalFailure", 500), ("AccessDenied", 403)],
    "sns": [("Throttling", 400), ("InternalError", 500), ("AuthorizationError", 403)],
    "events": [("ThrottlingException", 400), ("InternalException", 500), ("AccessDeniedException", 400)],
    "lambda": [("TooManyRequestsException", 429), ("ServiceException", 500), ("AccessDeniedException", 403)],
}


def method(client: Any, operation: str) -> Callable[..., Any]:
    found: Callable[..., Any] = getattr(client, xform_name(operation))
    return found


def count(lab: Lab, service: str) -> int:
    name, parameters, member = LISTS[service]
    return len(getattr(lab.client(service), name)(**parameters).get(member, []))


@pytest.mark.parametrize(("service", "operation"), CALLS)
def test_a_refused_call_gets_the_services_own_error_and_is_not_executed(
    emulator: Emulator, lab: Lab, put: Put, service: str, operation: str
) -> None:
    call, parameters = method(root_client(emulator, service), operation), CALLS[service, operation](lab)
    before = count(lab, service)
    for fault, expected in zip(("throttle", "error_before", "denied"), EXPECTED[service], strict=True):
        put({"service": service, "operation": operation, "fault": fault, "nth": 1})
        assert code_of(call, **parameters) == expected
        assert count(lab, service) == before
        record = next(r for r in reversed(list(emulator.calls)) if r.operation == operation)
        assert (record.fault, record.error) == (fault, expected[0])
    call(**parameters)
    assert count(lab, service) == before + 1
    assert shown(emulator)[0] | {"matched": 2, "fired": 1} == shown(emulator)[0]


def test_denied_names_principal_and_action(emulator: Emulator, put: Put) -> None:
    put({"service": "lambda", "operation": "Invoke", "fault": "denied"})
    with pytest.raises(ClientError, match=r"User: arn:aws:iam::123456789012:root .* lambda:InvokeFunction"):
        root_client(emulator, "lambda").invoke(FunctionName="any")


def test_error_before_answers_the_code_that_is_asked_for(emulator: Emulator, put: Put) -> None:
    code = "FinalizingOrganizationException"
    put({"service": "organizations", "operation": "CreateAccount", "fault": "error_before", "code": code})
    organizations = root_client(emulator, "organizations")
    with pytest.raises(organizations.exceptions.FinalizingOrganizationException):
        organizations.create_account(Email="f@example.com", AccountName="f")


@pytest.mark.parametrize(("service", "operation"), CALLS)
def test_a_lost_response_is_a_closed_connection_after_execution(
    emulator: Emulator, lab: Lab, put: Put, service: str, operation: str
) -> None:
    client, parameters = root_client(emulator, service), CALLS[service, operation](lab)
    before = count(lab, service)
    put({"service": service, "operation": operation, "fault": "lost_response", "times": 1})
    with pytest.raises(ConnectionClosedError):
        method(client, operation)(**parameters)
    assert count(lab, service) == before + 1
    record = next(r for r in reversed(list(emulator.calls)) if r.operation == operation)
    assert (record.fault, record.error) == ("lost_response", "LostResponse")


def test_a_slow_call_is_executed_at_once_and_answered_later(emulator: Emulator, lab: Lab, put: Put) -> None:
    put({"service": "sqs", "operation": "CreateQueue", "fault": "slow", "seconds": 45})
    called_at = emulator.clock.now()
    root_client(emulator, "sqs").create_queue(QueueName=(name := lab.name("slow")))
    assert emulator.clock.now() == called_at + 45
    url = lab.client("sqs").get_queue_url(QueueName=name)["QueueUrl"]
    attributes = lab.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["CreatedTimestamp"])
    assert float(attributes["Attributes"]["CreatedTimestamp"]) == pytest.approx(called_at, abs=0.01)
    record = next(r for r in reversed(list(emulator.calls)) if r.operation == "CreateQueue")
    assert (record.fault, record.error) == ("slow", None)


def test_slow_calls_do_not_slow_each_other(emulator: Emulator, lab: Lab, put: Put) -> None:
    put({"service": "sqs", "operation": "ListQueues", "fault": "slow", "seconds": 10, "times": 1})
    sqs = root_client(emulator, "sqs")
    began = emulator.clock.now()
    sqs.list_queues()
    sqs.list_queues()
    assert emulator.clock.now() == began + 10


# -- stale reads -------------------------------------------------------------------------------------------------------
def test_a_stale_read_answers_what_was_before_the_last_change(emulator: Emulator, lab: Lab, put: Put) -> None:
    ec2 = root_client(emulator, "ec2", region="eu-central-1")
    before = ec2.describe_vpcs()["Vpcs"]
    ec2.create_vpc(CidrBlock="10.1.0.0/16")
    put({"service": "ec2", "operation": "DescribeVpcs", "fault": "stale_read", "times": 1})
    answer = ec2.describe_vpcs()
    record = list(emulator.calls)[-1]
    assert answer["Vpcs"] == before
    assert (record.fault, record.error) == ("stale_read", None)
    assert record.request_id == answer["ResponseMetadata"]["RequestId"]
    assert len(ec2.describe_vpcs()["Vpcs"]) == len(before) + 1


def test_not_found_is_an_answer_that_can_be_stale(emulator: Emulator, lab: Lab, put: Put) -> None:
    sqs, name = root_client(emulator, "sqs"), lab.name("late")
    assert code_of(sqs.get_queue_url, QueueName=name)[0].endswith("NonExistentQueue")
    sqs.create_queue(QueueName=name)
    put({"service": "sqs", "operation": "GetQueueUrl", "fault": "stale_read", "nth": 1})
    assert code_of(sqs.get_queue_url, QueueName=name)[0].endswith("NonExistentQueue")
    assert name in sqs.get_queue_url(QueueName=name)["QueueUrl"]


def test_the_end_of_an_operation_can_be_seen_late(emulator: Emulator, lab: Lab, put: Put) -> None:
    organizations = root_client(emulator, "organizations")
    emulator.clock.hold(held=True)
    status = organizations.create_account(Email="l@example.com", AccountName="l")["CreateAccountStatus"]

    def state() -> str:
        found = organizations.describe_create_account_status(CreateAccountRequestId=status["Id"])
        return str(found["CreateAccountStatus"]["State"])

    assert state() == "IN_PROGRESS"
    emulator.clock.advance(60)
    emulator.clock.hold(held=False)
    put({"service": "organizations", "operation": "DescribeCreateAccountStatus", "fault": "stale_read", "times": 1})
    assert [state(), state()] == ["IN_PROGRESS", "SUCCEEDED"]


def test_what_never_changed_or_was_never_read_is_not_stale(emulator: Emulator, lab: Lab, put: Put) -> None:
    sqs = root_client(emulator, "sqs")
    url = sqs.create_queue(QueueName=lab.name("fresh"))["QueueUrl"]
    put({"service": "sqs", "operation": "*", "fault": "stale_read"})
    for _ in range(2):
        sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])
    assert shown(emulator)[0]["matched"] == 0


def test_a_strongly_consistent_read_is_never_stale(emulator: Emulator, lab: Lab, put: Put) -> None:
    dynamodb, parameters = root_client(emulator, "dynamodb"), CALLS["dynamodb", "CreateTable"](lab)
    table = {"TableName": parameters["TableName"]}
    dynamodb.create_table(**parameters)
    put({"service": "dynamodb", "operation": "GetItem", "fault": "stale_read"})
    key = {"pk": {"S": "1"}}
    for consistent in (False, True):
        dynamodb.get_item(**table, Key=key, ConsistentRead=consistent)
    dynamodb.put_item(**table, Item=key)
    assert "Item" not in dynamodb.get_item(**table, Key=key, ConsistentRead=False)
    assert "Item" in dynamodb.get_item(**table, Key=key, ConsistentRead=True)


def test_reads_of_another_account_are_other_reads(emulator: Emulator, lab: Lab, put: Put) -> None:
    mine, other = (root_client(emulator, "sqs", account) for account in ("123456789012", "210987654321"))
    other.list_queues(QueueNamePrefix="mine")
    mine.list_queues(QueueNamePrefix="mine")
    mine.create_queue(QueueName="mine-1")
    put({"service": "sqs", "operation": "ListQueues", "fault": "stale_read"})
    assert "QueueUrls" not in other.list_queues(QueueNamePrefix="mine")
    assert shown(emulator)[0]["matched"] == 0
    assert "QueueUrls" not in mine.list_queues(QueueNamePrefix="mine")
    assert shown(emulator)[0]["matched"] == 1


# -- which calls -------------------------------------------------------------------------------------------------------
def test_nothing_but_the_named_call_is_touched(emulator: Emulator, lab: Lab, put: Put) -> None:
    put({"service": "sqs", "operation": "CreateQueue", "fault": "throttle", "account": "123456789012"})
    sqs, other = root_client(emulator, "sqs"), root_client(emulator, "sqs", "210987654321")
    name = lab.name("queue")
    assert code_of(sqs.create_queue, QueueName=name) == ("RequestThrottled", 400)
    sqs.list_queues()
    root_client(emulator, "sns").create_topic(Name=name)
    other.create_queue(QueueName=name)
    lab.client("sqs").create_queue(QueueName=name)  # by the emulator's own key
    assert shown(emulator)[0] | {"matched": 1, "fired": 1} == shown(emulator)[0]
    touched = [record for record in emulator.calls if record.fault and record.principal.endswith("root")]
    assert (touched[-1].service, touched[-1].operation, touched[-1].account) == ("sqs", "CreateQueue", "123456789012")


def test_one_seed_gives_the_same_faults_again(emulator: Emulator, lab: Lab, put: Put) -> None:
    sqs = root_client(emulator, "sqs")

    def faults(seed: int) -> list[bool]:
        put({"service": "sqs", "operation": "ListQueues", "fault": "throttle", "probability": 0.5}, seed=seed)
        answers = []
        for _ in range(20):
            try:
                sqs.list_queues()
            except ClientError:
                answers.append(False)
            else:
                answers.append(True)
        return answers

    first = faults(1)
    assert {True, False} <= set(first)
    assert faults(1) == first
    assert faults(2) != first


def test_of_several_rules_the_first_that_fires_acts_and_all_count(emulator: Emulator, lab: Lab, put: Put) -> None:
    throttle = {"service": "sqs", "operation": "ListQueues", "fault": "throttle", "nth": 1}
    put(throttle, {**throttle, "service": "*", "operation": "*", "fault": "denied", "nth": 2})
    sqs = root_client(emulator, "sqs")
    assert code_of(sqs.list_queues)[0] == "RequestThrottled"
    assert code_of(sqs.list_queues)[0] == "AccessDenied"
    sqs.list_queues()
    assert [(rule["matched"], rule["fired"]) for rule in shown(emulator)] == [(3, 1), (3, 1)]


def test_a_rule_counts_from_the_moment_it_is_set(emulator: Emulator, lab: Lab, put: Put) -> None:
    sqs = root_client(emulator, "sqs")
    rule = {"service": "sqs", "operation": "ListQueues", "fault": "throttle", "nth": 1}
    sqs.list_queues()
    for _ in range(2):
        put(rule)
        assert code_of(sqs.list_queues)[0] == "RequestThrottled"
        sqs.list_queues()


def test_a_window_of_aws_time_holds(emulator: Emulator, lab: Lab, put: Put) -> None:
    window = {"from": 10, "until": 20}
    put({"service": "sqs", "operation": "ListQueues", "fault": "throttle", "when": window})
    sqs = root_client(emulator, "sqs")
    answers = []
    for _ in range(3):
        try:
            sqs.list_queues()
            answers.append("ok")
        except ClientError:
            answers.append("throttled")
        emulator.clock.advance(10)
    assert answers == ["ok", "throttled", "ok"]


# -- the control call --------------------------------------------------------------------------------------------------
def test_rules_are_shown_as_they_were_set_and_cleared(emulator: Emulator, put: Put) -> None:
    rule = {"service": "s3", "operation": "*", "fault": "slow", "seconds": 2.5, "times": 3}
    assert put(rule, seed=5) == {"seed": 5, "rules": [{**rule, "matched": 0, "fired": 0}]}
    url = f"{emulator.endpoint_url}/_emulator/faults"
    assert requests.get(url, timeout=30).json()["rules"][0]["seconds"] == 2.5
    assert requests.delete(url, timeout=30).json() == {"seed": 11, "rules": []}
    document = {"seed": 9, "rules": [rule]}
    assert requests.put(url, json=document, timeout=30).json()["seed"] == 9


def test_rules_without_a_seed_have_the_emulators(emulator: Emulator, lab: Lab) -> None:
    answer = requests.put(f"{emulator.endpoint_url}/_emulator/faults", json=[], timeout=30).json()
    assert answer == {"seed": 11, "rules": []}


@pytest.mark.parametrize("body", ["", "{", "[", '"x"', "5", '[{"service": "s3"}]', '{"rules": [], "seed": "a"}'])
def test_rules_that_make_no_sense_are_refused_and_the_old_ones_stay(emulator: Emulator, put: Put, body: str) -> None:
    rule = {"service": "s3", "operation": "*", "fault": "throttle"}
    put(rule)
    answer = requests.put(f"{emulator.endpoint_url}/_emulator/faults", data=body, timeout=30)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert [shown["service"] for shown in shown(emulator)] == ["s3"]


def test_each_problem_is_told_by_rule_and_field(emulator: Emulator) -> None:
    rules = [{"service": "sqs", "operation": "Buy", "fault": "throttle"}]
    answer = requests.put(f"{emulator.endpoint_url}/_emulator/faults", json=rules, timeout=30).json()
    assert answer["problems"] == [
        {"rule": 0, "field": "operation", "reason": "sqs has no operation 'Buy' in botocore's model"}
    ]
    assert "operation: sqs has no operation 'Buy'" in answer["error"]


def test_the_calls_of_these_tests_change_something() -> None:
    assert all(is_mutating(service, operation, {}) for service, operation in CALLS)
