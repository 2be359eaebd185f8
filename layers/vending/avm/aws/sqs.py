"""The dead-letter queues: what could not be taken, why, and the way back."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from avm.aws.errors import translated
from avm.contracts.queue_message import MESSAGE_ID, SENDER, DeadLetter, QueueMessage, origin_of
from avm.domain.errors import DeadLetterNotFound
from avm.domain.time import from_epoch_ms

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

MAX_LETTERS = 500
"""How many dead letters a list holds at most."""
MAX_LOOKS = 150
"""How often a queue is asked at most, 10 messages at a time."""


class DeadLetterQueues:
    """The dead-letter queues of the stack, each with the queue that its letters come from."""

    def __init__(self, client: SQSClient, queues: Mapping[str, str], own_roles: Collection[str]) -> None:
        """``queues``: URL of a queue -> URL of its dead-letter queue; ``own_roles``: ids of our functions' roles."""
        self._client = client
        self._queues = queues
        self._own_roles = own_roles

    def put(self, queue: str, body: str, attributes: Mapping[str, str]) -> None:
        """Put a message that was taken from ``queue`` (its name) aside."""
        (url,) = (dead for source, dead in self._queues.items() if _name(source) == queue)
        self._send(url, body, attributes)

    def letters(self) -> list[DeadLetter]:
        """Return what the dead-letter queues hold, newest first; MAX_LETTERS at most."""
        found: list[DeadLetter] = []
        for source, dead in self._queues.items():
            for message, _ in self._look(dead):
                if len(found) == MAX_LETTERS:
                    break
                found.append(DeadLetter(_name(source), message))
        return sorted(found, key=lambda letter: letter.sent_at, reverse=True)

    def replay(self, message_id: str) -> DeadLetter:
        """Send a dead letter back to the queue that it comes from, and return it; raises DeadLetterNotFound.

        It is sent first and deleted then: a crash in between leaves it twice, which is the same request, not lost.
        """
        for source, dead in self._queues.items():
            for message, receipt in self._look(dead):
                if message.message_id == message_id:
                    origin = origin_of(message, self._own_roles)
                    self._send(source, message.body, {MESSAGE_ID: origin.message_id, SENDER: origin.sender})
                    with translated():
                        self._client.delete_message(QueueUrl=dead, ReceiptHandle=receipt)
                    return DeadLetter(_name(source), message)
        raise DeadLetterNotFound(f"no dead-letter queue holds a message '{message_id}'")

    def _send(self, url: str, body: str, attributes: Mapping[str, str]) -> None:
        with translated():
            self._client.send_message(
                QueueUrl=url,
                MessageBody=body,
                MessageAttributes={
                    name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
                },
            )

    def _look(self, url: str) -> Iterator[tuple[QueueMessage, str]]:
        """Yield the messages of a queue, each once, with a receipt handle to delete it by.

        With a visibility time-out of 0 a message that is looked at stays visible, to the next who lists and to a
        replay. The price: SQS gives any ten, the same ones again as well, so it is asked until as many have come as it
        says that it holds (its number is approximate, so once more), but not for ever.
        """
        names: Sequence[Any] = ["ApproximateNumberOfMessages"]
        with translated():
            answer = self._client.get_queue_attributes(QueueUrl=url, AttributeNames=names)
        expected = int(answer["Attributes"]["ApproximateNumberOfMessages"])
        seen: set[str] = set()
        for _ in range(MAX_LOOKS):
            with translated():
                messages = self._client.receive_message(
                    QueueUrl=url,
                    MaxNumberOfMessages=10,
                    VisibilityTimeout=0,
                    MessageSystemAttributeNames=["SenderId", "SentTimestamp"],
                    MessageAttributeNames=["All"],
                ).get("Messages", [])
            fresh = [message for message in messages if message["MessageId"] not in seen]
            for message in fresh:
                seen.add(message["MessageId"])
                yield _message(message), message["ReceiptHandle"]
            if not fresh and len(seen) >= expected:
                return


def _message(message: Mapping[str, Any]) -> QueueMessage:
    return QueueMessage(
        message_id=message["MessageId"],
        body=message["Body"],
        sender=message["Attributes"]["SenderId"],
        sent_at=from_epoch_ms(int(message["Attributes"]["SentTimestamp"])),
        attributes={
            name: value["StringValue"]
            for name, value in message.get("MessageAttributes", {}).items()
            if "StringValue" in value
        },
    )


def _name(url: str) -> str:
    return url.rpartition("/")[2]
