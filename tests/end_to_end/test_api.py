"""The API, as its clients meet it."""

import json
from typing import Any

import pytest

from tests.end_to_end.conftest import GOOD, Machine


def problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert {"type", "title", "status", "detail", "code", "hint"} <= set(document)
    assert (document["status"], document["code"]) == (status, code)
    return document


@pytest.mark.parametrize("path", ["/health", "/requests", "/requests/x", "/account-types"])
def test_an_unsigned_call_gets_403(machine: Machine, path: str) -> None:
    assert machine.call("GET", path, signed=False).status_code == 403
    assert machine.call("POST", "/requests", {"name": "x", **GOOD}, signed=False).status_code == 403


def test_a_signed_request_is_accepted_and_the_same_again_is_the_same(machine: Machine) -> None:
    body = {"name": "idempotent", **GOOD}
    first = machine.call("POST", "/requests", body, key="idempotent")
    second = machine.call("POST", "/requests", dict(reversed(body.items())) | {"request_id": "idempotent"})
    assert (first.status_code, second.status_code) == (202, 200)
    assert first.json()["created_at"] == second.json()["created_at"]
    assert first.json()["requester"]["door"] == "api"
    assert first.json()["requester"]["principal"].endswith(":assumed-role/avm-operator/avm-local")
    another = machine.call("POST", "/requests", body | {"purpose": "else"}, key="idempotent")
    assert "purpose" in problem(another, 409, "RequestConflict")["detail"]
    assert machine.outcome("idempotent")["status"] == "READY"
    assert machine.call("POST", "/requests", body, key="idempotent").status_code == 200


def test_all_problems_are_named_and_nothing_is_stored(machine: Machine) -> None:
    body = {"name": "<", "type": "castle", "request_id": "bad", "extra": 1}
    document = problem(machine.call("POST", "/requests", body), 400, "InvalidRequest")
    fields = {error["field"] for error in document["errors"]}
    assert fields == {"name", "type", "extra", "owner", "cost_center", "purpose"}
    assert all(error["reason"] and error["hint"] for error in document["errors"])
    problem(machine.call("GET", "/requests/bad"), 404, "RequestNotFound")


def test_a_taken_name_is_a_conflict(machine: Machine) -> None:
    assert machine.call("POST", "/requests", {"name": "Taken", **GOOD}, key="taken-1").status_code == 202
    problem(machine.call("POST", "/requests", {"name": "taken", **GOOD}, key="taken-2"), 409, "NameTaken")
    assert machine.outcome("taken-1")["status"] == "READY"


@pytest.mark.parametrize(
    "body", ["", "{", "[]", "null", "name: x", '{"name": "a", "name": "b"}', '{"name": NaN}', "[" * 5000, '"\\ud800"']
)
def test_what_is_no_request_is_refused(machine: Machine, body: str) -> None:
    problem(machine.call("POST", "/requests", body), 400, "InvalidRequest")


def test_a_huge_body_is_refused(machine: Machine) -> None:
    body = {"name": "huge", **GOOD, "purpose": "x" * 70_000}
    problem(machine.call("POST", "/requests", body), 413, "RequestTooLarge")


def test_key_and_id_that_differ_are_refused(machine: Machine) -> None:
    body = {"name": "both", **GOOD, "request_id": "one"}
    document = problem(machine.call("POST", "/requests", body, key="two"), 400, "InvalidRequest")
    assert [error["field"] for error in document["errors"]] == ["request_id"]


@pytest.mark.parametrize(
    "query", ["status=nothing", "limit=0", "limit=101", "limit=x", "cursor=x", "color=red", "limit=%C2%B2"]
)
def test_a_query_that_makes_no_sense_is_refused(machine: Machine, query: str) -> None:
    answer = machine.call("GET", f"/requests?{query}")
    problem(answer, 400, "InvalidCursor" if "cursor" in query else "InvalidRequest")


def test_lists_are_paged_and_filtered(machine: Machine) -> None:
    for number in range(3):
        machine.call(
            "POST", "/requests", {"name": f"page-{number}", **GOOD, "owner": "max@example.com"}, key=f"page-{number}"
        )
    seen: list[str] = []
    cursor = ""
    while cursor is not None:
        page = machine.call("GET", f"/requests?owner=max%40example.com&limit=2{cursor}").json()
        seen += [item["request_id"] for item in page["items"]]
        cursor = page["cursor"] and f"&cursor={page['cursor']}"
    assert sorted(seen) == ["page-0", "page-1", "page-2"]
    for number in range(3):
        assert machine.outcome(f"page-{number}")["status"] == "READY"


@pytest.mark.parametrize(("method", "path"), [("GET", "/nothing"), ("DELETE", "/requests"), ("PUT", "/requests/x")])
def test_a_call_that_does_not_exist_is_a_problem_document(machine: Machine, method: str, path: str) -> None:
    problem(machine.call(method, path), 404, "NoSuchCall")


@pytest.mark.parametrize("body", ["[]", "null", '"x"', '{"controls": []}', "{", " "])
def test_an_observation_takes_no_fields(machine: Machine, body: str) -> None:
    answer = machine.call("POST", "/accounts/000000000000/observations", body)
    assert all(error["hint"] for error in problem(answer, 400, "InvalidRequest")["errors"])


@pytest.mark.parametrize("body", [None, {}])
def test_an_observation_needs_no_body(machine: Machine, body: object) -> None:
    problem(machine.call("POST", "/accounts/000000000000/observations", body), 404, "AccountNotFound")


@pytest.mark.parametrize("body", ["[]", "null", '"x"'])
def test_a_repair_that_is_no_object_is_told_so(machine: Machine, body: str) -> None:
    document = problem(machine.call("POST", "/accounts/000000000000/repair", body), 400, "InvalidRequest")
    assert [(error["field"], error["reason"]) for error in document["errors"]] == [
        ("", "the body must be a JSON object")
    ]
    assert "_Repair" not in json.dumps(document)


def test_health_and_account_types_are_served(machine: Machine) -> None:
    assert machine.call("GET", "/health").json()["status"] == "ok"
    types = machine.call("GET", "/account-types").json()["items"]
    assert len(types) == 8
    assert problem(machine.call("GET", "/accounts/000000000000"), 404, "AccountNotFound")


def test_the_audit_tells_who_did_what(machine: Machine) -> None:
    machine.vend("audited")
    items = machine.call("GET", "/requests/audited/audit").json()["items"]
    assert [item["action"] for item in items] == ["RequestAccepted", "VendStarted", "AccountCreated", "AccountReady"]
    assert items[0]["actor"].endswith(":assumed-role/avm-operator/avm-local")
