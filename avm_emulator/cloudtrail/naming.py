"""How CloudTrail names a call: its source, its event, its Region, and whether it is a management event at all."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping

import botocore.session
from moto.utilities.utils import get_partition

from avm_emulator.boundary import Call

# Calls on what a resource holds are data events, which EventBridge gets only from trails that are told to log them
# (CloudTrail user guide, "Logging data events"). Not among them: use of KMS keys (read-only management events, of which
# a trail may exclude the mass), reading parameters and secrets, starting executions.
_DATA_OPERATIONS: Mapping[str, str] = {
    "cloudtrail-data": r".*",
    "cloudwatch": r"PutMetricData",
    "dynamodb": (
        r"(Get|Put|Update|Delete)Item|Batch(Get|Write)Item|Query|Scan|Transact(Get|Write)Items"
        r"|(Batch)?Execute(Statement|Transaction)"
    ),
    "dynamodbstreams": r"GetRecords|GetShardIterator",
    "events": r"PutEvents",
    "firehose": r"PutRecord(Batch)?",
    "kinesis": r"PutRecords?|GetRecords|GetShardIterator",
    "lambda": r"Invoke.*",
    "logs": r"PutLogEvents|GetLogEvents|FilterLogEvents",
    "s3": (
        r".*Object.*|HeadBucket|.*Multipart.*|.*Part(s|Copy)?"  # and not the settings of a bucket that say Object
    ),
    "sns": r"Publish(Batch)?",
    "sqs": r"(Send|Receive|Delete)Message(Batch)?|ChangeMessageVisibility(Batch)?",
    "xray": r"Put(TraceSegments|TelemetryRecords)|GetSampling.*",
}
_BUCKET_SETTINGS = frozenset({"GetObjectLockConfiguration", "PutObjectLockConfiguration"})

# Who signs in at the identity portal has no account of his own: CloudTrail tells of it in service events.
_WITHOUT_ACCOUNT = frozenset({"sso", "sso-oidc"})

_EVENT_NAMES: Mapping[tuple[str, str], str] = {
    ("s3", "GetBucketLifecycleConfiguration"): "GetBucketLifecycle",
    ("s3", "PutBucketLifecycleConfiguration"): "PutBucketLifecycle",
    ("s3", "GetBucketNotificationConfiguration"): "GetBucketNotification",
    ("s3", "PutBucketNotificationConfiguration"): "PutBucketNotification",
    ("s3", "DeletePublicAccessBlock"): "DeleteBucketPublicAccessBlock",
    ("s3", "GetPublicAccessBlock"): "GetBucketPublicAccessBlock",
    ("s3", "PutPublicAccessBlock"): "PutBucketPublicAccessBlock",
    ("s3control", "DeletePublicAccessBlock"): "DeleteAccountPublicAccessBlock",
    ("s3control", "GetPublicAccessBlock"): "GetAccountPublicAccessBlock",
    ("s3control", "PutPublicAccessBlock"): "PutAccountPublicAccessBlock",
}

# Lambda's events bear the version of the API, some its second issue (Lambda developer guide, "Logging AWS Lambda API
# calls using AWS CloudTrail").
_LAMBDA_SECOND = re.compile(
    r"(Add|Remove)Permission|Get(Function(Configuration)?|Policy)|(Tag|Untag)Resource|UpdateFunction(Code|Configuration)"
)
_LAMBDA_VERSION = re.compile(r"/(\d{4})-(\d\d)-(\d\d)/")


def is_management(call: Call) -> bool:
    """Say whether CloudTrail logs the call as a management event."""
    return call.access_key is not None and has_management_events(call.service, call.operation)


def has_management_events(service: str, operation: str) -> bool:
    """Say whether CloudTrail logs an operation (API name) of a service (boto3 name) as a management event."""
    if service in _WITHOUT_ACCOUNT:
        return False
    data = _DATA_OPERATIONS.get(service)
    return data is None or operation in _BUCKET_SETTINGS or not re.fullmatch(data, operation)


def event_source(call: Call) -> str:
    """Return the service as CloudTrail names it: ``organizations.amazonaws.com``, ``sso.amazonaws.com``."""
    return f"{call.model.service_model.signing_name}.amazonaws.com"


def event_name(call: Call) -> str:
    """Return the operation as CloudTrail names it."""
    if call.service == "lambda":
        version = _LAMBDA_VERSION.match(call.model.http["requestUri"])
        second = "v2" if _LAMBDA_SECOND.fullmatch(call.operation) else ""
        return call.operation + "".join(version.groups() if version else ()) + second
    return _EVENT_NAMES.get((call.service, call.operation), call.operation)


def event_region(call: Call) -> str:
    """Return the Region in which CloudTrail records the call: the one that a global service lives in, or the call's."""
    partition = get_partition(call.region)
    return _global_region(call.model.service_model.endpoint_prefix, partition) or call.region


@functools.cache
def _global_region(endpoint_prefix: str, partition: str) -> str | None:
    """Return the Region of a service that has one endpoint in a partition, by botocore's endpoint data."""
    loader = botocore.session.get_session().get_component("data_loader")
    partitions = loader.load_data("endpoints")["partitions"]
    services = next(known["services"] for known in partitions if known["partition"] == partition)
    service = services.get(endpoint_prefix, {})
    if service.get("isRegionalized") is not False:
        return None
    endpoint = service["endpoints"][service["partitionEndpoint"]]
    region: str | None = endpoint.get("credentialScope", {}).get("region")
    return region
