"""What API Gateway reads in an OpenAPI document: methods, how they are authorised, and what they run.

Only what SAM writes for Lambda proxy integrations is known here (OpenAPI 3 and Swagger 2 alike); everything else in
the document that would change how the API behaves is a problem, named by its path, never ignored.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_EXTENSION = "x-amazon-apigateway-"
_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", f"{_EXTENSION}any-method")
_POLICY = f"{_EXTENSION}policy"
_DOCUMENT_EXTENSIONS = {f"{_EXTENSION}gateway-responses", f"{_EXTENSION}binary-media-types", _POLICY}
_OPERATION_EXTENSIONS = {f"{_EXTENSION}integration"}
_INTEGRATION_FIELDS = {
    "type",
    "httpMethod",
    "uri",
    "credentials",
    "timeoutInMillis",
    "passthroughBehavior",
    "responses",
}


@dataclass(frozen=True)
class Operation:
    """One method of the document."""

    path: str
    http_method: str
    """Upper case, or ``ANY``."""
    authorization: str
    """``AWS_IAM`` or ``NONE``."""
    uri: Any
    """ARN of the integration."""
    credentials: Any
    """Role in which the integration is called, ``arn:aws:iam::*:user/*`` for the caller's own, or None."""
    timeout_in_millis: Any


def document_problems(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is in the document that is not known here; expressions of CloudFormation may still be in it."""
    for name in document:
        if name.startswith(_EXTENSION) and name not in _DOCUMENT_EXTENSIONS:
            yield f"{name} is not known here"
    for name, scheme in _security_schemes(document).items():
        if scheme.get(f"{_EXTENSION}authtype") != "awsSigv4":
            yield f"security scheme {name} is not known here: only AWS_IAM is"
    for path, methods in document.get("paths", {}).items():
        for method, operation in methods.items():
            if method in _METHODS:
                for problem in _operation_problems(operation):
                    yield f"{path} {method}: {problem}"
            elif method.startswith("x-"):
                yield f"{path}: {method} is not known here"


def operations(document: Mapping[str, Any]) -> Iterator[Operation]:
    """Yield the methods of a document without problems."""
    for path, methods in document.get("paths", {}).items():
        for method, operation in methods.items():
            if method in _METHODS and f"{_EXTENSION}integration" in operation:
                integration = operation[f"{_EXTENSION}integration"]
                yield Operation(
                    path=path,
                    http_method="ANY" if method.startswith(_EXTENSION) else method.upper(),
                    authorization="AWS_IAM" if _is_signed(document, operation) else "NONE",
                    uri=integration["uri"],
                    credentials=integration.get("credentials"),
                    timeout_in_millis=integration.get("timeoutInMillis"),
                )


def gateway_responses(document: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    """Return the document's gateway responses by type."""
    found: Mapping[str, Mapping[str, Any]] = document.get(f"{_EXTENSION}gateway-responses", {})
    return found


def binary_media_types(document: Mapping[str, Any]) -> list[str]:
    """Return the media types that are passed on as bytes."""
    return list(document.get(f"{_EXTENSION}binary-media-types", []))


def resource_policy(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the document's resource policy; one that says nothing where it has none."""
    found: Mapping[str, Any] = document.get(_POLICY, {})
    return found


def _operation_problems(operation: Mapping[str, Any]) -> Iterator[str]:
    for name in operation:
        if name.startswith(_EXTENSION) and name not in _OPERATION_EXTENSIONS:
            yield f"{name} is not known here"
    integration = operation.get(f"{_EXTENSION}integration")
    if integration is None:
        return
    if str(integration.get("type")).lower() != "aws_proxy":
        yield f"integration type {integration.get('type')} is not known here: only aws_proxy is"
    for name in sorted(set(integration) - _INTEGRATION_FIELDS):
        yield f"integration field {name} is not known here"


def _security_schemes(document: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    found: Mapping[str, Mapping[str, Any]] = document.get("components", {}).get("securitySchemes", {})
    return found or document.get("securityDefinitions", {})


def _is_signed(document: Mapping[str, Any], operation: Mapping[str, Any]) -> bool:
    # every scheme that is known here is AWS_IAM; SAM writes {"NONE": []} for a method without
    schemes = _security_schemes(document)
    return any(name in schemes for requirement in operation.get("security", []) for name in requirement)
