"""Which method of an API a request means, and what of an OpenAPI document is known."""

from __future__ import annotations

from typing import Any

import pytest

from avm_emulator.front import openapi, routing
from avm_emulator.front.rest_apis import DEFAULT_TIMEOUT, Method


def methods(*routes: str) -> list[Method]:
    split = (route.split() for route in routes)
    return [Method("id", path, verb, "NONE", "arn", None, DEFAULT_TIMEOUT) for verb, path in split]


ROUTES = methods(
    "ANY /{proxy+}",
    "GET /requests",
    "GET /requests/{id}",
    "POST /requests/{id}/retry",
    "GET /requests/latest",
    "ANY /requests/{id}/{rest+}",
    "GET /",
)


@pytest.mark.parametrize(
    ("request_line", "route", "parameters"),
    [
        ("GET /", "GET /", {}),
        ("GET /requests", "GET /requests", {}),
        ("GET /requests/", "GET /requests", {}),
        ("GET /requests/a%2Fb", "GET /requests/{id}", {"id": "a/b"}),
        ("GET /requests/latest", "GET /requests/latest", {}),
        ("POST /requests/a/retry", "POST /requests/{id}/retry", {"id": "a"}),
        ("GET /requests/a/retry", "ANY /requests/{id}/{rest+}", {"id": "a", "rest": "retry"}),
        ("PUT /requests", "ANY /{proxy+}", {"proxy": "requests"}),
        ("PATCH /a/b/c", "ANY /{proxy+}", {"proxy": "a/b/c"}),
    ],
)
def test_the_most_specific_route_wins(request_line: str, route: str, parameters: dict[str, str]) -> None:
    verb, path = request_line.split()
    found = routing.find(ROUTES, verb, path)
    assert found is not None
    assert f"{found.method.http_method} {found.method.resource_path}" == route
    assert found.path_parameters == parameters


@pytest.mark.parametrize("request_line", ["POST /requests", "GET /request", "GET /requests/a/b"])
def test_no_route_is_no_match(request_line: str) -> None:
    verb, path = request_line.split()
    assert routing.find(methods("GET /requests", "GET /requests/{id}"), verb, path) is None


INTEGRATION = {"type": "aws_proxy", "httpMethod": "POST", "uri": "arn", "credentials": "role"}


def document(**more: Any) -> dict[str, Any]:
    operation = {"security": [{"AWS_IAM": []}], "x-amazon-apigateway-integration": INTEGRATION}
    return {"paths": {"/a": {"get": operation, "parameters": [], "summary": "x"}}, **more}


SCHEME = {"AWS_IAM": {"type": "apiKey", "x-amazon-apigateway-authtype": "awsSigv4"}}


@pytest.mark.parametrize("schemes", [{"components": {"securitySchemes": SCHEME}}, {"securityDefinitions": SCHEME}])
def test_openapi_three_and_swagger_two_are_read_alike(schemes: dict[str, Any]) -> None:
    found = document(**schemes)
    assert list(openapi.document_problems(found)) == []
    assert list(openapi.operations(found)) == [openapi.Operation("/a", "GET", "AWS_IAM", "arn", "role", None)]


def test_what_would_change_the_api_and_is_not_known_is_named() -> None:
    other = {"Pool": {"x-amazon-apigateway-authtype": "cognito_user_pools"}}
    found = document(securityDefinitions=other)
    found["x-amazon-apigateway-request-validators"] = {}
    found["paths"]["/a"]["get"]["x-amazon-apigateway-request-validator"] = "all"
    found["paths"]["/b"] = {
        "x-other": 1,
        "post": {"x-amazon-apigateway-integration": {**INTEGRATION, "requestTemplates": {}}},
    }
    assert list(openapi.document_problems(found)) == [
        "x-amazon-apigateway-request-validators is not known here",
        "security scheme Pool is not known here: only AWS_IAM is",
        "/a get: x-amazon-apigateway-request-validator is not known here",
        "/b: x-other is not known here",
        "/b post: integration field requestTemplates is not known here",
    ]
