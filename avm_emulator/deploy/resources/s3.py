"""AWS::S3."""

from __future__ import annotations

from typing import Any

from avm_emulator.deploy.resources.base import Created, New, fields, own_resource, resource

_EXPIRY = fields("NoncurrentDays", "NewerNoncurrentVersions")
_TRANSITION = fields("StorageClass", "TransitionInDays", "TransitionDate")
_LIFECYCLE_RULE = fields(
    "Id",
    "Status",
    "Prefix",
    "ExpirationInDays",
    "ExpirationDate",
    "ExpiredObjectDeleteMarker",
    "NoncurrentVersionExpirationInDays",
    NoncurrentVersionExpiration=_EXPIRY,
    AbortIncompleteMultipartUpload=fields("DaysAfterInitiation"),
    Transitions=_TRANSITION,
)


@own_resource(
    "AWS::S3::Bucket",
    "BucketName",
    "Tags",
    "ObjectLockEnabled",
    BucketEncryption=fields(
        ServerSideEncryptionConfiguration=fields(
            "BucketKeyEnabled", ServerSideEncryptionByDefault=fields("SSEAlgorithm", "KMSMasterKeyID")
        )
    ),
    VersioningConfiguration=fields("Status"),
    PublicAccessBlockConfiguration=fields(
        "BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"
    ),
    LifecycleConfiguration=fields(Rules=_LIFECYCLE_RULE),
    ObjectLockConfiguration=fields("ObjectLockEnabled", Rule=fields(DefaultRetention=fields("Mode", "Days", "Years"))),
    OwnershipControls=fields(Rules=fields("ObjectOwnership")),
    LoggingConfiguration=fields("DestinationBucketName", "LogFilePrefix"),
    NotificationConfiguration=fields(EventBridgeConfiguration=fields("EventBridgeEnabled")),
)
def bucket(new: New) -> Created:
    """Create a bucket, then put each of its configurations."""
    region, name = new.stack.region, new.name("BucketName", 63, lower=True)
    # us-east-1 is the default place and cannot be named as a constraint (S3 API reference, CreateBucket)
    place = None if region == "us-east-1" else {"LocationConstraint": region}
    new.call(
        "s3",
        "CreateBucket",
        Bucket=name,
        CreateBucketConfiguration=place,
        ObjectLockEnabledForBucket=new.get("ObjectLockEnabled"),
    )
    # every bucket is created with its public access blocked and ACLs disabled (S3 user guide, since April 2023)
    ownership = new.get("OwnershipControls", {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]})
    blocked = new.get("PublicAccessBlockConfiguration") or _ALL_PUBLIC_ACCESS
    new.call("s3", "PutBucketOwnershipControls", Bucket=name, OwnershipControls=ownership)
    new.call("s3", "PutPublicAccessBlock", Bucket=name, PublicAccessBlockConfiguration=blocked)
    for property_name, operation, parameter, convert in _CONFIGURATIONS:
        if property_name in new:
            new.call("s3", operation, Bucket=name, **{parameter: convert(new.get(property_name))})
    own_tags = [{"Key": tag["Key"], "Value": tag["Value"]} for tag in new.get("Tags", [])]
    if own_tags:
        # S3 refuses aws: tags from a caller, so the stack's own tags are left out
        new.call("s3", "PutBucketTagging", Bucket=name, Tagging={"TagSet": own_tags})
    arn, suffix = f"arn:{new.stack.partition}:s3:::{name}", new.stack.pseudo_parameters()["AWS::URLSuffix"]
    attributes = {
        "Arn": arn,
        "DomainName": f"{name}.s3.{suffix}",
        "RegionalDomainName": f"{name}.s3.{region}.{suffix}",
    }
    return Created(name, attributes, (arn,))


@resource("AWS::S3::BucketPolicy", "Bucket", "PolicyDocument")
def bucket_policy(new: New) -> Created:
    """Put the policy of a bucket."""
    new.call("s3", "PutBucketPolicy", Bucket=new["Bucket"], Policy=new.get("PolicyDocument"))
    return Created(new["Bucket"])


_ALL_PUBLIC_ACCESS = dict.fromkeys(
    ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True
)


def _encryption(value: dict[str, Any]) -> dict[str, Any]:
    rules = []
    for rule in value["ServerSideEncryptionConfiguration"]:
        default = rule.get("ServerSideEncryptionByDefault")
        renamed = {"ApplyServerSideEncryptionByDefault": default} if default else {}
        rules.append({**renamed, **{key: rule[key] for key in ("BucketKeyEnabled",) if key in rule}})
    return {"Rules": rules}


def _lifecycle(value: dict[str, Any]) -> dict[str, Any]:
    return {"Rules": [_lifecycle_rule(rule) for rule in value["Rules"]]}


def _lifecycle_rule(rule: dict[str, Any]) -> dict[str, Any]:
    expiration = {
        api: rule[name]
        for name, api in (
            ("ExpirationInDays", "Days"),
            ("ExpirationDate", "Date"),
            ("ExpiredObjectDeleteMarker", "ExpiredObjectDeleteMarker"),
        )
        if name in rule
    }
    transitions = [
        {{"TransitionInDays": "Days", "TransitionDate": "Date"}.get(key, key): part for key, part in one.items()}
        for one in rule.get("Transitions", [])
    ]
    noncurrent = rule.get("NoncurrentVersionExpiration")
    if "NoncurrentVersionExpirationInDays" in rule:
        noncurrent = {"NoncurrentDays": rule["NoncurrentVersionExpirationInDays"]}
    abort = rule.get("AbortIncompleteMultipartUpload")
    return {
        "Status": rule["Status"],
        "Filter": {"Prefix": rule.get("Prefix", "")},
        **({"ID": rule["Id"]} if "Id" in rule else {}),
        **({"Expiration": expiration} if expiration else {}),
        **({"Transitions": transitions} if transitions else {}),
        **({"NoncurrentVersionExpiration": noncurrent} if noncurrent else {}),
        **({"AbortIncompleteMultipartUpload": abort} if abort else {}),
    }


def _logging(value: dict[str, Any]) -> dict[str, Any]:
    target = {"TargetBucket": value["DestinationBucketName"], "TargetPrefix": value.get("LogFilePrefix", "")}
    return {"LoggingEnabled": target}


def _notification(value: dict[str, Any]) -> dict[str, Any]:
    wanted = value.get("EventBridgeConfiguration", {}).get("EventBridgeEnabled", False)
    return {"EventBridgeConfiguration": {}} if str(wanted).lower() == "true" else {}


def _same(value: dict[str, Any]) -> dict[str, Any]:
    return value


_CONFIGURATIONS = (
    ("VersioningConfiguration", "PutBucketVersioning", "VersioningConfiguration", _same),
    ("BucketEncryption", "PutBucketEncryption", "ServerSideEncryptionConfiguration", _encryption),
    ("LifecycleConfiguration", "PutBucketLifecycleConfiguration", "LifecycleConfiguration", _lifecycle),
    ("ObjectLockConfiguration", "PutObjectLockConfiguration", "ObjectLockConfiguration", _same),
    ("LoggingConfiguration", "PutBucketLogging", "BucketLoggingStatus", _logging),
    ("NotificationConfiguration", "PutBucketNotificationConfiguration", "NotificationConfiguration", _notification),
)
