"""Everything that one call asks of IAM."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from avm_emulator.policy.actions import actions_of
from avm_emulator.policy.dependent_actions import (
    DESIGNATIONS,
    LINKED_ROLES,
    LOG_DELIVERIES,
    OF_ADMINISTRATORS,
    PASSED_ROLES,
    PUT_TAGS,
)
from avm_emulator.policy.place import Place
from avm_emulator.policy.resources import resources_of, values_at

_TRANSACTED = {
    "ConditionCheck": "ConditionCheckItem",
    "Delete": "DeleteItem",
    "Put": "PutItem",
    "Update": "UpdateItem",
}


_OF_VERSION = {
    "DeleteObject": "DeleteObjectVersion",
    "DeleteObjectTagging": "DeleteObjectVersionTagging",
    "GetObject": "GetObjectVersion",
    "GetObjectAcl": "GetObjectVersionAcl",
    "GetObjectTagging": "GetObjectVersionTagging",
    "HeadObject": "GetObjectVersion",
    "PutObjectAcl": "PutObjectVersionAcl",
    "PutObjectTagging": "PutObjectVersionTagging",
}
"""Operations of S3 that ask for another action where they name a version."""
_LOCKS = {
    "BypassGovernanceRetention": ("BypassGovernanceRetention",),
    "ObjectLockEnabledForBucket": ("PutBucketObjectLockConfiguration", "PutBucketVersioning"),
    "ObjectLockLegalHoldStatus": ("PutObjectLegalHold",),
    "ObjectLockMode": ("PutObjectRetention",),
}
"""Parameters of S3's operations, and what they ask for beside (API reference, "Permissions" of each operation)."""


@dataclass(frozen=True)
class Demand:
    """One action on its resources; all demands of a call must be allowed."""

    action: str
    resources: tuple[str, ...]
    context: Mapping[str, str] = field(default_factory=dict)
    """Condition keys that belong to this demand only: ``iam:PassedToService``."""


def demands_of(service: str, operation: str, parameters: Mapping[str, Any], place: Place) -> tuple[Demand, ...]:
    """Return what a call needs: its own actions first, then what AWS requires beside them.

    Args:
        service: boto3 client name.
        operation: API name.
        parameters: as boto3 names them.
        place: where the call is made.
    """
    own = tuple(_own(service, operation, parameters, place))
    on = own[0].resources if own else ()
    return own + tuple(_beside(service, operation, parameters, place, on))


def _own(service: str, operation: str, parameters: Mapping[str, Any], place: Place) -> Iterator[Demand]:
    if service == "dynamodb" and operation in _DYNAMODB:
        yield from _DYNAMODB[operation](parameters, place)
        return
    if (service, operation) == ("events", "PutEvents"):
        yield from _put_events(parameters, place)
        return
    resources = resources_of(service, operation, parameters, place)
    if service == "s3":
        yield from _s3(operation, parameters, resources, place)
        return
    actions = actions_of(service, operation)
    if len(actions) == len(resources) > 1:  # ReEncrypt: from one key, to the other
        yield from (Demand(action, (resource,)) for action, resource in zip(actions, resources, strict=True))
        return
    yield from (Demand(action, resources) for action in actions)


def _s3(operation: str, parameters: Mapping[str, Any], resources: tuple[str, ...], place: Place) -> Iterator[Demand]:
    """Yield the actions on a bucket or its objects; a version of an object has actions of its own."""
    objects = parameters.get("Delete", {}).get("Objects", ()) if operation == "DeleteObjects" else ()
    for each in objects:
        arn = (f"arn:{place.partition}:s3:::{parameters['Bucket']}/{each['Key']}",)
        yield Demand("s3:DeleteObjectVersion" if each.get("VersionId") else "s3:DeleteObject", arn)
    if not objects:
        of_version = _OF_VERSION.get(operation) if parameters.get("VersionId") else None
        for action in (f"s3:{of_version}",) if of_version else actions_of("s3", operation):
            yield Demand(action, resources)
    if "CopySource" in parameters:
        source, _, query = str(parameters["CopySource"]).lstrip("/").partition("?")
        action = "s3:GetObjectVersion" if query.startswith("versionId=") else "s3:GetObject"
        yield Demand(action, (f"arn:{place.partition}:s3:::{source}",))
    for parameter, needed in _LOCKS.items():
        if parameters.get(parameter):
            yield from (Demand(f"s3:{name}", resources) for name in needed)


def _put_events(parameters: Mapping[str, Any], place: Place) -> Iterator[Demand]:
    """Yield the action on each event's bus, with what a policy can ask of the event."""
    for entry in parameters.get("Entries", ()):
        kind, source = str(entry.get("DetailType", "")), str(entry.get("Source", ""))
        context = {"events:detail-type": kind, "events:source": source, "events:eventBusInvocation": "false"}
        buses = resources_of("events", "PutEvents", {"Entries": [entry]}, place)
        yield Demand("events:PutEvents", buses, context)


def _transact_write(parameters: Mapping[str, Any], place: Place) -> Iterator[Demand]:
    for item in parameters.get("TransactItems", ()):
        for kind, action in _TRANSACTED.items():
            if kind in item:
                yield Demand(f"dynamodb:{action}", resources_of("dynamodb", action, item[kind], place))


def _transact_get(parameters: Mapping[str, Any], place: Place) -> Iterator[Demand]:
    for item in parameters.get("TransactItems", ()):
        yield Demand("dynamodb:GetItem", resources_of("dynamodb", "GetItem", item.get("Get", {}), place))


def _batch(action: str, parameters: Mapping[str, Any], place: Place) -> Iterator[Demand]:
    tables = [{"TableName": table} for table in parameters.get("RequestItems", ())]
    found = [arn for table in tables for arn in resources_of("dynamodb", action, table, place)]
    yield Demand(f"dynamodb:{action}", tuple(found) or ("*",))


_DYNAMODB = {
    "BatchGetItem": lambda parameters, place: _batch("BatchGetItem", parameters, place),
    "BatchWriteItem": lambda parameters, place: _batch("BatchWriteItem", parameters, place),
    "TransactGetItems": _transact_get,
    "TransactWriteItems": _transact_write,
}


def _beside(
    service: str, operation: str, parameters: Mapping[str, Any], place: Place, resources: tuple[str, ...]
) -> Iterator[Demand]:
    call = (service, operation)
    for role in PASSED_ROLES.get(call, ()):
        for arn in values_at(parameters, role.field):
            yield Demand("iam:PassRole", (arn,), {"iam:PassedToService": role.service})
    linked = LINKED_ROLES.get(call)
    if linked and place.look_up("role", linked.name) is None:
        arn = f"arn:{place.partition}:iam::{place.account}:role/aws-service-role/{linked.service}/{linked.name}"
        yield Demand("iam:CreateServiceLinkedRole", (arn,), {"iam:AWSServiceName": linked.service})
    tags = PUT_TAGS.get(call)
    if tags and parameters.get(tags.field):
        yield Demand(tags.action, resources)
    if call in DESIGNATIONS:
        yield Demand("organizations:EnableAWSServiceAccess", ("*",))
        account = f"account/{place.organization}/{parameters.get('AdminAccountId', '*')}"
        arn = f"arn:{place.partition}:organizations::{place.management_account}:{account}"
        yield Demand("organizations:RegisterDelegatedAdministrator", (arn,))
    if call in LOG_DELIVERIES:
        yield Demand(LOG_DELIVERIES[call], ("*",))
    if call in OF_ADMINISTRATORS and place.account != place.management_account:
        yield Demand("organizations:ListDelegatedAdministrators", ("*",))
    if call == ("sts", "AssumeRole") and parameters.get("SourceIdentity"):
        yield Demand("sts:SetSourceIdentity", resources)
