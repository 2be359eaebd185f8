"""The OpenAPI document: it is valid, and says what the routes and the table of errors say."""

import re
from typing import Any

import pytest
from openapi_spec_validator import validate

from avm.domain import errors
from avm.domain.errors import ERRORS
from avm.runtime.http import STATUS
from avm.runtime.openapi import CALLS, openapi_document
from tests.names import ROOT

FUNCTIONS = ROOT / "functions"
API = "".join(file.read_text("utf-8") for name in ("api", "take_webhook") for file in FUNCTIONS.glob(f"{name}/*.py"))
DOCUMENT = openapi_document()
OPERATIONS = [
    (f"{method.upper()} {path}", operation)
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
]


def test_it_is_valid() -> None:
    validate(DOCUMENT)


def test_it_has_every_route_once_and_for_all_who_may_call_it() -> None:
    routes = re.findall(r'@\w+\.(get|post|delete)\("([^"]+)"(, middlewares=)?', API)
    assert {(m.upper(), p.replace("<", "{").replace(">", "}"), bool(limited)) for m, p, limited in routes} == {
        (call.method, call.path, not call.for_all) for call in CALLS
    }
    ids = [operation["operationId"] for _, operation in OPERATIONS]
    assert len(ids) == len(set(ids)) == len(CALLS)


def test_webhooks_alone_are_not_signed_with_sigv4() -> None:
    assert [name for name, operation in OPERATIONS if "security" in operation] == ["POST /webhooks/{source}"]


def test_every_error_that_the_api_answers_by_a_status_of_its_own_belongs_to_a_call() -> None:
    told: set[str] = set()
    for _, operation in OPERATIONS:
        for answer in operation["responses"].values():
            problem = answer["content"].get("application/problem+json", {}).get("schema", {})
            told |= set(problem.get("properties", {}).get("code", {}).get("enum", ()))
    assert told == {error.__name__ for error in STATUS} <= set(ERRORS)


@pytest.mark.parametrize(("name", "operation"), OPERATIONS, ids=[name for name, _ in OPERATIONS])
def test_a_refusal_has_its_status_its_codes_and_what_asks_for_patience_says_how_long(
    name: str, operation: dict[str, Any]
) -> None:
    answers = operation["responses"]
    assert {"403", "429", "500", "502", "503", "504"} <= set(answers), name
    for status, answer in answers.items():
        assert ("Retry-After" in answer.get("headers", {})) == (status in {"429", "503"})
        schema = answer["content"].get("application/problem+json", {}).get("schema", {})
        codes = schema.get("properties", {}).get("code", {}).get("enum", [])
        assert {STATUS[getattr(errors, code)].value for code in codes} <= {int(status)}
        assert bool(codes) == (status[0] == "4" or status == "503") or (status == "403" and not codes)


def test_a_call_with_a_body_says_that_it_may_be_too_large_or_wrong() -> None:
    for name, operation in OPERATIONS:
        if "requestBody" in operation:
            assert {"400", "413"} <= set(operation["responses"]), name
