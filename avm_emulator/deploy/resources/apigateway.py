"""AWS::ApiGateway."""

from __future__ import annotations

import json
from typing import Any

from avm_emulator.deploy.resources.base import Created, New, fields, resource

_SETTINGS = {
    "CacheDataEncrypted": "caching/dataEncrypted",
    "CacheTtlInSeconds": "caching/ttlInSeconds",
    "CachingEnabled": "caching/enabled",
    "DataTraceEnabled": "logging/dataTrace",
    "LoggingLevel": "logging/loglevel",
    "MetricsEnabled": "metrics/enabled",
    "ThrottlingBurstLimit": "throttling/burstLimit",
    "ThrottlingRateLimit": "throttling/rateLimit",
}


@resource(
    "AWS::ApiGateway::RestApi",
    "Name",
    "Body",
    "BinaryMediaTypes",
    "FailOnWarnings",
    "Description",
    "Tags",
    Parameters=fields("endpointConfigurationTypes"),
    EndpointConfiguration=fields("Types"),
)
def rest_api(new: New) -> Created:
    """Create an API and import its OpenAPI body."""
    body = new.get("Body")
    # with a Body and no Name the title of the body is the name (CloudFormation reference, AWS::ApiGateway::RestApi)
    name = new.get("Name") or (body or {}).get("info", {}).get("title") or new.stack.physical_name(new.logical_id)
    # SAM escapes the slash as in a JSON pointer: "image~1png"
    binary = [one.replace("~1", "/") for one in new.get("BinaryMediaTypes", [])] or None
    # both say the same; Parameters is how SAM tells ImportRestApi
    kind = new.get("Parameters", {}).get("endpointConfigurationTypes")
    endpoint = new.get("EndpointConfiguration") or ({"Types": [kind]} if kind else None)
    api_id = _call(
        new,
        "CreateRestApi",
        Name=name,
        BinaryMediaTypes=binary,
        EndpointConfiguration=endpoint,
        Tags=new.tags(),
        Description=new.get("Description"),
    )["id"]
    if body is not None:
        warnings = str(new.get("FailOnWarnings", False)).lower() == "true"
        _call(new, "PutRestApi", RestApiId=api_id, Mode="overwrite", FailOnWarnings=warnings, Body=json.dumps(body))
    resources = _call(new, "GetResources", RestApiId=api_id)["items"]
    root = next(one["id"] for one in resources if one["path"] == "/")
    return Created(api_id, {"RestApiId": api_id, "RootResourceId": root}, (new.stack.arn("execute-api", api_id),))


@resource("AWS::ApiGateway::Deployment", "RestApiId", "Description", "StageName")
def deployment(new: New) -> Created:
    """Deploy what the API is now."""
    deployment_id = _call(new, "CreateDeployment", **new.without())["id"]
    return Created(deployment_id, {"DeploymentId": deployment_id})


@resource(
    "AWS::ApiGateway::Stage",
    "RestApiId",
    "DeploymentId",
    "StageName",
    "Description",
    "Variables",
    "TracingEnabled",
    "Tags",
    MethodSettings=fields("ResourcePath", "HttpMethod", *_SETTINGS),
    AccessLogSetting=fields("DestinationArn", "Format"),
)
def stage(new: New) -> Created:
    """Create a stage, then its method settings and access log."""
    name = new["StageName"]
    same = new.only("RestApiId", "DeploymentId", "StageName", "Description", "Variables", "TracingEnabled")
    _call(new, "CreateStage", **same, Tags=new.tags())
    patches = [patch for setting in new.get("MethodSettings", []) for patch in _setting_patches(setting)]
    access_log = new.get("AccessLogSetting", {})
    for key, value in (("destinationArn", access_log.get("DestinationArn")), ("format", access_log.get("Format"))):
        if value is not None:
            patches.append({"op": "replace", "path": f"/accessLogSettings/{key}", "value": value})
    if patches:
        _call(new, "UpdateStage", RestApiId=new.get("RestApiId"), StageName=name, PatchOperations=patches)
    return Created(name)


@resource("AWS::ApiGateway::Account", "CloudWatchRoleArn")
def account(new: New) -> Created:
    """Set the role with which API Gateway writes its logs, account-wide."""
    role = {"op": "replace", "path": "/cloudwatchRoleArn", "value": new.get("CloudWatchRoleArn")}
    _call(new, "UpdateAccount", PatchOperations=[role])
    return Created(new.stack.physical_name(new.logical_id))


@resource(
    "AWS::ApiGateway::GatewayResponse",
    "RestApiId",
    "ResponseType",
    "StatusCode",
    "ResponseParameters",
    "ResponseTemplates",
)
def gateway_response(new: New) -> Created:
    """Put what the API answers for one type of its own errors."""
    _call(new, "PutGatewayResponse", **new.without())
    return Created(new.stack.physical_name(new.logical_id))


def _call(new: New, operation: str, **parameters: Any) -> Any:
    lower = {name[0].lower() + name[1:]: value for name, value in parameters.items()}
    return new.call("apigateway", operation, **lower)


def _setting_patches(setting: dict[str, Any]) -> list[dict[str, str]]:
    # /resource/method with the resource's slashes as ~1; the wildcard resource "/*" is "*" (API reference, UpdateStage)
    path = setting.get("ResourcePath", "/*")
    resource_path = "*" if path == "/*" else path.replace("/", "~1")
    prefix = f"/{resource_path}/{setting.get('HttpMethod', '*')}"
    return [
        {"op": "replace", "path": f"{prefix}/{_SETTINGS[name]}", "value": _text(value)}
        for name, value in setting.items()
        if name in _SETTINGS
    ]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
