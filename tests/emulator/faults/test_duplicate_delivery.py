"""What a call causes is delivered twice."""

from __future__ import annotations

import json

from avm_emulator.context import Emulator
from tests.emulator.faults.conftest import Put, shown
from tests.emulator.lab import Lab
from tests.emulator.outsiders import root_client


def test_a_message_is_delivered_twice(emulator: Emulator, lab: Lab, put: Put) -> None:
    url, _ = lab.queue()
    put({"service": "sqs", "operation": "SendMessage", "fault": "duplicate_delivery", "nth": 1})
    sqs = root_client(emulator, "sqs")
    sent = [sqs.send_message(QueueUrl=url, MessageBody=json.dumps(n))["MessageId"] for n in range(2)]
    received = lab.messages(url)
    assert sorted(message["MessageId"] for message in received) == sorted([sent[0], sent[0], sent[1]])
    assert len({message["ReceiptHandle"] for message in received}) == 3
    assert lab.messages(url) == []


def test_a_batch_of_messages_is_delivered_twice(emulator: Emulator, lab: Lab, put: Put) -> None:
    url, _ = lab.queue()
    put({"service": "sqs", "operation": "SendMessageBatch", "fault": "duplicate_delivery"})
    entries = [{"Id": str(n), "MessageBody": json.dumps(n)} for n in range(3)]
    root_client(emulator, "sqs").send_message_batch(QueueUrl=url, Entries=entries)
    assert sorted(lab.bodies(url)) == [0, 0, 1, 1, 2, 2]


def test_a_fifo_queue_delivers_once_all_the_same(emulator: Emulator, lab: Lab, put: Put) -> None:
    url, _ = lab.queue(lab.name("fifo") + ".fifo", FifoQueue="true", ContentBasedDeduplication="true")
    put({"service": "sqs", "operation": "SendMessage", "fault": "duplicate_delivery"})
    root_client(emulator, "sqs").send_message(QueueUrl=url, MessageBody="1", MessageGroupId="g")
    assert lab.bodies(url) == [1]


def test_an_event_reaches_its_target_twice_with_one_id(emulator: Emulator, lab: Lab, put: Put) -> None:
    url, arn = lab.open_queue()
    events, name = lab.client("events"), lab.name("rule")
    events.put_rule(Name=name, EventPattern='{"source": ["twice"]}')
    events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arn}])
    put({"service": "events", "operation": "PutEvents", "fault": "duplicate_delivery", "nth": 1})
    client = root_client(emulator, "events")
    for number in range(2):
        client.put_events(Entries=[{"Source": "twice", "DetailType": "t", "Detail": json.dumps({"n": number})}])
    lab.settle()
    ids = [(event["detail"]["n"], event["id"]) for event in lab.bodies(url)]
    assert sorted(n for n, _ in ids) == [0, 0, 1]
    assert len(set(ids)) == 2


def test_an_asynchronous_invocation_runs_twice_with_one_request_id(emulator: Emulator, lab: Lab, put: Put) -> None:
    url, _ = lab.queue()
    source = (
        "import boto3, json, os\nsqs = boto3.client('sqs')\n"
        "def handler(event, context):\n"
        "    sqs.send_message(QueueUrl=os.environ['SEEN'], MessageBody=json.dumps(context.aws_request_id))\n"
    )
    function = lab.function(source, Timeout=20, Environment={"Variables": {"SEEN": url}})
    put({"service": "lambda", "operation": "Invoke", "fault": "duplicate_delivery"})
    client = root_client(emulator, "lambda")
    client.invoke(FunctionName=function, InvocationType="RequestResponse")  # nothing to deliver: not counted
    client.invoke(FunctionName=function, InvocationType="Event")
    lab.settle()
    seen = lab.bodies(url)
    assert sorted(map(seen.count, set(seen))) == [1, 2]
    assert shown(emulator)[0]["matched"] == 1


def test_a_published_message_is_delivered_twice(emulator: Emulator, lab: Lab, put: Put) -> None:
    url, arn = lab.open_queue()
    sns = root_client(emulator, "sns")
    topic = sns.create_topic(Name=lab.name("topic"))["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    put({"service": "sns", "operation": "Publish", "fault": "duplicate_delivery"})
    sns.publish(TopicArn=topic, Message="m")
    assert [body["Message"] for body in lab.bodies(url)] == ["m", "m"]


def test_the_cloudtrail_event_of_a_change_is_delivered_twice(emulator: Emulator, lab: Lab, put: Put) -> None:
    url, arn = lab.open_queue()
    events, name, queue = lab.client("events"), lab.name("rule"), lab.name("queue")
    pattern = {"detail": {"eventName": ["CreateQueue"], "requestParameters": {"queueName": [queue]}}}
    events.put_rule(Name=name, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arn}])
    put({"service": "sqs", "operation": "CreateQueue", "fault": "duplicate_delivery"})
    root_client(emulator, "sqs").create_queue(QueueName=queue)
    emulator.clock.advance(3600)
    lab.settle()
    ids = [event["detail"]["eventID"] for event in lab.bodies(url)]
    assert (len(ids), len(set(ids))) == (2, 1)
