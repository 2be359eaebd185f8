"""The targets of EventBridge rules: how each kind takes an event, and who must have allowed it.

Functions, queues and topics are guarded by their resource policies, which must let ``events.amazonaws.com`` in with
the rule as SourceArn; state machines and buses of other accounts are reached in the target's role (EventBridge user
guide, "Using resource-based policies", "Using IAM roles").
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from moto.awslambda.models import lambda_backends
from moto.events.models import events_backends
from moto.iam.models import iam_backends
from moto.logs.models import logs_backends
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends

from avm_emulator.delivery.attempts import SERVICE_ERRORS, DeliveryError
from avm_emulator.functions.permissions import Request, allows, organization_key

if TYPE_CHECKING:
    from avm_emulator.context import Emulator

SERVICE = "events.amazonaws.com"


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
        _demand(rule, {"Statement": function.policy.statements}, "lambda:InvokeFunction", arn)
        # EventBridge invokes asynchronously: Lambda's own queue retries what the function fails at.
        function.invoke(text, {"x-amz-invocation-type": "Event"}, {})

    def _send_message(self, rule: Any, target: Mapping[str, Any], _event: Mapping[str, Any], text: str) -> None:
        *_, region, account_id, name = target["Arn"].split(":")
        backend = sqs_backends[account_id][region]
        queue = backend.get_queue(name)
        _demand(rule, json.loads(queue.policy or "{}"), "sqs:SendMessage", target["Arn"])
        backend.send_message(name, text, group_id=target.get("SqsParameters", {}).get("MessageGroupId"))

    def _publish(self, rule: Any, target: Mapping[str, Any], _event: Mapping[str, Any], text: str) -> None:
        *_, region, account_id, _ = target["Arn"].split(":")
        backend = sns_backends[account_id][region]
        topic = backend.get_topic(target["Arn"])
        # EventBridge shows topics no condition keys (user guide, "Using resource-based policies")
        if not allows(json.loads(topic.policy), Request(SERVICE, "sns:Publish", target["Arn"])):
            raise _not_permitted(rule, "sns:Publish", target["Arn"])
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
        role = target.get("RoleArn")
        if role is not None:
            assumable_role(role, SERVICE, _source(rule))
        if role is None or account_id != rule.account_id:
            context = {"aws:SourceArn": rule.arn} | organization_key(rule.account_id)
            _demand_account(
                json.loads(bus.policy or "{}"), Request(rule.account_id, "events:PutEvents", bus.arn, context)
            )
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
    _, partition, _, _, account_id, _ = role_arn.split(":")
    for role in iam_backends[account_id][partition].roles.values():
        if role.arn == role_arn:
            trust = json.loads(role.assume_role_policy_document)
            if allows(trust, Request(service, "sts:AssumeRole", role_arn, source)):
                return role_arn
    message = f"{service} is not authorized to perform: sts:AssumeRole on resource: {role_arn}"
    raise DeliveryError("FAILED_TO_ASSUME_ROLE", message)


def _source(rule: Any) -> dict[str, str]:
    return {"aws:SourceArn": rule.arn, "aws:SourceAccount": rule.account_id}


def _demand(rule: Any, policy: Mapping[str, Any], action: str, resource: str) -> None:
    if not allows(policy, Request(SERVICE, action, resource, _source(rule))):
        raise _not_permitted(rule, action, resource)


def _not_permitted(rule: Any, action: str, resource: str) -> DeliveryError:
    message = f"{SERVICE} for {rule.arn} is not authorized to perform: {action} on resource: {resource}"
    return DeliveryError("NO_PERMISSIONS", message)


def _demand_account(policy: Mapping[str, Any], request: Request) -> None:
    if not allows(policy, request):
        message = f"account {request.principal} is not authorized to perform: {request.action} on {request.resource}"
        raise DeliveryError("NO_PERMISSIONS", message)
