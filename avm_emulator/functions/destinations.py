"""Where asynchronous invocations end: records and dead letters, sent in the function's own role."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from avm_emulator.context import Emulator

log = logging.getLogger(__name__)


class Destinations:
    """Sends to queues, topics, functions and buses; a failure is logged, as AWS only counts it in a metric."""

    def __init__(self, emulator: Emulator) -> None:
        """``emulator`` gives the clients."""
        self._emulator = emulator

    def send_dead_letter(
        self, function: Any, target_arn: str, payload: bytes, attributes: Mapping[str, tuple[str, str]]
    ) -> None:
        """Send the event itself to the function's dead-letter queue or topic.

        Args:
            function: moto's function.
            target_arn: queue or topic of its DeadLetterConfig.
            payload: the event.
            attributes: message attributes: data type and value by name.
        """
        wire = {name: {"DataType": kind, "StringValue": value} for name, (kind, value) in attributes.items()}
        body = payload.decode()

        def send(service: str, client: Any) -> None:
            if service == "sqs":
                client.send_message(QueueUrl=self._queue_url(target_arn), MessageBody=body, MessageAttributes=wire)
            elif service == "sns":
                client.publish(TopicArn=target_arn, Message=body, MessageAttributes=wire)
            else:
                _refuse(target_arn, "a dead-letter target is a queue or a topic")

        self._send(function, target_arn, send)

    def send_record(self, function: Any, destination_arn: str, record: dict[str, Any], *, succeeded: bool) -> None:
        """Send the record of an invocation to the destination of its kind."""
        body = json.dumps(record)
        result = "Success" if succeeded else "Failure"

        def send(service: str, client: Any) -> None:
            if service == "sqs":
                client.send_message(QueueUrl=self._queue_url(destination_arn), MessageBody=body)
            elif service == "sns":
                client.publish(TopicArn=destination_arn, Message=body)
            elif service == "lambda":
                client.invoke(FunctionName=destination_arn, InvocationType="Event", Payload=body)
            elif service == "events":
                client.put_events(
                    Entries=[
                        {
                            "EventBusName": destination_arn,
                            "Source": "lambda",
                            "DetailType": f"Lambda Function Invocation Result - {result}",
                            "Resources": [destination_arn, record["requestContext"]["functionArn"]],
                            "Detail": body,
                        }
                    ]
                )
            else:
                _refuse(destination_arn, "a destination is a queue, topic, function or bus (buckets are not modelled)")

        self._send(function, destination_arn, send)

    def _send(self, function: Any, arn: str, send: Any) -> None:
        _, _, service, region, *_ = arn.split(":")
        try:
            client = self._emulator.clients.client(
                service, region, role_arn=function.role, session_name=function.function_name
            )
            send(service, client)
        except (ClientError, BotoCoreError, ValueError) as error:
            log.warning("%s could not send to its destination %s: %s", function.function_name, arn, error)

    def _queue_url(self, arn: str) -> str:
        *_, account_id, name = arn.split(":")
        return f"{self._emulator.endpoint_url}/{account_id}/{name}"


def _refuse(arn: str, reason: str) -> None:
    message = f"{arn}: {reason}"
    raise ValueError(message)
