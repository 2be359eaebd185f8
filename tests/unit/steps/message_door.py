"""A door whose requests come as messages, for the tests of its step."""

import json
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from avm.aws.sqs import DeadLetterQueues
from avm.steps.messages import Input, Output
from tests.unit.steps.conftest import World

ARN = "arn:aws:sqs:eu-west-1:123456789012:requests"


class Door:
    """The door of one world: its dead-letter queue, and a workflow that is only noted."""

    def __init__(self, world: World, step: ModuleType) -> None:
        self.world = world
        self.step = step
        sqs = world.emulator.clients.client("sqs")
        source = f"https://sqs/123456789012/requests-{world.number}"
        dead = sqs.create_queue(QueueName=f"dead-{world.number}")["QueueUrl"]
        world.gateways.own_roles = {"AROAOURS"}
        world.gateways.dead_letters = DeadLetterQueues(sqs, {source: dead}, {"AROAOURS"})
        self.started: list[tuple[str, int]] = []
        world.gateways.workflows = self  # type: ignore[assignment]

    def start_vend(self, request_id: str, attempt: int) -> None:
        self.started.append((request_id, attempt))

    def take(self, body: object, **message: Any) -> Output:
        output: Output = self.step.run(self._record(body, **message), self.world.gateways)
        return output

    def give_up(self, body: object, error: Exception, *, receives: int) -> bool:
        given_up: bool = self.step.give_up(self._record(body, receives=receives), error, self.world.gateways)
        return given_up

    def letters(self) -> list[dict[str, Any]]:
        return [letter.view() for letter in self.world.gateways.dead_letters.letters()]

    def carried(self) -> Mapping[str, str]:
        """Return what the only dead letter says of itself."""
        (letter,) = self.world.gateways.dead_letters.letters()
        return letter.message.attributes

    def _record(
        self,
        body: object,
        *,
        message_id: str = "m-1",
        sender: str = "AIDAJANE",
        attributes: Mapping[str, str] | None = None,
        receives: int = 1,
    ) -> Input:
        record = {
            "messageId": message_id,
            "body": body if isinstance(body, str) else json.dumps(body),
            "attributes": {
                "SenderId": sender,
                "SentTimestamp": "1767225600000",
                "ApproximateReceiveCount": str(receives),
            },
            "messageAttributes": {
                name: {"stringValue": value, "dataType": "String"} for name, value in (attributes or {}).items()
            },
            "eventSourceARN": f"{ARN}-{self.world.number}",
        }
        return Input.model_validate(record)


def good(**fields: Any) -> dict[str, Any]:
    return {
        "name": "by-message",
        "type": "sandbox",
        "owner": "jane.doe@example.com",
        "cost_center": "CC-1042",
        "purpose": "x",
        **fields,
    }
