"""Step Functions Execution Status Change on the default bus."""

from __future__ import annotations

import json
from typing import Any

import pytest
from moto.events.models import EventsBackend


@pytest.fixture(scope="module")
def queue(emulator: Any) -> str:
    sqs, events = emulator.clients.client("sqs"), emulator.clients.client("events")
    url = sqs.create_queue(QueueName="status")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    pattern = {"source": ["aws.states"], "detail-type": ["Step Functions Execution Status Change"]}
    events.put_rule(Name="status", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="status", Targets=[{"Id": "q", "Arn": arn}])
    return str(url)


@pytest.fixture
def events(emulator: Any, queue: str) -> Any:
    def received() -> list[dict[str, Any]]:
        sqs = emulator.clients.client("sqs")
        found = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
        for message in found:
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"]) for message in found]

    received()
    return received


def test_running_and_succeeded_are_told_with_input_and_output(workflows: Any, one: Any, events: Any) -> None:
    described = workflows.run(one({"Type": "Pass", "Output": {"o": "é"}}), {"q": 1})
    running, succeeded = events()
    assert running["source"] == "aws.states"
    assert running["region"] == "eu-west-1"
    assert running["resources"] == [described["executionArn"]]
    start = int(described["startDate"].timestamp() * 1000)
    common = {
        "executionArn": described["executionArn"],
        "stateMachineArn": described["stateMachineArn"],
        "stateMachineVersionArn": None,
        "stateMachineAliasArn": None,
        "name": described["name"],
        "startDate": start,
        "input": '{"q": 1}',
        "inputDetails": {"included": True},
        "error": None,
        "cause": None,
        "redriveCount": 0,
        "redriveDate": None,
        "redriveStatus": "NOT_REDRIVABLE",
        "redriveStatusReason": None,
    }
    assert running["detail"] == {**common, "status": "RUNNING", "stopDate": None, "output": None, "outputDetails": None}
    assert succeeded["detail"] == {
        **common,
        "status": "SUCCEEDED",
        "stopDate": int(described["stopDate"].timestamp() * 1000),
        "output": '{"o":"é"}',
        "outputDetails": {"included": True},
    }


@pytest.mark.parametrize(
    ("state", "machine", "status", "error"),
    [
        ({"Type": "Fail", "Error": "E", "Cause": "C"}, {}, "FAILED", "E"),
        ({"Type": "Wait", "Seconds": 100}, {"TimeoutSeconds": 50}, "TIMED_OUT", None),
    ],
)
def test_every_end_is_told(
    workflows: Any,
    one: Any,
    events: Any,
    *,
    state: dict[str, Any],
    machine: dict[str, Any],
    status: str,
    error: str | None,
) -> None:
    workflows.run(one(state, **machine))
    details = [event["detail"] for event in events()]
    assert [(detail["status"], detail["error"]) for detail in details] == [("RUNNING", None), (status, error)]


def test_a_stopped_execution_is_told_as_aborted(workflows: Any, one: Any, events: Any) -> None:
    workflows.clock.hold(held=True)
    arn = workflows.start(one({"Type": "Wait", "Seconds": 100}))
    workflows.client.stop_execution(executionArn=arn, error="Operator", cause="enough")
    workflows.clock.hold(held=False)
    details = [event["detail"] for event in events()]
    assert [(detail["status"], detail["error"], detail["cause"]) for detail in details] == [
        ("RUNNING", None, None),
        ("ABORTED", "Operator", "enough"),
    ]


def test_data_that_is_too_large_for_an_event_is_left_out(workflows: Any, one: Any, events: Any) -> None:
    workflows.run(one({"Type": "Pass"}), "x" * 200_000)
    running, succeeded = (event["detail"] for event in events())
    assert running["inputDetails"] == {"included": True}
    assert (succeeded["input"], succeeded["output"]) == (None, None)
    assert succeeded["inputDetails"] == succeeded["outputDetails"] == {"included": False}


def test_an_execution_ends_whatever_becomes_of_its_event(
    workflows: Any, one: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("the bus is broken")

    monkeypatch.setattr(EventsBackend, "put_events", broken)
    assert workflows.run(one({"Type": "Pass"}))["status"] == "SUCCEEDED"
    assert "the bus is broken" in caplog.text
