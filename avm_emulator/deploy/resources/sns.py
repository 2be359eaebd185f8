"""AWS::SNS."""

from __future__ import annotations

import json
from typing import Any

from avm_emulator.deploy.resources.base import Created, New, fields, own_resource, resource

_TOPIC_ATTRIBUTES = (
    "DisplayName",
    "KmsMasterKeyId",
    "FifoTopic",
    "ContentBasedDeduplication",
)
_SUBSCRIPTION_ATTRIBUTES = (
    "FilterPolicy",
    "FilterPolicyScope",
    "RawMessageDelivery",
    "RedrivePolicy",
    "DeliveryPolicy",
    "SubscriptionRoleArn",
)


@own_resource("AWS::SNS::Topic", "TopicName", "Tags", *_TOPIC_ATTRIBUTES, Subscription=fields("Endpoint", "Protocol"))
def topic(new: New) -> Created:
    """Create a topic and the subscriptions listed with it."""
    arn = new.call(
        "sns",
        "CreateTopic",
        Name=new.name("TopicName"),
        Attributes=_texts(new.only(*_TOPIC_ATTRIBUTES)),
        Tags=new.tag_list(),
    )["TopicArn"]
    for one in new.get("Subscription", []):
        new.call("sns", "Subscribe", TopicArn=arn, Protocol=one["Protocol"], Endpoint=one["Endpoint"])
    name = arn.rsplit(":", 1)[1]
    return Created(arn, {"TopicArn": arn, "TopicName": name}, (name,))


@resource("AWS::SNS::TopicPolicy", "Topics", "PolicyDocument")
def topic_policy(new: New) -> Created:
    """Set the policy of each of the topics (given by ARN)."""
    document = new.get("PolicyDocument")
    for arn in new["Topics"]:
        new.call("sns", "SetTopicAttributes", TopicArn=arn, AttributeName="Policy", AttributeValue=document)
    return Created(new.stack.physical_name(new.logical_id))


@resource("AWS::SNS::Subscription", "TopicArn", "Protocol", "Endpoint", *_SUBSCRIPTION_ATTRIBUTES)
def subscription(new: New) -> Created:
    """Subscribe an endpoint to a topic."""
    arn = new.call(
        "sns",
        "Subscribe",
        **new.only("TopicArn", "Protocol", "Endpoint"),
        Attributes=_texts(new.only(*_SUBSCRIPTION_ATTRIBUTES)),
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]
    return Created(arn, {"Arn": arn})


def _texts(attributes: dict[str, Any]) -> dict[str, str]:
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in attributes.items()}
