"""The targets of EventBridge Scheduler: a call in the schedule's role, templated or universal.

Facts: Scheduler user guide, "Managing targets", "Adding context attributes", "Configuring a dead-letter queue".
"""

from __future__ import annotations

import json
import secrets
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore import xform_name
from botocore.exceptions import BotoCoreError

from avm_emulator.delivery.attempts import SERVICE_ERRORS, DeadLetter, Deliveries, Delivery, DeliveryError, RetryPolicy
from avm_emulator.delivery.targets import assumable_role
from avm_emulator.errors import NOT_IMPLEMENTED, AwsError

if TYPE_CHECKING:
    from avm_emulator.context import Emulator

SERVICE = "scheduler.amazonaws.com"
_UNIVERSAL = "arn:aws:scheduler:::aws-sdk:"
_SDK_NAMES = {"eventbridge": "events", "sfn": "stepfunctions", "cloudwatchlogs": "logs", "ssoadmin": "sso-admin"}
"""Services that the SDK for Java, whose names universal targets bear, calls otherwise than boto3."""


class SchedulerTargets:
    """Makes the calls of schedules. ``schedule`` is always moto's."""

    def __init__(self, emulator: Emulator, deliveries: Deliveries) -> None:
        """``deliveries`` see each call through its retries."""
        self._emulator = emulator
        self._deliveries = deliveries
        self._kinds: dict[str, tuple[str, Callable[[Mapping[str, Any], str], tuple[str, dict[str, Any]]]]] = {
            "lambda": ("lambda", _invoke),
            "states": ("stepfunctions", _start_execution),
            "sqs": ("sqs", self._send_message),
            "sns": ("sns", _publish),
            "events": ("events", _put_events),
        }

    def check(self, target: Mapping[str, Any]) -> None:
        """Refuse a target that nobody here can call.

        Raises:
            AwsError: its kind is not modelled.
        """
        arn = target["Arn"]
        if not arn.startswith(_UNIVERSAL) and arn.split(":")[2] not in self._kinds:
            message = f"EventBridge Scheduler target {arn} is not modelled"
            raise AwsError(NOT_IMPLEMENTED, message)

    def start(self, schedule: Any, time: float) -> None:
        """Make the call of the schedule that was due at ``time`` (epoch seconds), with its retries."""
        scheduled_time = datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        execution_id = secrets.token_hex(8)
        self._deliveries.start(
            Delivery(
                name=f"schedule {schedule.name} to {schedule.target['Arn']}",
                send=partial(self._send, schedule, scheduled_time, execution_id),
                give_up=partial(self._give_up, schedule, scheduled_time, execution_id),
                policy=RetryPolicy.of(schedule.target),
            )
        )

    def _send(self, schedule: Any, scheduled_time: str, execution_id: str, attempt: int) -> None:
        target = schedule.target
        text = _input(schedule, scheduled_time, execution_id, attempt)
        service, operation, parameters = self._call(target, text)
        try:
            client = self._client(service, schedule)
            getattr(client, operation)(**parameters)
        except SERVICE_ERRORS as error:
            raise DeliveryError.of(error) from error
        except (BotoCoreError, AttributeError, TypeError) as error:
            message = f"{target['Arn']}: {error}"
            raise DeliveryError("INVALID_PARAMETER", message) from error

    def _call(self, target: Mapping[str, Any], text: str) -> tuple[str, str, dict[str, Any]]:
        """Return the service, the method and its parameters, all named as boto3 names them."""
        arn = target["Arn"]
        if arn.startswith(_UNIVERSAL):
            service, operation = arn.removeprefix(_UNIVERSAL).split(":")
            return _SDK_NAMES.get(service, service), _boto3_name(operation), json.loads(text)
        service, prepare = self._kinds[arn.split(":")[2]]
        return service, *prepare(target, text)

    def _client(self, service: str, schedule: Any) -> Any:
        _, _, _, region, account_id, _ = schedule.arn.split(":")
        role = assumable_role(schedule.target["RoleArn"], SERVICE, {"aws:SourceAccount": account_id})
        return self._emulator.clients.client(service, region, role_arn=role, session_name=schedule.name)

    def _send_message(self, target: Mapping[str, Any], text: str) -> tuple[str, dict[str, Any]]:
        return "send_message", {
            "QueueUrl": self._queue_url(target["Arn"]),
            "MessageBody": text,
            **target.get("SqsParameters", {}),
        }

    def _queue_url(self, arn: str) -> str:
        *_, account_id, name = arn.split(":")
        return f"{self._emulator.endpoint_url}/{account_id}/{name}"

    def _give_up(self, schedule: Any, scheduled_time: str, execution_id: str, letter: DeadLetter) -> None:
        arn = (schedule.target.get("DeadLetterConfig") or {}).get("Arn")
        if not arn:
            return
        attributes = {
            **letter.attributes(),
            "EXECUTION_ID": execution_id,
            "IS_PAYLOAD_TRUNCATED": "false",
            "SCHEDULED_TIME": scheduled_time,
            "SCHEDULE_ARN": schedule.arn,
            "TARGET_ARN": schedule.target["Arn"],
        }
        # In the schedule's role, which is how Scheduler reaches the queue; what fails here is logged by the clock.
        self._client("sqs", schedule).send_message(
            QueueUrl=self._queue_url(arn),
            MessageBody=_input(schedule, scheduled_time, execution_id, letter.retries + 1),
            MessageAttributes={
                name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
            },
        )


def _input(schedule: Any, scheduled_time: str, execution_id: str, attempt: int) -> str:
    text = schedule.target.get("Input") or json.dumps(
        {
            "version": "0",
            "id": str(uuid.uuid4()),
            "detail-type": "Scheduled Event",
            "source": "aws.scheduler",
            "account": schedule.arn.split(":")[4],
            "time": scheduled_time,
            "region": schedule.arn.split(":")[3],
            "resources": [schedule.arn],
            "detail": "{}",
        }
    )
    for name, value in (
        ("schedule-arn", schedule.arn),
        ("scheduled-time", scheduled_time),
        ("execution-id", execution_id),
        ("attempt-number", str(attempt)),
    ):
        text = text.replace(f"<aws.scheduler.{name}>", value)
    return str(text)


def _invoke(target: Mapping[str, Any], text: str) -> tuple[str, dict[str, Any]]:
    return "invoke", {"FunctionName": target["Arn"], "InvocationType": "Event", "Payload": text}


def _start_execution(target: Mapping[str, Any], text: str) -> tuple[str, dict[str, Any]]:
    return "start_execution", {"stateMachineArn": target["Arn"], "input": text}


def _publish(target: Mapping[str, Any], text: str) -> tuple[str, dict[str, Any]]:
    return "publish", {"TopicArn": target["Arn"], "Message": text}


def _put_events(target: Mapping[str, Any], text: str) -> tuple[str, dict[str, Any]]:
    entry = {"EventBusName": target["Arn"], "Detail": text, **target["EventBridgeParameters"]}
    return "put_events", {"Entries": [entry]}


def _boto3_name(operation: str) -> str:
    """Return the name of boto3's method for ``createAccount``."""
    return str(xform_name(operation[:1].upper() + operation[1:]))
