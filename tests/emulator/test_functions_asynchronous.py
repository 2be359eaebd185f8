"""Asynchronous invocations: accepted at once, tried three times, recorded where they end."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from botocore.exceptions import ClientError

from avm_emulator.context import Emulator
from avm_emulator.engine import Options
from tests.emulator.lab import Lab


@pytest.fixture(scope="module")
def options() -> Options:
    parts = ("avm_emulator.functions", "avm_emulator.delivery")
    return Options(speed="max", prepare=False, deploy=False, parts=parts)


@pytest.fixture(scope="module")
def lab(emulator: Emulator) -> Lab:
    return Lab(emulator)


def send(lab: Lab, name: str, payload: Any) -> None:
    lab.client("lambda").invoke(FunctionName=name, InvocationType="Event", Payload=json.dumps(payload))


def on(lab: Lab, name: str, **config: Any) -> None:
    lab.client("lambda").put_function_event_invoke_config(FunctionName=name, **config)


def test_an_event_is_accepted_before_the_function_runs(lab: Lab) -> None:
    name, seen = lab.recorder()
    with lab.clock.activity():
        answer = lab.client("lambda").invoke(FunctionName=name, InvocationType="Event", Payload=b'{"n": 1}')
        assert answer["StatusCode"] == 202
        assert answer["Payload"].read() == b""
        assert "FunctionError" not in answer
    lab.settle()
    assert lab.bodies(seen) == [{"n": 1}]


def test_a_failing_event_is_tried_again_after_one_and_two_minutes(lab: Lab) -> None:
    name, seen = lab.recorder(fails=True)
    send(lab, name, {"n": 1})
    lab.settle()
    attempts = lab.messages(seen)
    assert [json.loads(attempt["Body"]) for attempt in attempts] == [{"n": 1}] * 3
    times = sorted(int(attempt["Attributes"]["SentTimestamp"]) / 1000 for attempt in attempts)
    assert [later - earlier for earlier, later in pairwise(times)] == pytest.approx([60, 120], abs=0.01)


def test_what_fails_for_good_goes_to_the_dead_letter_queue(lab: Lab) -> None:
    dead, dead_arn = lab.queue()
    name = lab.function(
        "def handler(event, context):\n    raise RuntimeError('on purpose')\n", DeadLetterConfig={"TargetArn": dead_arn}
    )
    send(lab, name, {"n": 1})
    lab.settle()
    (letter,) = lab.messages(dead)
    assert json.loads(letter["Body"]) == {"n": 1}
    attributes = lab.attributes(letter)
    assert set(attributes) == {"RequestID", "ErrorCode", "ErrorMessage"}
    assert (attributes["ErrorCode"], attributes["ErrorMessage"]) == ("200", "on purpose")
    configuration = lab.client("lambda").get_function_configuration(FunctionName=name)
    assert configuration["DeadLetterConfig"] == {"TargetArn": dead_arn}


def test_the_record_of_a_failure_goes_to_its_destination(lab: Lab) -> None:
    failed, failed_arn = lab.queue()
    name = lab.function("class NotReady(Exception): pass\ndef handler(event, context):\n    raise NotReady('no')\n")
    on(lab, name, MaximumRetryAttempts=1, DestinationConfig={"OnFailure": {"Destination": failed_arn}})
    send(lab, name, {"n": 1})
    lab.settle()
    (record,) = lab.bodies(failed)
    assert record["version"] == "1.0"
    assert record["requestContext"]["functionArn"] == f"{lab.function_arn(name)}:$LATEST"
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert record["requestContext"]["approximateInvokeCount"] == 2
    assert record["requestPayload"] == {"n": 1}
    assert record["responseContext"] == {
        "statusCode": 200,
        "executedVersion": "$LATEST",
        "functionError": "Unhandled",
    }
    assert record["responsePayload"]["errorType"] == "NotReady"


def test_the_record_of_a_success_goes_to_a_function(lab: Lab) -> None:
    recorder, seen = lab.recorder()
    name = lab.function("def handler(event, context):\n    return {'done': event}\n")
    on(lab, name, DestinationConfig={"OnSuccess": {"Destination": lab.function_arn(recorder)}})
    send(lab, name, 7)
    lab.settle()
    (record,) = lab.bodies(seen)
    assert record["requestContext"]["condition"] == "Success"
    assert record["responsePayload"] == {"done": 7}


def test_the_record_of_a_failure_goes_to_a_bus(lab: Lab) -> None:
    seen, seen_arn = lab.open_queue()
    events = lab.client("events")
    events.put_rule(Name="failures", EventPattern=json.dumps({"source": ["lambda"]}))
    events.put_targets(Rule="failures", Targets=[{"Id": "queue", "Arn": seen_arn}])
    name = lab.function("def handler(event, context):\n    raise RuntimeError\n")
    bus = events.describe_event_bus()["Arn"]
    on(lab, name, MaximumRetryAttempts=0, DestinationConfig={"OnFailure": {"Destination": bus}})
    send(lab, name, {})
    lab.settle()
    (event,) = lab.bodies(seen)
    assert event["detail-type"] == "Lambda Function Invocation Result - Failure"
    assert event["resources"] == [bus, f"{lab.function_arn(name)}:$LATEST"]
    assert event["detail"]["requestContext"]["condition"] == "RetriesExhausted"


def test_the_record_of_a_failure_goes_to_a_topic(lab: Lab) -> None:
    seen, seen_arn = lab.queue()
    topic = lab.client("sns").create_topic(Name="failures")["TopicArn"]
    lab.client("sns").subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=seen_arn, Attributes={"RawMessageDelivery": "true"}
    )
    name = lab.function("def handler(event, context):\n    raise RuntimeError\n")
    on(lab, name, MaximumRetryAttempts=0, DestinationConfig={"OnFailure": {"Destination": topic}})
    send(lab, name, {})
    lab.settle()
    assert [record["requestContext"]["condition"] for record in lab.bodies(seen)] == ["RetriesExhausted"]


def test_an_event_that_is_too_old_is_not_tried_again(lab: Lab) -> None:
    failed, failed_arn = lab.queue()
    name, seen = lab.recorder(fails=True)
    on(lab, name, MaximumEventAgeInSeconds=100, DestinationConfig={"OnFailure": {"Destination": failed_arn}})
    send(lab, name, {})
    lab.settle()
    assert len(lab.bodies(seen)) == 2
    assert [record["requestContext"]["condition"] for record in lab.bodies(failed)] == ["EventAgeExceeded"]


def test_a_second_configuration_replaces_the_first_and_an_update_adds_to_it(lab: Lab) -> None:
    client = lab.client("lambda")
    name = lab.function("def handler(event, context):\n    pass\n")
    on(lab, name, MaximumRetryAttempts=2)
    on(lab, name, MaximumRetryAttempts=0)
    client.update_function_event_invoke_config(FunctionName=name, MaximumEventAgeInSeconds=60)
    config = client.get_function_event_invoke_config(FunctionName=name)
    assert (config["MaximumRetryAttempts"], config["MaximumEventAgeInSeconds"]) == (0, 60)


def test_throttled_events_wait_for_their_turn(lab: Lab) -> None:
    name, seen = lab.recorder()
    lab.client("lambda").put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=1)
    with lab.clock.activity():
        for number in range(4):
            send(lab, name, number)
    lab.settle()
    assert sorted(lab.bodies(seen)) == [0, 1, 2, 3]


def test_a_function_without_concurrency_gives_its_events_up_at_once(lab: Lab) -> None:
    failed, failed_arn = lab.queue()
    name, seen = lab.recorder()
    lab.client("lambda").put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    on(lab, name, DestinationConfig={"OnFailure": {"Destination": failed_arn}})
    began = lab.clock.now()
    send(lab, name, {})
    lab.settle()
    assert lab.clock.now() == began
    assert lab.bodies(seen) == []
    (record,) = lab.bodies(failed)
    assert "responseContext" not in record


def test_a_destination_that_cannot_be_reached_is_said_in_the_log(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    name = lab.function("def handler(event, context):\n    pass\n")
    missing = "arn:aws:sqs:eu-west-1:123456789012:missing"
    on(lab, name, DestinationConfig={"OnSuccess": {"Destination": missing}})
    send(lab, name, {})
    lab.settle()
    assert f"{name} could not send to its destination {missing}" in caplog.text


def test_a_payload_beyond_the_limit_is_refused(lab: Lab) -> None:
    name = lab.function("def handler(event, context):\n    pass\n")
    with pytest.raises(ClientError) as refusal:
        send(lab, name, "x" * 1_100_000)
    assert refusal.value.response["Error"]["Code"] == "RequestTooLargeException"
