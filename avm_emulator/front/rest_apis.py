"""moto's API Gateway: imports a document as AWS does, and keeps what a deployment froze.

Patches of moto's private names; one contract test each in tests/emulator/seams/test_seam_deploy_apigateway.py.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from moto.apigateway.models import APIGatewayBackend, Resource, RestAPI, apigateway_backends
from moto.apigateway.responses import APIGatewayResponse

from avm_emulator.errors import NOT_IMPLEMENTED, AwsError
from avm_emulator.front import openapi

_FUNCTION_ARN = re.compile(r":lambda:path/2015-03-31/functions/(arn:[^/]+)/invocations$")


@dataclass(frozen=True)
class Method:
    """One method of a deployed API."""

    resource_id: str
    resource_path: str
    """``/requests/{id}``, ``/{proxy+}``."""
    http_method: str
    """``GET`` …, or ``ANY``."""
    authorization: str
    """``AWS_IAM`` or ``NONE``."""
    function_arn: str
    """May end in a version or alias."""
    credentials: str | None
    timeout: float
    """Seconds of real time, like a Lambda time-out."""


@dataclass(frozen=True)
class GatewayResponse:
    """What the API answers for one type of its own errors."""

    status: int | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    templates: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Deployed:
    """What an API was when it was deployed."""

    methods: tuple[Method, ...]
    binary_media_types: tuple[str, ...]
    gateway_responses: Mapping[str, GatewayResponse]
    policy: Mapping[str, Any]
    """The resource policy; it says nothing where there is none."""


@dataclass(frozen=True)
class StagedApi:
    """A stage of an API, ready to answer."""

    api_id: str
    account_id: str
    region: str
    stage: str
    variables: Mapping[str, str]
    deployment_id: str
    deployed: Deployed


DEFAULT_TIMEOUT = 29.0
"""Seconds, the default and the maximum of an integration (API Gateway quotas)."""


def install() -> None:
    """Patch moto; installing twice is installing once."""
    if APIGatewayBackend.put_rest_api is not _put_rest_api:
        APIGatewayBackend.put_rest_api = _put_rest_api
        RestAPI.create_deployment = _freezing(RestAPI.create_deployment)
        APIGatewayResponse.create_rest_api = _with_binary_media_types(APIGatewayResponse.create_rest_api)


def find_api(api_id: str) -> RestAPI | None:
    """Return moto's API of that id in whatever account and Region; None if there is none."""
    for regions in list(apigateway_backends.values()):
        for backend in list(regions.values()):
            if api_id in backend.apis:
                return backend.apis[api_id]
    return None


def stage_of(api: RestAPI, name: str) -> StagedApi | None:
    """Return the named stage of an API; None if it has none of that name."""
    stage = api.stages.get(name)
    if stage is None:
        return None
    return StagedApi(
        api_id=api.id,
        account_id=api.account_id,
        region=api.region_name,
        stage=name,
        variables=stage.variables,
        deployment_id=stage.deployment_id,
        deployed=api.deployments[stage.deployment_id].deployed,
    )


def _put_rest_api(
    self: APIGatewayBackend, function_id: str, api_doc: dict[str, Any], *, mode: str = "merge", **_: Any
) -> RestAPI:
    # moto takes OpenAPI 3 only, drops security and binary media types, takes x-amazon-apigateway-any-method for a
    # method of that name, and refuses credentials "arn:aws:iam::*:user/*" (the caller's own, which SAM writes).
    # What AWS would only warn of is refused here with or without fail_on_warnings.
    api = self.get_rest_api(function_id)
    problems = list(openapi.document_problems(api_doc))
    if problems:
        raise AwsError("BadRequestException", "; ".join(problems))
    if mode == "overwrite":
        api.resources = {}
        api.default = api.add_child("/")
        api.gateway_responses = {}
    for operation in openapi.operations(api_doc):
        resource = _resource(api, operation.path)
        resource.add_method(operation.http_method, operation.authorization, api_key_required=False)
        resource.add_integration(
            operation.http_method,
            "AWS_PROXY",
            operation.uri,
            integration_method="POST",
            credentials=operation.credentials,
            timeout_in_millis=operation.timeout_in_millis,
        )
    for kind, response in openapi.gateway_responses(api_doc).items():
        status = response.get("statusCode")
        parameters, templates = response.get("responseParameters"), response.get("responseTemplates")
        api.put_gateway_response(kind, status, parameters or {}, templates or {})
    api.binaryMediaTypes = openapi.binary_media_types(api_doc) or api.binaryMediaTypes
    policy = openapi.resource_policy(api_doc)
    api.policy = json.dumps(policy) if policy else None
    return api


def _resource(api: RestAPI, path: str) -> Resource:
    found = api.default
    for part in filter(None, path.split("/")):
        children = (one for one in api.resources.values() if one.parent_id == found.id and one.path_part == part)
        found = next(children, None) or api.add_child(part, found.id)
    return found


def _freezing(create_deployment: Any) -> Any:
    @functools.wraps(create_deployment)
    def create(self: RestAPI, *args: Any, **kwargs: Any) -> Any:
        # a stage serves what the API was when it was deployed; moto's deployments remember nothing
        deployed = Deployed(
            tuple(_methods(self)),
            tuple(self.binaryMediaTypes),
            {kind: _gateway_response(response) for kind, response in self.gateway_responses.items()},
            json.loads(self.policy or "{}"),
        )
        deployment = create_deployment(self, *args, **kwargs)
        deployment.deployed = deployed
        return deployment

    return create


def _with_binary_media_types(create_rest_api: Any) -> Any:
    @functools.wraps(create_rest_api)
    def create(self: APIGatewayResponse) -> Any:
        answer = create_rest_api(self)
        binary = self._get_param("binaryMediaTypes")  # which moto's CreateRestApi forgets
        if not binary or answer[0] != HTTPStatus.OK:
            return answer
        api = self.backend.apis[json.loads(answer[2])["id"]]
        api.binaryMediaTypes = binary
        return HTTPStatus.OK, {}, json.dumps(api.to_dict())

    return create


def _methods(api: RestAPI) -> Iterator[Method]:
    for resource in api.resources.values():
        for method in resource.resource_methods.values():
            integration = method.method_integration
            if integration is None:
                continue
            function = _FUNCTION_ARN.search(integration.uri or "")
            if integration.integration_type != "AWS_PROXY" or function is None:
                message = f"{resource.get_path()}: only Lambda proxy integrations are served, not {integration.uri}"
                raise AwsError(NOT_IMPLEMENTED, message)
            if method.authorization_type not in ("AWS_IAM", "NONE"):
                message = f"{resource.get_path()}: authorization {method.authorization_type} is not served"
                raise AwsError(NOT_IMPLEMENTED, message)
            timeout = integration.timeout_in_millis
            yield Method(
                resource_id=resource.id,
                resource_path=resource.get_path(),
                http_method=method.http_method,
                authorization=method.authorization_type,
                function_arn=function.group(1),
                credentials=integration.credentials,
                timeout=float(timeout) / 1000 if timeout else DEFAULT_TIMEOUT,
            )


def _gateway_response(response: Any) -> GatewayResponse:
    status = int(response.status_code) if response.status_code else None
    for name, value in (response.response_parameters or {}).items():
        if not value.startswith(("'", "context.")):
            message = f"gateway response {response.response_type}: {name} is neither a literal nor context.…: {value}"
            raise AwsError(NOT_IMPLEMENTED, message)
    return GatewayResponse(status, response.response_parameters or {}, response.response_templates or {})
