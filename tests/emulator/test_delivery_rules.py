"""EventBridge rules deliver to their targets, each in its own way."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from botocore.exceptions import ClientError

from tests.emulator.delivery_lab import allow, lab, options, put, rule, source
from tests.emulator.lab import ACCOUNT, REGION, Lab

__all__ = ["lab", "options", "source"]

DEFINITION = json.dumps({"StartAt": "End", "States": {"End": {"Type": "Succeed"}}})


def test_the_event_has_the_envelope_of_aws(lab: Lab, source: str) -> None:
    url, arn = lab.open_queue()
    rule(lab, source, {"Arn": arn})
    now = lab.clock.now()
    event_id = put(lab, source, {"account_id": "1"}, Resources=["arn:one"])
    (event,) = lab.bodies(url)
    assert event == {
        "version": "0",
        "id": event_id,
        "detail-type": "AccountReady",
        "source": source,
        "account": ACCOUNT,
        "time": datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": REGION,
        "resources": ["arn:one"],
        "detail": {"account_id": "1"},
    }


def test_the_time_of_the_entry_is_the_time_of_the_event(lab: Lab, source: str) -> None:
    url, arn = lab.open_queue()
    rule(lab, source, {"Arn": arn})
    put(lab, source, Time=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    assert [event["time"] for event in lab.bodies(url)] == ["2026-01-02T03:04:05Z"]


def test_a_function_is_invoked_when_its_policy_lets_the_rule(lab: Lab, source: str) -> None:
    name, seen = lab.recorder()
    allow(lab, name, rule(lab, source, {"Arn": lab.function_arn(name)}))
    put(lab, source, {"n": 1})
    assert [event["detail"] for event in lab.bodies(seen)] == [{"n": 1}]


def test_what_a_function_fails_at_is_retried_by_lambda_not_by_the_rule(lab: Lab, source: str) -> None:
    name, seen = lab.recorder(fails=True)
    allow(lab, name, rule(lab, source, {"Arn": lab.function_arn(name)}))
    put(lab, source)
    assert len(lab.bodies(seen)) == 3


@pytest.mark.parametrize("permitted", ["nobody", "another rule", "another account"])
def test_a_function_whose_policy_does_not_let_the_rule_gets_nothing(lab: Lab, source: str, permitted: str) -> None:
    dead, dead_arn = lab.open_queue()
    name, seen = lab.recorder()
    target = {"Arn": lab.function_arn(name), "DeadLetterConfig": {"Arn": dead_arn}}
    arn = rule(lab, source, target)
    if permitted == "another rule":
        allow(lab, name, f"{arn}-other")
    if permitted == "another account":
        allow(lab, name, arn, SourceAccount="111111111111")
    put(lab, source, {"n": 1})
    assert lab.bodies(seen) == []
    (letter,) = lab.messages(dead)
    assert json.loads(letter["Body"])["detail"] == {"n": 1}
    attributes = lab.attributes(letter)
    assert attributes["ERROR_CODE"] == "NO_PERMISSIONS"
    assert attributes["RULE_ARN"] == arn
    assert attributes["TARGET_ARN"] == lab.function_arn(name)
    assert attributes["RETRY_ATTEMPTS"] == "0"
    assert "lambda:InvokeFunction" in attributes["ERROR_MESSAGE"]
    assert "EXHAUSTED_RETRY_CONDITION" not in attributes


def test_a_wildcard_in_the_permission_counts(lab: Lab, source: str) -> None:
    name, seen = lab.recorder()
    rule(lab, source, {"Arn": lab.function_arn(name)})
    allow(lab, name, f"arn:aws:events:{REGION}:{ACCOUNT}:rule/*", SourceAccount=ACCOUNT)
    put(lab, source)
    assert len(lab.bodies(seen)) == 1


def test_a_queue_without_policy_gets_nothing(lab: Lab, source: str) -> None:
    dead, dead_arn = lab.open_queue()
    url, arn = lab.queue()
    rule(lab, source, {"Arn": arn, "DeadLetterConfig": {"Arn": dead_arn}})
    put(lab, source)
    assert lab.bodies(url) == []
    assert [lab.attributes(letter)["ERROR_CODE"] for letter in lab.messages(dead)] == ["NO_PERMISSIONS"]


def test_a_fifo_queue_gets_the_message_group(lab: Lab, source: str) -> None:
    url, arn = lab.open_queue(FifoQueue="true", ContentBasedDeduplication="true", name=f"{lab.name('queue')}.fifo")
    rule(lab, source, {"Arn": arn, "SqsParameters": {"MessageGroupId": "vends"}})
    put(lab, source)
    assert [message["Attributes"]["MessageGroupId"] for message in lab.messages(url)] == ["vends"]


def test_a_state_machine_is_started_in_the_role_of_the_target(lab: Lab, source: str) -> None:
    states = lab.client("stepfunctions")
    machine = states.create_state_machine(
        name=lab.name("machine"), definition=DEFINITION, roleArn=lab.role("states.amazonaws.com")
    )["stateMachineArn"]
    role = lab.role("events.amazonaws.com", "start-vend")
    rule(lab, source, {"Arn": machine, "RoleArn": role, "InputPath": "$.detail"})
    event_id = put(lab, source, {"request_id": "R1"})
    (execution,) = states.list_executions(stateMachineArn=machine)["executions"]
    assert execution["name"].startswith(f"{event_id}_")
    started = states.describe_execution(executionArn=execution["executionArn"])
    assert json.loads(started["input"]) == {"request_id": "R1"}
    (call,) = lab.emulator.calls.select(operation="StartExecution")
    assert ":assumed-role/start-vend/" in call.principal


@pytest.mark.parametrize("role", ["missing", "of another service", "for another account", "none"])
def test_a_role_that_eventbridge_cannot_assume_goes_to_the_dead_letter_queue(lab: Lab, source: str, role: str) -> None:
    dead, dead_arn = lab.open_queue()
    target = {
        "Arn": f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:vend",
        "DeadLetterConfig": {"Arn": dead_arn},
    }
    if role == "missing":
        target["RoleArn"] = f"arn:aws:iam::{ACCOUNT}:role/absent"
    if role == "of another service":
        target["RoleArn"] = lab.role("lambda.amazonaws.com")
    if role == "for another account":
        name = lab.name("role")
        target["RoleArn"] = lab.role("events.amazonaws.com", name)
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": "222222222222"}},
        }
        lab.client("iam").update_assume_role_policy(
            RoleName=name,
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
        )
    rule(lab, source, target)
    put(lab, source)
    assert [lab.attributes(letter)["ERROR_CODE"] for letter in lab.messages(dead)] == ["FAILED_TO_ASSUME_ROLE"]


def test_a_topic_gets_the_event_when_its_policy_lets_eventbridge_without_a_condition(lab: Lab, source: str) -> None:
    url, queue_arn = lab.queue()
    sns = lab.client("sns")
    topic = sns.create_topic(Name=lab.name("topic"))["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue_arn, Attributes={"RawMessageDelivery": "true"})
    rule(lab, source, {"Arn": topic, "Input": '"ready"'})
    put(lab, source)
    assert lab.bodies(url) == []
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": topic,
    }
    conditional = {**statement, "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}}}
    for allowing, got in ((conditional, []), (statement, ["ready"])):
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allowing]})
        sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)
        put(lab, source)
        assert lab.bodies(url) == got


def test_a_log_group_gets_the_event(lab: Lab, source: str) -> None:
    logs, group = lab.client("logs"), f"/aws/events/{lab.name('group')}"
    logs.create_log_group(logGroupName=group)
    rule(lab, source, {"Arn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{group}"})
    put(lab, source, {"n": 1})
    (event,) = logs.filter_log_events(logGroupName=group)["events"]
    assert json.loads(event["message"])["detail"] == {"n": 1}


def test_an_archive_keeps_the_event(lab: Lab, source: str) -> None:
    events = lab.client("events")
    name = lab.name("archive")
    bus = events.describe_event_bus()["Arn"]
    events.create_archive(
        ArchiveName=name, EventSourceArn=bus, EventPattern=json.dumps({"source": [source]}), RetentionDays=1
    )
    put(lab, source)
    assert events.describe_archive(ArchiveName=name)["EventCount"] == 1


def test_another_bus_gets_the_event_with_its_origin(lab: Lab, source: str) -> None:
    url, queue_arn = lab.open_queue()
    bus = lab.client("events").create_event_bus(Name=lab.name("bus"))["EventBusArn"]
    rule(lab, source, {"Arn": queue_arn}, bus=bus.rpartition("/")[2])
    far = lab.client("events", "us-east-1")
    far.put_rule(Name=lab.name("rule"), EventPattern=json.dumps({"source": [source]}))
    forwarder = far.put_rule(Name="forward", EventPattern=json.dumps({"source": [source]}))["RuleArn"]
    role = lab.role("events.amazonaws.com")
    far.put_targets(Rule=forwarder.rpartition("/")[2], Targets=[{"Id": "home", "Arn": bus, "RoleArn": role}])
    event_id = put(lab, source, {"n": 1}, region="us-east-1")
    (event,) = lab.bodies(url)
    assert (event["id"], event["region"], event["detail"]) == (event_id, "us-east-1", {"n": 1})


def test_an_event_is_not_sent_on_to_a_third_bus(lab: Lab, source: str) -> None:
    dead, dead_arn = lab.open_queue()
    url, queue_arn = lab.open_queue()
    events, role = lab.client("events"), lab.role("events.amazonaws.com")
    second, third = (events.create_event_bus(Name=lab.name("bus"))["EventBusArn"] for _ in range(2))
    rule(lab, source, {"Arn": second, "RoleArn": role})
    rule(
        lab,
        source,
        {"Arn": third, "RoleArn": role, "DeadLetterConfig": {"Arn": dead_arn}},
        bus=second.rpartition("/")[2],
    )
    rule(lab, source, {"Arn": queue_arn}, bus=third.rpartition("/")[2])
    put(lab, source)
    assert lab.bodies(url) == []
    codes = [lab.attributes(letter)["ERROR_CODE"] for letter in lab.messages(dead)]
    assert codes == ["THIRD_ACCOUNT_HOP_DETECTED"]


@pytest.mark.parametrize("permitted", ["permitted", "not permitted"])
def test_a_bus_of_another_account_decides_by_its_policy(lab: Lab, source: str, permitted: str) -> None:
    dead, dead_arn = lab.open_queue()
    other = "222222222222"
    admin = lab.emulator.clients.client("events", role_arn=f"arn:aws:iam::{other}:role/admin", session_name="admin")
    bus = admin.create_event_bus(Name=lab.name("bus"))["EventBusArn"]
    if permitted == "permitted":
        admin.put_permission(
            EventBusName=bus.rpartition("/")[2], Action="events:PutEvents", Principal=ACCOUNT, StatementId="sender"
        )
    logs = lab.emulator.clients.client("logs", role_arn=f"arn:aws:iam::{other}:role/admin", session_name="admin")
    group = f"/aws/events/{lab.name('group')}"
    logs.create_log_group(logGroupName=group)
    admin.put_rule(Name="all", EventBusName=bus.rpartition("/")[2], EventPattern=json.dumps({"source": [source]}))
    admin.put_targets(
        Rule="all",
        EventBusName=bus.rpartition("/")[2],
        Targets=[{"Id": "log", "Arn": f"arn:aws:logs:{REGION}:{other}:log-group:{group}"}],
    )
    role = lab.role("events.amazonaws.com")
    rule(lab, source, {"Arn": bus, "RoleArn": role, "DeadLetterConfig": {"Arn": dead_arn}})
    put(lab, source)
    arrived = logs.filter_log_events(logGroupName=group)["events"]
    codes = [lab.attributes(letter)["ERROR_CODE"] for letter in lab.messages(dead)]
    if permitted == "permitted":
        assert [json.loads(event["message"])["account"] for event in arrived] == [ACCOUNT]
        assert codes == []
    else:
        assert arrived == []
        assert codes == ["NO_PERMISSIONS"]


def test_an_event_that_is_put_on_a_bus_of_another_account_has_its_senders_account(lab: Lab, source: str) -> None:
    other = "222222222222"
    role = f"arn:aws:iam::{other}:role/admin"
    admin = lab.emulator.clients.client("events", role_arn=role, session_name="admin")
    name = lab.name("bus")
    arn = admin.create_event_bus(Name=name)["EventBusArn"]
    lab.client("events").create_event_bus(Name=name)  # one's own of the same name is not meant
    logs = lab.emulator.clients.client("logs", role_arn=role, session_name="admin")
    group = f"/aws/events/{lab.name('group')}"
    logs.create_log_group(logGroupName=group)
    admin.put_rule(Name="all", EventBusName=name, EventPattern=json.dumps({"source": [source]}))
    target = {"Id": "log", "Arn": f"arn:aws:logs:{REGION}:{other}:log-group:{group}"}
    admin.put_targets(Rule="all", EventBusName=name, Targets=[target])
    put(lab, source, bus=arn)
    put(lab, source, bus=name)
    arrived = [json.loads(event["message"]) for event in logs.filter_log_events(logGroupName=group)["events"]]
    assert [(event["account"], event["region"]) for event in arrived] == [(ACCOUNT, REGION)]


def test_a_rule_that_does_not_match_or_is_disabled_delivers_nothing(lab: Lab, source: str) -> None:
    url, arn = lab.open_queue()
    rule(lab, f"{source}-other", {"Arn": arn})
    rule(lab, source, {"Arn": arn}, State="DISABLED")
    put(lab, source)
    assert lab.bodies(url) == []


def test_a_rule_with_a_schedule_only_gets_no_events(lab: Lab, source: str) -> None:
    url, arn = lab.open_queue()
    events = lab.client("events")
    name = lab.name("rule")
    events.put_rule(Name=name, ScheduleExpression="rate(1 day)")
    events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arn}])
    put(lab, source)
    assert lab.bodies(url) == []


def test_a_transformed_input_reaches_the_target(lab: Lab, source: str) -> None:
    url, arn = lab.open_queue()
    transformer = {"InputPathsMap": {"id": "$.detail.account_id"}, "InputTemplate": '{"account": <id>}'}
    rule(lab, source, {"Arn": arn, "InputTransformer": transformer})
    put(lab, source, {"account_id": "111111111111"})
    assert lab.bodies(url) == [{"account": "111111111111"}]


def test_a_target_that_is_not_there_goes_to_the_dead_letter_queue_at_once(lab: Lab, source: str) -> None:
    dead, dead_arn = lab.open_queue()
    missing = f"arn:aws:sqs:{REGION}:{ACCOUNT}:missing"
    rule(lab, source, {"Arn": missing, "DeadLetterConfig": {"Arn": dead_arn}})
    began = lab.clock.now()
    put(lab, source)
    assert [lab.attributes(letter)["ERROR_CODE"] for letter in lab.messages(dead)] == ["NO_RESOURCE"]
    assert lab.clock.now() == began


def test_a_kind_of_target_that_is_not_modelled_is_refused_by_name(lab: Lab, source: str) -> None:
    with pytest.raises(ClientError, match="job-queue/vends is not modelled"):
        rule(lab, source, {"Arn": f"arn:aws:batch:{REGION}:{ACCOUNT}:job-queue/vends"})


def test_a_topic_delivers_to_a_function_what_sns_sends(lab: Lab) -> None:
    name, seen = lab.recorder()
    sns = lab.client("sns")
    topic = sns.create_topic(Name=lab.name("topic"))["TopicArn"]
    subscription = sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=lab.function_arn(name))
    attributes = {"kind": {"DataType": "String", "StringValue": "alarm"}}
    sns.publish(TopicArn=topic, Subject="Parked", Message="account 17", MessageAttributes=attributes)
    lab.settle()
    ((record,),) = (event["Records"] for event in lab.bodies(seen))
    assert record["EventSource"] == "aws:sns"
    assert record["EventSubscriptionArn"] == subscription["SubscriptionArn"]
    assert record["Sns"]["TopicArn"] == topic
    assert (record["Sns"]["Subject"], record["Sns"]["Message"]) == ("Parked", "account 17")
    assert record["Sns"]["MessageAttributes"] == {"kind": {"Type": "String", "Value": "alarm"}}
