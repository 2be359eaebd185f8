"""AWS::SecretsManager."""

from __future__ import annotations

import json

from avm_emulator.deploy.resources.base import Created, New, fields, own_resource

_GENERATE = (
    "ExcludeCharacters",
    "ExcludeLowercase",
    "ExcludeNumbers",
    "ExcludePunctuation",
    "ExcludeUppercase",
    "IncludeSpace",
    "PasswordLength",
    "RequireEachIncludedType",
)


@own_resource(
    "AWS::SecretsManager::Secret",
    "Name",
    "Description",
    "SecretString",
    "KmsKeyId",
    "Tags",
    GenerateSecretString=fields("GenerateStringKey", "SecretStringTemplate", *_GENERATE),
)
def secret(new: New) -> Created:
    """Create a secret with a given or a generated value."""
    name = new.name("Name", 512, with_stack=False)
    value = new.get("SecretString")
    generate = new.get("GenerateSecretString")
    if generate is not None:
        asked = {key: generate[key] for key in _GENERATE if key in generate}
        value = new.call("secretsmanager", "GetRandomPassword", **asked)["RandomPassword"]
        if "GenerateStringKey" in generate:
            template = json.loads(generate.get("SecretStringTemplate", "{}"))
            value = json.dumps({**template, generate["GenerateStringKey"]: value})
    arn = new.call(
        "secretsmanager",
        "CreateSecret",
        Name=name,
        SecretString=value if value is not None else "",
        Tags=new.tag_list(),
        **new.only("Description", "KmsKeyId"),
    )["ARN"]
    return Created(arn, {"Id": arn}, (name,))
