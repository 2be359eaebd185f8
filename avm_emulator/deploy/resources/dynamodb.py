"""AWS::DynamoDB."""

from __future__ import annotations

from avm_emulator.deploy.resources.base import Created, New, fields, own_resource
from avm_emulator.deploy.shapes import Api

_SAME = (
    "AttributeDefinitions",
    "KeySchema",
    "BillingMode",
    "ProvisionedThroughput",
    "GlobalSecondaryIndexes",
    "LocalSecondaryIndexes",
    "DeletionProtectionEnabled",
)


@own_resource(
    "AWS::DynamoDB::Table",
    "TableName",
    "Tags",
    SSESpecification=fields("SSEEnabled", "SSEType", "KMSMasterKeyId"),
    StreamSpecification=fields("StreamViewType"),
    PointInTimeRecoverySpecification=fields("PointInTimeRecoveryEnabled", "RecoveryPeriodInDays"),
    TimeToLiveSpecification=Api("dynamodb", "UpdateTimeToLive", "TimeToLiveSpecification"),
    **{name: Api("dynamodb", "CreateTable", name) for name in _SAME},
)
def table(new: New) -> Created:
    """Create a table, then its time to live and point-in-time recovery."""
    encryption = new.get("SSESpecification")
    if encryption is not None:
        encryption = {**encryption, "Enabled": encryption.get("SSEEnabled", False)}
        del encryption["SSEEnabled"]
    stream = new.get("StreamSpecification")
    description = new.call(
        "dynamodb",
        "CreateTable",
        TableName=new.name("TableName"),
        SSESpecification=encryption,
        StreamSpecification=stream and {"StreamEnabled": True, **stream},
        Tags=new.tag_list(),
        **new.only(*_SAME),
    )["TableDescription"]
    name = description["TableName"]
    if "TimeToLiveSpecification" in new:
        new.call(
            "dynamodb",
            "UpdateTimeToLive",
            TableName=name,
            TimeToLiveSpecification=new.get("TimeToLiveSpecification"),
        )
    if "PointInTimeRecoverySpecification" in new:
        new.call(
            "dynamodb",
            "UpdateContinuousBackups",
            TableName=name,
            PointInTimeRecoverySpecification=new.get("PointInTimeRecoverySpecification"),
        )
    arn, stream_arn = description["TableArn"], description.get("LatestStreamArn")
    return Created(name, {"Arn": arn, "StreamArn": stream_arn}, tuple(filter(None, (arn, stream_arn))))
