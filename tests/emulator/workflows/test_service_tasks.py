"""Tasks that call services: AWS SDK integrations, the optimized ones, whose credentials they use, nested executions."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from avm_emulator.errors import AwsError

EXECUTION = "arn:aws:states:eu-west-1:123456789012:execution:no:no"
INSTANCE = "arn:aws:sso:::instance/ssoins-1234567890123456"
PERMISSION_SET = "arn:aws:sso:::permissionSet/ssoins-1234567890123456/ps-1234567890123456"


def sdk(action: str, arguments: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": f"arn:aws:states:::aws-sdk:{action}", "Arguments": arguments or {}, **fields}


def optimized(action: str, arguments: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": f"arn:aws:states:::{action}", "Arguments": arguments, **fields}


@pytest.fixture(scope="module")
def table(emulator: Any) -> str:
    emulator.clients.client("dynamodb").create_table(
        TableName="table",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return "table"


@pytest.fixture
def queue(emulator: Any, request: Any) -> str:
    name = re.sub(r"\W", "-", request.node.name)[:60]
    return str(emulator.clients.client("sqs").create_queue(QueueName=name)["QueueUrl"])


def messages(emulator: Any, queue: str) -> list[str]:
    answer = emulator.clients.client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10)
    return [message["Body"] for message in answer.get("Messages", [])]


def test_members_have_the_names_of_the_sdk_and_times_are_texts(workflows: Any, one: Any) -> None:
    arn = workflows.start(one({"Type": "Pass"}))
    workflows.wait(arn)
    output = workflows.output(one(sdk("sfn:describeExecution", {"ExecutionArn": arn})))
    assert output["ExecutionArn"] == arn
    assert output["InputDetails"] == {"Included": True}
    assert "ResponseMetadata" not in output
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z", output["StartDate"])


@pytest.mark.parametrize(
    ("action", "member"),
    [
        ("sts:getCallerIdentity", "Account"),
        ("iam:listRoles", "Roles"),
        ("ec2:describeRegions", "Regions"),
        ("ssoadmin:listInstances", "Instances"),
        ("servicecatalog:listPortfolios", "PortfolioDetails"),
        ("securityhub:listMembers", "Members"),
        ("guardduty:listDetectors", "DetectorIds"),
        ("cloudwatchlogs:describeLogGroups", "LogGroups"),
        ("eventbridge:listRules", "Rules"),
        ("config:describeConfigurationRecorders", "ConfigurationRecorders"),
        ("s3:listBuckets", "Buckets"),
        ("cloudformation:listStackSets", "Summaries"),
    ],
)
def test_services_of_every_protocol_can_be_called(workflows: Any, one: Any, action: str, member: str) -> None:
    assert member in workflows.output(one(sdk(action)))


@pytest.mark.parametrize(
    ("action", "arguments", "error"),
    [
        ("dynamodb:getItem", {"TableName": "nobody", "Key": {"pk": {"S": "x"}}}, "DynamoDb.ResourceNotFoundException"),
        ("organizations:describeOrganization", {}, "Organizations.AwsOrganizationsNotInUseException"),
        ("sfn:describeExecution", {"ExecutionArn": EXECUTION}, "Sfn.ExecutionDoesNotExistException"),
        ("iam:getRole", {"RoleName": "nobody"}, "Iam.NoSuchEntityException"),
        ("ec2:describeVpcs", {"VpcIds": ["vpc-1"]}, "Ec2.Ec2Exception"),
        (
            "ssoadmin:describePermissionSet",
            {"InstanceArn": INSTANCE, "PermissionSetArn": PERMISSION_SET},
            "SsoAdmin.(ResourceNotFound|AccessDenied)Exception",  # by moto, or by Identity Center where it is a part
        ),
        ("sqs:getQueueUrl", {"QueueName": "nobody"}, "Sqs.QueueDoesNotExistException"),
    ],
)
def test_errors_have_the_names_of_the_java_sdk(
    workflows: Any, one: Any, action: str, arguments: dict[str, Any], error: str
) -> None:
    described = workflows.run(one(sdk(action, arguments)))
    assert re.fullmatch(error, described["error"])
    prefix = error.partition(".")[0]
    assert re.search(rf" \(Service: {prefix}, Status Code: 4\d\d, Request ID: [-\w]+\)$", described["cause"])
    failed = workflows.history(described["executionArn"])[-2]["taskFailedEventDetails"]
    service, _, operation = action.partition(":")
    assert failed == {
        "resourceType": f"aws-sdk:{service}",
        "resource": operation,
        "error": described["error"],
        "cause": described["cause"],
    }


def test_a_missing_parameter_ends_the_execution(workflows: Any, one: Any) -> None:
    error, cause = workflows.failure(one(sdk("iam:getRole", Retry=[{"ErrorEquals": ["States.ALL"]}])))
    assert error == "States.Runtime"
    assert cause.endswith(
        "The Parameters '{}' could not be used to start the Task: [The field \"RoleName\" is required but was missing]"
    )


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ("{% {'rolename': 'x'} %}", 'The field "rolename" is not supported by Step Functions'),
        ("{% {'RoleName': 7} %}", "The value for the field 'RoleName' must be a STRING"),
    ],
)
def test_parameters_that_do_not_fit_end_the_execution(workflows: Any, one: Any, arguments: Any, reason: str) -> None:
    error, cause = workflows.failure(one({**sdk("iam:getRole"), "Arguments": arguments}))
    assert error == "States.Runtime"
    assert cause.endswith(f"[{reason}]")


def test_tasks_act_in_the_role_of_the_state_machine(workflows: Any, one: Any) -> None:
    identity = workflows.output(one(sdk("sts:getCallerIdentity")))
    assert re.fullmatch(r"arn:aws:sts::123456789012:assumed-role/machine/t\d+", identity["Arn"])


@pytest.mark.parametrize("role", ["arn:aws:iam::222222222222:role/vending", "{% $states.input.role %}"])
def test_a_task_with_credentials_acts_in_that_role_out_of_the_machines(
    workflows: Any, one: Any, emulator: Any, role: str
) -> None:
    state = sdk("sts:getCallerIdentity", Credentials={"RoleArn": role})
    described = workflows.run(one(state), {"role": "arn:aws:iam::222222222222:role/vending"})
    identity = json.loads(described["output"])
    assert identity["Account"] == "222222222222"
    assert identity["Arn"].startswith("arn:aws:sts::222222222222:assumed-role/vending/")
    assumed = emulator.calls.select(service="sts", operation="AssumeRole")[-1]
    assert assumed.principal.startswith("arn:aws:sts::123456789012:assumed-role/machine/")
    scheduled = workflows.history(described["executionArn"])[2]["taskScheduledEventDetails"]
    assert scheduled["taskCredentials"] == {"roleArn": "arn:aws:iam::222222222222:role/vending"}


def test_a_role_that_cannot_be_assumed_fails_the_task(
    workflows: Any, one: Any, emulator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(call: Any) -> None:
        if call.operation == "AssumeRole" and "333333333333" in call.parameters["RoleArn"]:
            raise AwsError("AccessDenied", "no")

    monkeypatch.setattr(emulator.boundary, "interceptors", [*emulator.boundary.interceptors, refuse])
    state = sdk("sts:getCallerIdentity", Credentials={"RoleArn": "arn:aws:iam::333333333333:role/vending"})
    error, cause = workflows.failure(one(state))
    assert error == "States.TaskFailed"
    assert cause == (
        "The role arn:aws:iam::123456789012:role/machine is not authorized to assume the task state's role, "
        "arn:aws:iam::333333333333:role/vending."
    )


def test_items_are_put_updated_got_and_deleted(workflows: Any, table: str) -> None:
    key = {"pk": {"S": "{% $states.context.Execution.Name %}"}}
    update = {
        "TableName": table,
        "Key": key,
        "UpdateExpression": "SET n = n + :one",
        "ExpressionAttributeValues": {":one": {"N": "1"}},
        "ReturnValues": "ALL_NEW",
    }
    states = {
        "Put": {
            **optimized(
                "dynamodb:putItem", {"TableName": table, "Item": {**key, "n": {"N": "1"}, "b": {"BOOL": True}}}
            ),
            "Next": "Update",
        },
        "Update": {
            **optimized("dynamodb:updateItem", update),
            "Assign": {"n": "{% $states.result.Attributes.n.N %}"},
            "Next": "Get",
        },
        "Get": {
            **optimized("dynamodb:getItem", {"TableName": table, "Key": key}),
            "Assign": {"item": "{% $states.result.Item %}"},
            "Next": "Delete",
        },
        "Delete": {
            **optimized("dynamodb:deleteItem", {"TableName": table, "Key": key}),
            "Output": ["{% $n %}", "{% $item.b %}"],
            "End": True,
        },
    }
    assert workflows.output({"QueryLanguage": "JSONata", "StartAt": "Put", "States": states}) == ["2", {"BOOL": True}]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"ConditionExpression": "attribute_exists(pk)"}, "DynamoDB.ConditionalCheckFailedException"),
        ({"Item": {"pk": {"N": "1"}}}, "DynamoDB.AmazonDynamoDBException"),
        ({"TableName": "nobody"}, "DynamoDB.ResourceNotFoundException"),
    ],
)
def test_errors_of_dynamodb_have_the_names_of_its_integration(
    workflows: Any, one: Any, table: str, arguments: dict[str, Any], error: str
) -> None:
    state = optimized("dynamodb:putItem", {"TableName": table, "Item": {"pk": {"S": "absent"}}, **arguments})
    described_error, cause = workflows.failure(one(state))
    assert described_error == error
    assert "(Service: AmazonDynamoDBv2; Status Code: 400; Error Code: " in cause


def test_a_message_may_be_an_object(workflows: Any, one: Any, emulator: Any, queue: str) -> None:
    result = workflows.output(one(optimized("sqs:sendMessage", {"QueueUrl": queue, "MessageBody": {"a": "é"}})))
    assert messages(emulator, queue) == ['{"a":"é"}']
    assert {"MessageId", "MD5OfMessageBody"} <= set(result)


def test_a_queue_that_does_not_exist_is_an_error_of_sqs(workflows: Any, one: Any) -> None:
    arguments = {"QueueUrl": "https://sqs.eu-west-1.amazonaws.com/123456789012/nobody", "MessageBody": "x"}
    assert workflows.failure(one(optimized("sqs:sendMessage", arguments)))[0] == "SQS.QueueDoesNotExistException"


def test_a_notification_is_published(workflows: Any, one: Any, emulator: Any) -> None:
    topic = emulator.clients.client("sns").create_topic(Name="topic")["TopicArn"]
    assert workflows.output(one(optimized("sns:publish", {"TopicArn": topic, "Message": {"a": 1}})))["MessageId"]
    assert (
        workflows.failure(one(optimized("sns:publish", {"TopicArn": f"{topic}x", "Message": "m"})))[0]
        == "SNS.NotFoundException"
    )


def test_events_are_put_with_their_origin(workflows: Any, one: Any, emulator: Any, queue: str) -> None:
    events = emulator.clients.client("events")
    events.put_rule(Name="origin", EventPattern='{"source": ["vending"]}')
    arn = emulator.clients.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    events.put_targets(Rule="origin", Targets=[{"Id": "q", "Arn": arn["Attributes"]["QueueArn"]}])
    entry = {"Source": "vending", "DetailType": "AccountReady", "Detail": {"account": "é"}, "Resources": ["r"]}
    described = workflows.run(one(optimized("events:putEvents", {"Entries": [entry]})))
    assert json.loads(described["output"])["FailedEntryCount"] == 0
    (body,) = messages(emulator, queue)
    event = json.loads(body)
    assert event["detail"] == {"account": "é"}
    assert event["resources"] == ["r", described["stateMachineArn"], described["executionArn"]]


def test_an_event_that_is_refused_fails_the_task(workflows: Any, one: Any) -> None:
    entries = [{"Source": "vending", "DetailType": "t", "Detail": {}}, {"DetailType": "t", "Detail": {}}]
    error, cause = workflows.failure(one(optimized("events:putEvents", {"Entries": entries})))
    assert error == "EventBridge.FailedEntry"
    assert json.loads(cause)["FailedEntryCount"] == 1


@pytest.fixture
def child(workflows: Any) -> str:
    states = {
        "W": {"Type": "Wait", "Seconds": 100, "Next": "C"},
        "C": {
            "Type": "Choice",
            "Choices": [{"Condition": "{% $states.input.fail = true %}", "Next": "F"}],
            "Default": "P",
        },
        "F": {"Type": "Fail", "Error": "Child", "Cause": "why"},
        "P": {"Type": "Pass", "Output": {"child": "{% $states.input %}"}, "End": True},
    }
    return str(workflows.create({"QueryLanguage": "JSONata", "StartAt": "W", "States": states}))


def seconds(described: dict[str, Any]) -> float:
    return float((described["stopDate"] - described["startDate"]).total_seconds())


def test_an_execution_is_started_and_not_waited_for(workflows: Any, one: Any, child: str) -> None:
    described = workflows.run(
        one(optimized("states:startExecution", {"StateMachineArn": child, "Input": {"q": 1}, "Name": "mine"}))
    )
    result = json.loads(described["output"])
    assert result["ExecutionArn"].endswith(":mine")
    assert isinstance(result["StartDate"], int)
    assert seconds(described) == 0
    assert json.loads(workflows.wait(result["ExecutionArn"])["input"]) == {"q": 1}


@pytest.mark.parametrize(("pattern", "text"), [(".sync", True), (".sync:2", False)])
def test_an_execution_is_waited_for_without_polling(
    workflows: Any, one: Any, emulator: Any, *, child: str, pattern: str, text: bool
) -> None:
    described = workflows.run(
        one(optimized(f"states:startExecution{pattern}", {"StateMachineArn": child, "Input": {"q": 1}}))
    )
    assert seconds(described) == 100
    result = json.loads(described["output"])
    assert (result["Status"], result["StateMachineArn"]) == ("SUCCEEDED", child)
    output = json.loads(result["Output"]) if text else result["Output"]
    assert output == {"child": {"q": 1}}
    assert (
        len(
            emulator.calls.select(
                operation="DescribeExecution",
                source=f"machine/{described['stateMachineArn'].rpartition(':')[2]} Boto3/1.44.5",
            )
        )
        <= 1
    )


def test_a_failed_nested_execution_fails_the_task_with_its_description(workflows: Any, one: Any, child: str) -> None:
    error, cause = workflows.failure(
        one(optimized("states:startExecution.sync:2", {"StateMachineArn": child, "Input": {"fail": True}}))
    )
    assert error == "States.TaskFailed"
    described = json.loads(cause)
    assert (described["Status"], described["Error"], described["Cause"]) == ("FAILED", "Child", "why")


def test_a_stopped_parent_stops_the_execution_it_waits_for(workflows: Any, one: Any) -> None:
    parked = workflows.create(one({"Type": "Wait", "Seconds": 100}))
    workflows.clock.hold(held=True)
    try:
        arn = workflows.start(
            one(optimized("states:startExecution.sync", {"StateMachineArn": parked, "Name": "nested"}))
        )
        nested = parked.replace(":stateMachine:", ":execution:") + ":nested"
        while True:
            listed = workflows.client.list_executions(stateMachineArn=parked)["executions"]
            submitted = [event["type"] for event in workflows.history(arn)]
            if listed and "TaskSubmitted" in submitted:
                break
        workflows.client.stop_execution(executionArn=arn)
        assert workflows.wait(nested)["status"] == "ABORTED"
    finally:
        workflows.clock.hold(held=False)


def test_a_name_that_is_taken_is_an_error_of_the_integration(workflows: Any, one: Any, child: str) -> None:
    arguments = {"StateMachineArn": child, "Name": "taken"}
    workflows.output(one(optimized("states:startExecution", {**arguments, "Input": {"n": 1}})))
    state = optimized("states:startExecution", {**arguments, "Input": {"n": 2}})
    assert workflows.failure(one(state))[0] == "StepFunctions.ExecutionAlreadyExistsException"
    state = sdk("sfn:startExecution", {**arguments, "Input": '{"n": 2}'})
    assert workflows.failure(one(state))[0] == "Sfn.ExecutionAlreadyExistsException"


def test_a_time_in_a_parameter_is_a_text(workflows: Any, one: Any, emulator: Any) -> None:
    logs = sdk("cloudwatch:getMetricStatistics", {
        "Namespace": "AWS/Lambda", "MetricName": "Errors", "StartTime": "2026-01-01T00:00:00Z",
        "EndTime": "2026-01-02T00:00:00Z", "Period": 60, "Statistics": ["Sum"]})  # fmt: skip
    assert workflows.output(one(logs))["Datapoints"] == []
