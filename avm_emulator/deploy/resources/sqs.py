"""AWS::SQS."""

from __future__ import annotations

import json
from typing import Any

from avm_emulator.deploy.resources.base import Created, New, own_resource, resource

_ATTRIBUTES = (
    "ContentBasedDeduplication",
    "DeduplicationScope",
    "DelaySeconds",
    "FifoQueue",
    "FifoThroughputLimit",
    "KmsDataKeyReusePeriodSeconds",
    "KmsMasterKeyId",
    "MaximumMessageSize",
    "MessageRetentionPeriod",
    "ReceiveMessageWaitTimeSeconds",
    "RedrivePolicy",
    "SqsManagedSseEnabled",
    "VisibilityTimeout",
)


@own_resource("AWS::SQS::Queue", "QueueName", "Tags", *_ATTRIBUTES)
def queue(new: New) -> Created:
    """Create a queue; its attributes are strings in the API."""
    name = new.name("QueueName", 75)
    if "QueueName" not in new and _text(new.get("FifoQueue", False)) == "true":
        name += ".fifo"
    url = new.call(
        "sqs",
        "CreateQueue",
        QueueName=name,
        Attributes={key: _text(value) for key, value in new.only(*_ATTRIBUTES).items()},
        tags=new.tags(),
    )["QueueUrl"]
    arn = new.stack.arn("sqs", name)
    return Created(url, {"Arn": arn, "QueueName": name, "QueueUrl": url}, (name, arn))


@resource("AWS::SQS::QueuePolicy", "Queues", "PolicyDocument")
def queue_policy(new: New) -> Created:
    """Set the policy of each of the queues (given by URL)."""
    for url in new["Queues"]:
        new.call("sqs", "SetQueueAttributes", QueueUrl=url, Attributes={"Policy": _text(new.get("PolicyDocument"))})
    return Created(new.stack.physical_name(new.logical_id))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
