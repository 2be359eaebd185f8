"""The targets of EventBridge rules: how each kind takes an event, and who must have allowed it.

Functions, queues and topics are guarded by their resource policies, which must let ``events.amazonaws.com`` in with
the rule as SourceArn; state machines and buses of other accounts are reached in the target's role (EventBridge user
guide, "Using resource-based policies", "Using IAM roles").
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from moto.awslambda.models import lambda_backends
from moto.events.models import events_backends
from moto.logs.models import logs_backends
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends

from avm_emulator.authorization.services import account_may, role_may, service_may
from avm_emulator.delivery.attempts import SERVICE_ERRORS, DeliveryError

if TYPE_CHECKING:
    from avm_emulator.context import Emulator

SERVICE = "events.amazonaws.com"
_PUT = "events:PutEvents"


class RuleTargets:
    """Hands events to targets, one attempt at a time. ``rule`` is always moto's."""

    def __init__(self, emulator: Emulator, forward: Callable[[Any, Mapping[str, Any]], None]) -> None:
        """``forward(bus, event)`` sends an event through the rules of another bus of moto's."""
        self._emulator = emulator
        self._forward = forward
        self._kinds: dict[str, Callable[[Any, Mapping[str, Any], Mapping[str, Any], str], None]] = {
            "lambda": self._invoke,
            "sqs": self._send_message,
            "sns": self._publish,
            "states": self._start_execution,
            "logs": self._put_log_event,
            "events": self._put_event,
        }

    def takes(self, arn: str) -> bool:
        """Return whether a target of this kind is modelled."""
        service, resource = arn.split(":")[2], arn.split(":", 5)[5]
        return service in self._kinds and not resource.startswith("api-destination")

    def send(self, rule: Any, target: Mapping[str, Any], event: Mapping[str, Any], text: str) -> None:
        """Make one attempt.

        Args:
            rule: the rule that matched.
            target: its target, as PutTargets takes it.
            event: the event as it came.
            text: what the target gets.

        Raises:
            DeliveryError: the target did not take it.
        """
        try:
            self._kinds[target["Arn"].split(":")[2]](rule, target, event, text)
        except SERVICE_ERRORS as error:
            raise DeliveryError.of(error) from error

    def _invoke(self, rule: Any, target: Mapping[str, Any], _event: Mapping[str, Any], text: str) -> None:
        arn = target["Arn"]
        function = lambda_backends[arn.split(":")[4]][arn.split(":")[3]].get_function(arn)
        _demand(rule, "lambda:InvokeFunction", arn)
        # EventBridge invokes asynchronously: Lambda's own queue retries what the function fails at.
        function.invoke(text, {"x-amz-invocation-type": "Event"}, {})

    def _send_message(self, rule: Any, target: Mapping[str, Any], _event: Mapping[str, Any], text: str) -> None:
        *_, region, account_id, name = target["Arn"].split(":")
        backend = sqs_backends[account_id][region]
        backend.get_queue(name)
        _demand(rule, "sqs:SendMessage", target["Arn"])
        backend.send_message(name, text, group_id=target.get("SqsParameters", {}).get("MessageGroupId"))

    def _publish(self, rule: Any, target: Mapping[str, Any], _event: Mapping[str, Any], text: str) -> None:
        *_, region, account_id, _ = target["Arn"].split(":")
        backend = sns_backends[account_id][region]
        backend.get_topic(target["Arn"])
        # EventBridge shows topics no condition keys (user guide, "Using resource-based policies")
        _demand(rule, "sns:Publish", target["Arn"], {})
        backend.publish(text, arn=target["Arn"])

    def _start_execution(self, rule: Any, target: Mapping[str, Any], event: Mapping[str, Any], text: str) -> None:
        arn = target["Arn"]
        client = self._emulator.clients.client(
            "stepfunctions",
            arn.split(":")[3],
            role_arn=assumable_role(target.get("RoleArn"), SERVICE, _source(rule)),
            session_name=rule.name,
        )
        # EventBridge offers no way to name an execution (aws-semantics 4): the id of the event and one of its own.
        client.start_execution(stateMachineArn=arn, input=text, name=f"{event['id']}_{uuid.uuid4()}")

    def _put_log_event(self, _rule: Any, target: Mapping[str, Any], event: Mapping[str, Any], text: str) -> None:
        _, _, _, region, account_id, _, group, *_ = target["Arn"].split(":")
        stream = event["id"]
        backend = logs_backends[account_id][region]
        backend.create_log_stream(group, stream)
        now = int(self._emulator.clock.now() * 1000)
        backend.put_log_events(group, stream, [{"timestamp": now, "message": text}])

    def _put_event(self, rule: Any, target: Mapping[str, Any], event: Mapping[str, Any], _text: str) -> None:
        *_, region, account_id, resource = target["Arn"].split(":")
        bus = events_backends[account_id][region].describe_event_bus(resource.removeprefix("event-bus/"))
        role, context = target.get("RoleArn"), {"aws:SourceArn": rule.arn, **_event_keys(event)}
        if role is None:
            who, may = f"account {rule.account_id}", account_may(rule.account_id, _PUT, bus.arn, context)
        else:
            assumable_role(role, SERVICE, _source(rule))
            who, may = role, role_may(role, rule.name, region, (_PUT, bus.arn), context)
        if not may:
            raise DeliveryError("NO_PERMISSIONS", f"{who} is not authorized to perform: {_PUT} on resource: {bus.arn}")
        self._forward(bus, event)


def assumable_role(role_arn: str | None, service: str, source: Mapping[str, str]) -> str:
    """Return the role, if it exists and its trust policy lets the service assume it.

    ``source``: condition keys that say for what the service does (aws:SourceArn, aws:SourceAccount).

    Raises:
        DeliveryError: it does not.
    """
    if role_arn is None:
        message = "the target has no RoleArn"
        raise DeliveryError("FAILED_TO_ASSUME_ROLE", message)
    if service_may(service, "sts:AssumeRole", role_arn, source):
        return role_arn
    message = f"{service} is not authorized to perform: sts:AssumeRole on resource: {role_arn}"
    raise DeliveryError("FAILED_TO_ASSUME_ROLE", message)


def _event_keys(event: Mapping[str, Any]) -> dict[str, str]:
    keys = {"events:detail-type": event["detail-type"], "events:source": event["source"]}
    return {**keys, "events:eventBusInvocation": "true"}


def _source(rule: Any) -> dict[str, str]:
    return {"aws:SourceArn": rule.arn, "aws:SourceAccount": rule.account_id}


def _demand(rule: Any, action: str, resource: str, context: Mapping[str, str] | None = None) -> None:
    if not service_may(SERVICE, action, resource, _source(rule) if context is None else context):
        message = f"{SERVICE} for {rule.arn} is not authorized to perform: {action} on resource: {resource}"
        raise DeliveryError("NO_PERMISSIONS", message)
