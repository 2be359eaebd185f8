"""Every answer that tests get of the API is one that its OpenAPI document describes."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import requests
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from tests.names import ROOT

DOCUMENT = json.loads((ROOT / "docs" / "openapi.json").read_text("utf-8"))
_PATHS = [(re.compile(re.sub(r"\{\w+\}", "[^/]+", path) + r"(\?.*)?"), path) for path in DOCUMENT["paths"]]


def check(method: str, path: str, answer: requests.Response) -> None:
    """Raise AssertionError for an answer that the document does not have; calls that it lacks are not looked at."""
    # the shortest template is the one with the fewest wildcards: /requests/preflight before /requests/{request_id}
    found = sorted((each for pattern, each in _PATHS if pattern.fullmatch(path)), key=lambda each: each.count("{"))
    operation = next((op for each in found if (op := DOCUMENT["paths"][each].get(method.lower()))), None)
    if operation is None:
        return
    told = f"{method} {path}: {answer.status_code} {answer.headers.get('Content-Type')} {answer.text[:500]}"
    described = operation["responses"].get(str(answer.status_code))
    assert described is not None, f"not described: {told}"
    media = answer.headers["Content-Type"].partition(";")[0]
    assert media in described["content"], f"not described: {told}"
    assert set(described.get("headers", {})) <= set(answer.headers), f"a header is missing: {told}"
    problems = list(_validator(json.dumps(described["content"][media]["schema"])).iter_errors(answer.json()))
    assert problems == [], f"{told}: {problems}"


@cache
def _validator(schema: str) -> Any:
    return Draft202012Validator({**json.loads(schema), "components": DOCUMENT["components"]})
