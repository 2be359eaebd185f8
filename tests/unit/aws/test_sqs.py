"""The dead-letter queues, at an SQS that gives any ten messages."""

import random
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from avm.aws.sqs import MAX_LETTERS, MAX_LOOKS, DeadLetterQueues
from avm.domain.errors import DeadLetterNotFound, Throttled
from tests.unit.aws.test_errors import client_error

URL = "https://sqs.eu-west-1.amazonaws.com/123456789012"
OURS = {"AROAAPI"}


class Sampling:
    """An SQS client whose queues hold what they hold, and show any of it; it remembers what is asked."""

    def __init__(self, **queues: list[dict[str, Any]]) -> None:
        self.queues = queues
        self.asked: list[str] = []
        self.chance = random.Random(1)  # noqa: S311 - no secret, and the same in each run

    def get_queue_attributes(self, **call: Any) -> dict[str, Any]:
        held = len(self.queues[call["QueueUrl"].rpartition("/")[2]])
        return {"Attributes": {"ApproximateNumberOfMessages": str(held)}}

    def receive_message(self, **call: Any) -> dict[str, Any]:
        assert call["VisibilityTimeout"] == 0
        self.asked.append("receive")
        held = self.queues[call["QueueUrl"].rpartition("/")[2]]
        return {"Messages": self.chance.sample(held, min(10, len(held)))} if held else {}

    def send_message(self, **call: Any) -> None:
        self.asked.append(f"send {call['QueueUrl'].rpartition('/')[2]} {call['MessageBody']}")

    def delete_message(self, **call: Any) -> None:
        self.asked.append(f"delete {call['QueueUrl'].rpartition('/')[2]} {call['ReceiptHandle']}")


def held(*numbers: int) -> list[dict[str, Any]]:
    return [
        {
            "MessageId": f"m-{number}",
            "ReceiptHandle": f"r-{number}",
            "Body": f"body {number}",
            "Attributes": {"SenderId": "AIDA", "SentTimestamp": str(number * 1000)},
        }
        for number in numbers
    ]


def queues(client: Any) -> DeadLetterQueues:
    return DeadLetterQueues(client, {f"{URL}/one": f"{URL}/one-dead", f"{URL}/two": f"{URL}/two-dead"}, OURS)


def test_all_letters_of_all_queues_are_listed_once_newest_first() -> None:
    client = Sampling(**{"one-dead": held(*range(0, 120, 2)), "two-dead": held(*range(1, 120, 2))})
    letters = queues(client).letters()
    assert [letter.message.message_id for letter in letters] == [f"m-{number}" for number in reversed(range(120))]
    assert {letter.queue for letter in letters} == {"one", "two"}


def test_empty_queues_are_asked_once() -> None:
    client = Sampling(**{"one-dead": [], "two-dead": []})
    assert queues(client).letters() == []
    assert client.asked == ["receive"] * 2


def test_looking_ends_where_there_is_no_end() -> None:
    client = Sampling(**{"one-dead": held(*range(5000)), "two-dead": []})
    assert len(queues(client).letters()) == MAX_LETTERS
    with pytest.raises(DeadLetterNotFound, match="nowhere"):
        queues(Sampling(**{"one-dead": held(*range(5000)), "two-dead": []})).replay("nowhere")
    assert client.asked.count("receive") <= MAX_LOOKS + 1


def test_a_letter_is_sent_back_to_its_own_queue_before_it_is_deleted() -> None:
    client = Sampling(**{"one-dead": held(1), "two-dead": held(2)})
    assert queues(client).replay("m-2").message.body == "body 2"
    assert [asked for asked in client.asked if asked != "receive"] == ["send two body 2", "delete two-dead r-2"]


def test_an_error_of_sqs_is_one_of_the_domain() -> None:
    client = Sampling()

    def throttled(**_: Any) -> dict[str, Any]:
        raise client_error("RequestThrottled")

    client.get_queue_attributes = throttled  # type: ignore[method-assign]
    with pytest.raises(Throttled):
        queues(client).letters()


@pytest.fixture
def sqs(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        yield boto3.client("sqs", region_name="eu-west-1")


def test_what_is_put_aside_is_a_letter_with_its_attributes_until_it_is_sent_back(sqs: Any) -> None:
    source, dead = (sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("requests", "requests-dead"))
    table = DeadLetterQueues(sqs, {source: dead}, OURS)
    table.put("requests", "{}", {"code": "NameTaken", "message_id": "m-1", "sender": "AIDAJANE"})
    (letter,) = table.letters()
    assert (letter.queue, letter.message.body, letter.message.attributes["code"]) == ("requests", "{}", "NameTaken")
    assert table.letters() == [letter]
    table.replay(letter.message.message_id)
    assert table.letters() == []
    (sent,) = sqs.receive_message(QueueUrl=source, MessageAttributeNames=["All"])["Messages"]
    # nothing of ours has sent the letter here, so it comes from who has
    assert sent["MessageAttributes"]["message_id"]["StringValue"] == letter.message.message_id
