"""Whatever is sent to the API, by its OpenAPI document or against it: the answer is one that the document has."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import botocore.auth
import botocore.awsrequest
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import CheckFunction
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tests.end_to_end.conformance import DOCUMENT
from tests.end_to_end.conftest import GOOD, Machine

SIGNATURES = {"security", "securitySchemes"}
"""Whether a call is signed is no matter of its data; test_vend has who is refused."""
SCHEMA = schemathesis.openapi.from_dict(
    {
        **{name: value for name, value in DOCUMENT.items() if name not in SIGNATURES},
        "components": {name: value for name, value in DOCUMENT["components"].items() if name not in SIGNATURES},
    }
)
OPERATIONS = {found.ok().label: found.ok() for found in SCHEMA.get_all_operations() if isinstance(found, Ok)}
NOT_PROMISED: list[CheckFunction] = [positive_data_acceptance]
"""What the document allows, the catalog and what is stored may refuse: an account type, an id that nothing has."""
BEGINS = re.compile("foundation|sweeps|observations|repair|adoption|plans")
"""Operations that begin what takes a long time: few cases."""
SHAPELESS = frozenset({"POST /accounts/{account_id}/repair", "POST /webhooks/{source}"})
"""Operations whose body the document leaves open."""
CASES = {"sent": 0}

pytestmark = pytest.mark.timeout(900)  # real seconds, on a busy machine: one operation has a hundred cases


class Signed(requests.auth.AuthBase):
    """Signs as a client of the API does."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        credentials = self._machine.session.get_credentials()
        assert credentials is not None
        signed = botocore.awsrequest.AWSRequest(
            request.method, request.url, data=request.body, headers=dict(request.headers)
        )
        region = self._machine.emulator.region
        botocore.auth.SigV4Auth(credentials.get_frozen_credentials(), "execute-api", region).add_auth(signed)
        request.headers.update(dict(signed.headers))
        return request


@pytest.fixture(scope="module")
def known(machine: Machine) -> dict[str, str]:
    """Return values of parameters that are there: half of the cases have them."""
    request = machine.vend("a-request")
    sweep = machine.call("POST", "/sweeps").json()["observation_id"]
    plan = machine.call("POST", "/plans", {"name": "planned", **GOOD}).json()["plan_id"]
    machine.settle_now()
    return {
        "plan_id": plan,
        "account_id": request["account_id"],
        "request_id": request["request_id"],
        "sweep_id": sweep,
        "control": "account-tags",
        "source": "jira",
    }


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("label", OPERATIONS)
def test_every_answer_is_one_that_the_document_has(
    machine: Machine, known: dict[str, str], how_many: Callable[[int, int], int], label: str, mode: GenerationMode
) -> None:
    number = iter(range(10**6))
    begins = label.startswith("POST") and BEGINS.search(label) is not None

    @settings(max_examples=how_many(3, 4 if begins else 60), database=None, suppress_health_check=list(HealthCheck))
    @given(case=OPERATIONS[label].as_strategy(generation_mode=mode))
    def answered(case: schemathesis.Case[Any]) -> None:
        if next(number) % 2:
            case.path_parameters = {
                name: known.get(name, value) for name, value in (case.path_parameters or {}).items()
            }
        CASES["sent"] += 1
        case.call_and_validate(
            base_url=machine.base, auth=Signed(machine), session=machine.http, excluded_checks=NOT_PROMISED
        )

    try:
        answered()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE
        assert not has_shape(label) or label in SHAPELESS, "there is something that can be violated"


def has_shape(label: str) -> bool:
    """Return whether the document says what a body or a parameter of an operation looks like."""
    method, path = label.split(" ")
    operation = DOCUMENT["paths"][path][method.lower()]
    parameters = [*operation.get("parameters", []), *DOCUMENT["paths"][path].get("parameters", [])]
    return "requestBody" in operation or any(each["in"] == "query" for each in parameters)


def test_it_still_works(machine: Machine, figure: list[str]) -> None:
    figure.append(f"calls of the API by its document: {CASES['sent']}, all answered as it says")
    assert machine.vend("after-all-that")["status"] == "READY"
