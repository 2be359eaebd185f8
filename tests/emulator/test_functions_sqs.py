"""SQS event sources: batches, failures, dead letters, delays; all on the emulated clock."""

from __future__ import annotations

import hashlib
import json
from functools import partial
from itertools import chain, pairwise
from typing import Any

import pytest
from botocore.exceptions import ClientError

from avm_emulator.context import Emulator
from avm_emulator.engine import Options
from tests.emulator.lab import REGION, Lab, until

PARTIAL = """
import json
def handler(event, context):
    failed = [r["messageId"] for r in event["Records"] if json.loads(r["body"])["fails"]]
    return {"batchItemFailures": [{"itemIdentifier": id} for id in failed]}
"""


@pytest.fixture(scope="module")
def options() -> Options:
    return Options(speed="max", prepare=False, deploy=False, parts=("avm_emulator.functions",))


@pytest.fixture(scope="module")
def lab(emulator: Emulator) -> Lab:
    return Lab(emulator)


def put(lab: Lab, url: str, *bodies: Any, **options: Any) -> None:
    for body in bodies:
        lab.client("sqs").send_message(QueueUrl=url, MessageBody=json.dumps(body), **options)


def batches(lab: Lab, seen: str) -> list[list[Any]]:
    """Return the bodies of each batch that a recorder has seen, in order of time."""
    received = sorted(lab.messages(seen), key=lambda message: int(message["Attributes"]["SentTimestamp"]))
    return [[json.loads(r["body"]) for r in json.loads(m["Body"])["Records"]] for m in received]


def left(lab: Lab, url: str) -> int:
    """Return how many messages a queue holds, visible or not."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    attributes = lab.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return sum(int(attributes[name]) for name in names)


def test_a_message_reaches_the_function_as_lambda_shapes_it_and_is_deleted(lab: Lab) -> None:
    url, arn = lab.queue()
    name, seen = lab.recorder()
    lab.map_queue(arn, name)
    attribute = {"kind": {"DataType": "String", "StringValue": "request"}}
    sent_at = int(lab.clock.now() * 1000)
    put(lab, url, {"n": 1}, MessageAttributes=attribute)
    lab.settle()
    ((record,),) = (event["Records"] for event in lab.bodies(seen))
    assert record["body"] == '{"n": 1}'
    assert record["md5OfBody"] == hashlib.md5(b'{"n": 1}', usedforsecurity=False).hexdigest()
    assert (record["eventSource"], record["eventSourceARN"], record["awsRegion"]) == ("aws:sqs", arn, REGION)
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    assert int(record["attributes"]["SentTimestamp"]) >= sent_at
    assert record["messageAttributes"]["kind"] == {
        "stringValue": "request",
        "stringListValues": [],
        "binaryListValues": [],
        "dataType": "String",
    }
    assert left(lab, url) == 0


def test_messages_that_were_there_before_the_mapping_are_delivered(lab: Lab) -> None:
    url, arn = lab.queue()
    name, seen = lab.recorder()
    put(lab, url, 1)
    lab.map_queue(arn, name)
    lab.settle()
    assert batches(lab, seen) == [[1]]


def test_a_failing_batch_returns_after_the_visibility_time_out_and_ends_in_the_dead_letter_queue(lab: Lab) -> None:
    dead, dead_arn = lab.queue()
    redrive = json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": 3})
    url, arn = lab.queue(VisibilityTimeout="90", RedrivePolicy=redrive)
    name, seen = lab.recorder(fails=True)
    lab.map_queue(arn, name)
    put(lab, url, {"n": 1})
    lab.settle()
    attempts = lab.messages(seen)
    counts = [json.loads(a["Body"])["Records"][0]["attributes"]["ApproximateReceiveCount"] for a in attempts]
    assert sorted(counts) == ["1", "2", "3"]
    times = sorted(int(attempt["Attributes"]["SentTimestamp"]) / 1000 for attempt in attempts)
    assert [later - earlier for earlier, later in pairwise(times)] == pytest.approx([90, 90], abs=0.01)
    assert lab.bodies(dead) == [{"n": 1}]
    assert left(lab, url) == 0


def test_only_the_reported_messages_of_a_batch_return(lab: Lab) -> None:
    dead, dead_arn = lab.queue()
    redrive = json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": 2})
    url, arn = lab.queue(RedrivePolicy=redrive)
    name = lab.function(PARTIAL)
    put(lab, url, {"n": 1, "fails": False}, {"n": 2, "fails": True}, {"n": 3, "fails": False})
    lab.map_queue(arn, name, FunctionResponseTypes=["ReportBatchItemFailures"])
    lab.settle()
    assert lab.bodies(dead) == [{"n": 2, "fails": True}]
    assert left(lab, url) == 0


@pytest.mark.parametrize("answer", ["'all well'", "{'batchItemFailures': [{'itemIdentifier': ''}]}"])
def test_a_report_that_makes_no_sense_fails_the_whole_batch(lab: Lab, answer: str) -> None:
    dead, dead_arn = lab.queue()
    redrive = json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": 1})
    url, arn = lab.queue(RedrivePolicy=redrive)
    name = lab.function(f"def handler(event, context):\n    return {answer}\n")
    put(lab, url, 1, 2)
    lab.map_queue(arn, name, FunctionResponseTypes=["ReportBatchItemFailures"])
    lab.settle()
    assert sorted(lab.bodies(dead)) == [1, 2]


def test_a_batch_holds_no_more_than_its_size(lab: Lab) -> None:
    url, arn = lab.queue()
    name, seen = lab.recorder()
    put(lab, url, *range(7))
    lab.map_queue(arn, name, BatchSize=3)
    lab.settle()
    found = batches(lab, seen)
    assert sorted(map(len, found)) == [1, 3, 3]
    assert sorted(chain.from_iterable(found)) == list(range(7))


def test_a_batching_window_gathers_messages(lab: Lab) -> None:
    url, arn = lab.queue()
    name, seen = lab.recorder()
    lab.map_queue(arn, name, BatchSize=10, MaximumBatchingWindowInSeconds=30)
    began = lab.clock.now()
    with lab.clock.activity():
        put(lab, url, 1, 2, 3)
    lab.settle()
    (event,) = lab.messages(seen)
    assert [json.loads(record["body"]) for record in json.loads(event["Body"])["Records"]] == [1, 2, 3]
    assert int(event["Attributes"]["SentTimestamp"]) >= int(began * 1000) + 30_000


def test_a_full_batch_does_not_wait_for_its_window(lab: Lab) -> None:
    url, arn = lab.queue()
    name, seen = lab.recorder()
    put(lab, url, 1, 2)
    began = lab.clock.now()
    with lab.clock.activity():
        lab.map_queue(arn, name, BatchSize=2, MaximumBatchingWindowInSeconds=300)
    until(lambda: left(lab, seen))
    assert lab.clock.now() < began + 300


def test_a_delayed_message_comes_when_its_time_has_come(lab: Lab) -> None:
    url, arn = lab.queue()
    name, seen = lab.recorder()
    lab.map_queue(arn, name)
    began = lab.clock.now()
    put(lab, url, 1, DelaySeconds=600)
    lab.settle()
    (event,) = lab.messages(seen)
    assert int(event["Attributes"]["SentTimestamp"]) >= int(began * 1000) + 600_000


def test_messages_of_one_group_of_a_fifo_queue_come_in_order(lab: Lab) -> None:
    url, arn = lab.queue(f"{lab.name('queue')}.fifo", FifoQueue="true", ContentBasedDeduplication="true")
    name, seen = lab.recorder()
    lab.map_queue(arn, name, BatchSize=1)
    with lab.clock.activity():
        put(lab, url, *range(5), MessageGroupId="one")
    lab.settle()
    received = lab.messages(seen)
    records = [json.loads(message["Body"])["Records"][0] for message in received]
    assert [json.loads(record["body"]) for record in records] == list(range(5))
    assert {record["attributes"]["MessageGroupId"] for record in records} == {"one"}
    assert left(lab, url) == 0


def test_a_filter_deletes_what_it_does_not_want(lab: Lab) -> None:
    url, arn = lab.queue()
    name, seen = lab.recorder()
    pattern = json.dumps({"body": {"kind": ["request"]}})
    lab.map_queue(arn, name, FilterCriteria={"Filters": [{"Pattern": pattern}]})
    put(lab, url, {"kind": "noise"}, {"kind": "request"})
    lab.settle()
    assert batches(lab, seen) == [[{"kind": "request"}]]
    assert left(lab, url) == 0


def test_a_mapping_can_be_switched_off_and_on(lab: Lab) -> None:
    url, arn = lab.queue()
    name, seen = lab.recorder()
    mapping = lab.map_queue(arn, name, Enabled=False)
    put(lab, url, 1)
    lab.settle()
    assert left(lab, url) == 1
    lab.client("lambda").update_event_source_mapping(UUID=mapping, Enabled=True)
    lab.settle()
    assert batches(lab, seen) == [[1]]


def test_a_deleted_mapping_delivers_nothing(lab: Lab) -> None:
    url, arn = lab.queue()
    mapping = lab.map_queue(arn, lab.function(PARTIAL))
    lab.client("lambda").delete_event_source_mapping(UUID=mapping)
    put(lab, url, 1)
    lab.settle()
    assert left(lab, url) == 1


def test_a_visibility_time_out_shorter_than_the_functions_time_out_is_refused(lab: Lab) -> None:
    _, arn = lab.queue(VisibilityTimeout="20")
    name = lab.function(PARTIAL, Timeout=60)
    with pytest.raises(ClientError, match="20 seconds is less than Function timeout: 60 seconds"):
        lab.map_queue(arn, name)


def test_no_message_of_many_senders_is_lost_or_doubled(lab: Lab) -> None:
    url, arn = lab.queue()
    name, seen = lab.recorder()
    lab.map_queue(arn, name, BatchSize=4)
    for number in range(40):
        lab.clock.submit(partial(put, lab, url, number))
    lab.settle()
    assert sorted(chain.from_iterable(batches(lab, seen))) == list(range(40))
    assert left(lab, url) == 0


def test_a_long_poll_ends_when_a_message_comes(lab: Lab) -> None:
    url, _ = lab.queue()
    with lab.clock.activity():
        lab.clock.call_later(5, lambda: put(lab, url, 1))
    began = lab.clock.now()
    answer = lab.client("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=20)
    assert [message["Body"] for message in answer["Messages"]] == ["1"]
    assert lab.clock.now() < began + 20


def test_a_long_poll_ends_without_message_after_its_time(lab: Lab) -> None:
    url, _ = lab.queue()
    began = lab.clock.now()
    assert "Messages" not in lab.client("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=20)
    assert lab.clock.now() == pytest.approx(began + 20, abs=1)


def test_a_long_poll_behind_a_busy_message_group_ends_after_its_time(lab: Lab) -> None:
    url, _ = lab.queue(
        f"{lab.name('queue')}.fifo", FifoQueue="true", ContentBasedDeduplication="true", VisibilityTimeout="600"
    )
    put(lab, url, 1, 2, MessageGroupId="one")
    assert lab.client("sqs").receive_message(QueueUrl=url)["Messages"]
    assert "Messages" not in lab.client("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=10)
