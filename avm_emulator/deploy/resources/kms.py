"""AWS::KMS."""

from __future__ import annotations

from avm_emulator.deploy.resources.base import Created, New, own_resource

_SAME = ("Description", "KeySpec", "KeyUsage", "MultiRegion")


@own_resource(
    "AWS::KMS::Key",
    *_SAME,
    "KeyPolicy",
    "Enabled",
    "EnableKeyRotation",
    "Tags",
)
def key(new: New) -> Created:
    """Create a key, then its rotation and state."""
    metadata = new.call(
        "kms",
        "CreateKey",
        Policy=new.get("KeyPolicy"),
        Tags=new.tag_list("TagKey", "TagValue"),
        **new.only(*_SAME),
    )["KeyMetadata"]
    key_id, arn = metadata["KeyId"], metadata["Arn"]
    if str(new.get("EnableKeyRotation", False)).lower() == "true":
        new.call("kms", "EnableKeyRotation", KeyId=key_id)
    if str(new.get("Enabled", True)).lower() == "false":
        new.call("kms", "DisableKey", KeyId=key_id)
    return Created(key_id, {"Arn": arn, "KeyId": key_id}, (arn,))


@own_resource("AWS::KMS::Alias", "AliasName", "TargetKeyId")
def alias(new: New) -> Created:
    """Create an alias of a key."""
    name = new["AliasName"]
    new.call("kms", "CreateAlias", AliasName=name, TargetKeyId=new.get("TargetKeyId"))
    return Created(name, {}, (new.stack.arn("kms", name),))
