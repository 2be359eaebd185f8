"""AWS::Events."""

from __future__ import annotations

import json

from avm_emulator.deploy.resources.base import Created, New, own_resource, resource
from avm_emulator.deploy.shapes import Api

_RULE = ("Description", "EventPattern", "ScheduleExpression", "State", "RoleArn")


@own_resource(
    "AWS::Events::EventBus",
    "Name",
    "Description",
    "KmsKeyIdentifier",
    "Policy",
    "Tags",
    DeadLetterConfig=Api("events", "CreateEventBus", "DeadLetterConfig"),
)
def event_bus(new: New) -> Created:
    """Create a bus and, if given, its policy."""
    name = new.get("Name")
    arn = new.call("events", "CreateEventBus", Tags=new.tag_list(), **new.without("Policy", "Tags"))["EventBusArn"]
    if "Policy" in new:
        new.call("events", "PutPermission", EventBusName=name, Policy=new.get("Policy"))
    return Created(name, {"Arn": arn, "Name": name}, (arn,))


@resource(
    "AWS::Events::EventBusPolicy",
    "EventBusName",
    "StatementId",
    "Statement",
    "Action",
    "Principal",
    Condition=Api("events", "PutPermission", "Condition"),
)
def event_bus_policy(new: New) -> Created:
    """Add one statement to the policy of a bus."""
    if "Statement" in new:
        statement = {"Sid": new.get("StatementId"), **new["Statement"]}
        bus = new.call("events", "DescribeEventBus", Name=new.get("EventBusName", "default"))
        earlier = json.loads(bus.get("Policy", '{"Statement": []}'))["Statement"]
        policy = {"Version": "2012-10-17", "Statement": [*earlier, statement]}
        new.call("events", "PutPermission", EventBusName=new.get("EventBusName"), Policy=policy)
    else:
        new.call("events", "PutPermission", **new.without())
    return Created(new.stack.physical_name(new.logical_id))


@resource(
    "AWS::Events::Rule",
    "Name",
    "EventBusName",
    "Tags",
    *_RULE,
    Targets=Api("events", "PutTargets", "Targets"),
)
def rule(new: New) -> Created:
    """Put a rule and its targets."""
    name = new.name("Name", 64)
    bus = new.only("EventBusName")
    arn = new.call("events", "PutRule", Name=name, Tags=new.tag_list(), **bus, **new.only(*_RULE))["RuleArn"]
    if new.get("Targets"):
        answer = new.call("events", "PutTargets", Rule=name, Targets=new.get("Targets"), **bus)
        if answer["FailedEntryCount"]:
            message = f"PutTargets refused {answer['FailedEntries']}"
            raise RuntimeError(message)
    return Created(name, {"Arn": arn}, (arn,))
