"""AWS::Logs."""

from __future__ import annotations

from avm_emulator.deploy.resources.base import Created, New, own_resource, resource
from avm_emulator.deploy.shapes import Api


@own_resource("AWS::Logs::LogGroup", "LogGroupName", "RetentionInDays", "KmsKeyId", "Tags")
def log_group(new: New) -> Created:
    """Create a log group with its retention."""
    name = new.name("LogGroupName", 512)
    new.call("logs", "CreateLogGroup", logGroupName=name, kmsKeyId=new.get("KmsKeyId"), tags=new.tags())
    if "RetentionInDays" in new:
        new.call("logs", "PutRetentionPolicy", logGroupName=name, retentionInDays=new.get("RetentionInDays"))
    arn = new.stack.arn("logs", f"log-group:{name}")
    return Created(name, {"Arn": f"{arn}:*"}, (arn, f"{arn}:*"))


@resource(
    "AWS::Logs::MetricFilter",
    "FilterName",
    "FilterPattern",
    "LogGroupName",
    MetricTransformations=Api("logs", "PutMetricFilter", "metricTransformations"),
)
def metric_filter(new: New) -> Created:
    """Put a metric filter on a log group."""
    name = new.name("FilterName", 512)
    new.call("logs", "PutMetricFilter", **_lower({**new.without("FilterName"), "FilterName": name}))
    return Created(name)


@resource("AWS::Logs::ResourcePolicy", "PolicyName", "PolicyDocument")
def resource_policy(new: New) -> Created:
    """Put a resource policy of CloudWatch Logs."""
    new.call("logs", "PutResourcePolicy", **_lower(new.without()))
    return Created(new["PolicyName"])


def _lower(properties: dict[str, object]) -> dict[str, object]:
    return {name[0].lower() + name[1:]: value for name, value in properties.items()}
