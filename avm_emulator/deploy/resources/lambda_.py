"""AWS::Lambda."""

from __future__ import annotations

from typing import Any

from avm_emulator.deploy.resources.base import Created, New, fields, own_resource, resource
from avm_emulator.deploy.shapes import Api
from avm_emulator.functions.artefacts import link

_FUNCTION = (
    "Handler",
    "Runtime",
    "Role",
    "Description",
    "Timeout",
    "MemorySize",
    "Environment",
    "Layers",
    "TracingConfig",
    "Architectures",
    "DeadLetterConfig",
    "EphemeralStorage",
    "LoggingConfig",
    "PackageType",
    "VpcConfig",
)
_LAYER = ("Description", "CompatibleRuntimes", "CompatibleArchitectures", "LicenseInfo")
_PERMISSION = ("Action", "FunctionName", "Principal", "SourceArn", "SourceAccount", "PrincipalOrgID")
_MAPPING = (
    "BatchSize",
    "BisectBatchOnFunctionError",
    "DestinationConfig",
    "Enabled",
    "EventSourceArn",
    "FilterCriteria",
    "FunctionName",
    "FunctionResponseTypes",
    "MaximumBatchingWindowInSeconds",
    "MaximumRecordAgeInSeconds",
    "MaximumRetryAttempts",
    "ParallelizationFactor",
    "ScalingConfig",
    "StartingPosition",
    "TumblingWindowInSeconds",
)
_CODE = fields("S3Bucket", "S3Key")


@own_resource(
    "AWS::Lambda::Function",
    "FunctionName",
    "KmsKeyArn",
    "ReservedConcurrentExecutions",
    "Tags",
    Code=_CODE,
    **{name: Api("lambda", "CreateFunction", name) for name in _FUNCTION},
)
def function(new: New) -> Created:
    """Create a function from its built artefact, then its reserved concurrency."""
    made = new.call(
        "lambda",
        "CreateFunction",
        FunctionName=new.name("FunctionName", 64),
        Code=_code(new, "Code"),
        KMSKeyArn=new.get("KmsKeyArn"),
        Tags=new.tags(),
        **new.only(*_FUNCTION),
    )
    name, arn = made["FunctionName"], made["FunctionArn"]
    reserved = new.get("ReservedConcurrentExecutions")
    if reserved is not None:
        new.call("lambda", "PutFunctionConcurrency", FunctionName=name, ReservedConcurrentExecutions=reserved)
    return Created(name, {"Arn": arn}, (arn,))


@own_resource("AWS::Lambda::LayerVersion", "LayerName", *_LAYER, Content=_CODE)
def layer_version(new: New) -> Created:
    """Publish a layer version from its built artefact."""
    made = new.call(
        "lambda",
        "PublishLayerVersion",
        LayerName=new.name("LayerName", 140, with_stack=False),
        Content=_code(new, "Content"),
        **new.only(*_LAYER),
    )
    return Created(made["LayerVersionArn"], {"LayerVersionArn": made["LayerVersionArn"]})


@resource("AWS::Lambda::Permission", *_PERMISSION)
def permission(new: New) -> Created:
    """Add a statement to the resource policy of a function, version or alias."""
    statement_id = new.stack.physical_name(new.logical_id, 100)
    name, qualifier = _split_qualifier(new["FunctionName"])
    call = {**new.only(*_PERMISSION), "FunctionName": name, "Qualifier": qualifier, "StatementId": statement_id}
    new.call("lambda", "AddPermission", **call)
    return Created(statement_id)


@resource(
    "AWS::Lambda::EventSourceMapping",
    "Tags",
    **{name: Api("lambda", "CreateEventSourceMapping", name) for name in _MAPPING},
)
def event_source_mapping(new: New) -> Created:
    """Create an event source mapping."""
    made = new.call("lambda", "CreateEventSourceMapping", Tags=new.tags(), **new.only(*_MAPPING))
    uuid = made["UUID"]
    return Created(uuid, {"Id": uuid})


@resource(
    "AWS::Lambda::EventInvokeConfig",
    "FunctionName",
    "Qualifier",
    "MaximumEventAgeInSeconds",
    "MaximumRetryAttempts",
    DestinationConfig=Api("lambda", "PutFunctionEventInvokeConfig", "DestinationConfig"),
)
def event_invoke_config(new: New) -> Created:
    """Put the configuration of asynchronous invocations."""
    new.call("lambda", "PutFunctionEventInvokeConfig", **new.without())
    return Created(new.stack.physical_name(new.logical_id))


@resource("AWS::Lambda::Version", "FunctionName", "Description")
def version(new: New) -> Created:
    """Publish a version."""
    made = new.call("lambda", "PublishVersion", **new.without())
    return Created(made["FunctionArn"], {"Version": made["Version"], "FunctionArn": made["FunctionArn"]})


@own_resource(
    "AWS::Lambda::Alias",
    "FunctionName",
    "FunctionVersion",
    "Name",
    "Description",
)
def alias(new: New) -> Created:
    """Create an alias of a version."""
    arn = new.call("lambda", "CreateAlias", **new.without())["AliasArn"]
    return Created(arn, {"AliasArn": arn})


def _code(new: New, name: str) -> dict[str, Any]:
    # a link instead of an upload: zipping and unzipping a layer of 20 MB costs a second
    return {"ZipFile": link(new.stack.artefacts[new.get(name)["S3Key"]])}


def _split_qualifier(name_or_arn: str) -> tuple[str, Any]:
    # moto ignores a qualifier inside the ARN of an AddPermission call
    parts = name_or_arn.split(":")
    if len(parts) == 8:  # noqa: PLR2004  arn:…:function:name:qualifier
        return ":".join(parts[:7]), parts[7]
    return name_or_arn, None
