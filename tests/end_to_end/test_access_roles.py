"""Who may make which call: the table of docs/api.md, role by call, as API and policies decide it."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from avm_emulator.application import deploy_application
from avm_emulator.engine import Options, start
from tests.end_to_end.artefacts import ask_somebody, catalog_in, few_promises
from tests.end_to_end.conftest import GOOD, Machine, hasten
from tests.names import ROOT

ROLES = ("requester", "approver", "auditor", "operator")
TABLE = re.findall(
    r"^\| `(GET|POST|DELETE) (/\S+)` \| (\S+) \| (\S+) \| (\S+) \| (\S+) \|$",
    (ROOT / "docs" / "api.md").read_text("utf-8"),
    re.MULTILINE,
)
MATRIX = [(method, path, role, said) for method, path, *cells in TABLE for role, said in zip(ROLES, cells, strict=True)]
BODIES: dict[str, Any] = {
    "/plans": {},
    "/requests/{id}/approval": {"decision": "approve"},
    "/proposals/{observation_id}/approval": {"decision": "approve"},
    "/accounts/{account_id}/repair": {"controls": []},
    "/accounts/{account_id}/adoption": {},
    "/accounts/{account_id}/adoption/plan": {},
}
"""Bodies that are read before the call does anything; what it does is refused for other reasons, or harmless."""


@dataclass
class People:
    """Sessions by role, and what belongs to the requester and to somebody else."""

    sessions: dict[str, Any]
    own: dict[str, str]
    anothers: dict[str, str]


def session(machine: Machine, role: str) -> Any:
    """Return a session of a role of the management account that may call the API, and nothing else."""
    name = f"avm-{role}"
    if role != "operator":
        iam = machine.client("iam")
        trust = {"Effect": "Allow", "Principal": {"AWS": machine.emulator.management_account_id}}
        document = {"Version": "2012-10-17", "Statement": [{**trust, "Action": "sts:AssumeRole"}]}
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(document))
        invoke = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [invoke]})
        iam.put_role_policy(RoleName=name, PolicyName="invoke", PolicyDocument=policy)
    return machine.session_of(machine.emulator.management_account_id, name)


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """The machine, with a role that is requester and approver, and a type that needs an approval."""
    with start(Options(speed="max", deploy=False)) as running:
        hasten(running.emulator)
        artefacts = few_promises(tmp_path_factory.mktemp("artefacts"))
        organization = catalog_in(artefacts) / "organization.yaml"
        text = organization.read_text("utf-8")
        for role in ("requester", "approver"):
            line = f"    - arn:*:iam::123456789012:role/avm-{role}\n"
            assert line in text
            text = text.replace(line, f"{line}{line.replace(role, 'lead')}")
        organization.write_text(text, "utf-8")
        ask_somebody(artefacts, "test")
        deploy_application(running.emulator, artefacts)
        yield Machine(running)


@pytest.fixture(scope="module")
def people(machine: Machine) -> People:
    sessions = {role: session(machine, role) for role in (*ROLES, "stranger")}
    made = {}
    for whose in ("requester", "operator"):
        body = {"name": f"of-{whose}", **GOOD}
        answer = machine.call("POST", "/requests", body, key=f"of-{whose}", session=sessions[whose])
        assert answer.status_code == 202, answer.text
        account_id = machine.outcome(f"of-{whose}")["account_id"]
        plan = machine.call("POST", "/plans", {"name": f"plan-of-{whose}", **GOOD}, session=sessions[whose]).json()
        made[whose] = {
            "id": f"of-{whose}",
            "plan_id": plan["plan_id"],
            "account_id": account_id,
            "message_id": "nowhere",
            "sweep_id": "none",
            "observation_id": "none",
            "control": "placement",
        }
    return People(sessions, made["requester"], made["operator"])


def is_allowed(machine: Machine, people: People, role: str, call: tuple[str, str], names: dict[str, str]) -> bool:
    """Make a call and tell whether it was the caller's to make."""
    method, path = call
    body = BODIES.get(path, {} if method == "POST" else None)
    answer = machine.call(method, path.format(**names), body, session=people.sessions[role])
    if answer.status_code != 403:
        assert answer.status_code < 500, answer.text
        return True
    problem = answer.json()
    assert problem["code"] == "CallNotAllowed", problem
    assert problem["hint"]
    assert answer.headers["Content-Type"] == "application/problem+json"
    return False


def test_the_table_has_every_call_but_those_for_everybody(machine: Machine) -> None:
    code = (ROOT / "functions" / "api" / "app.py").read_text("utf-8")
    routes = {
        (method.upper(), path.replace("<request_id>", "{id}").replace("<", "{").replace(">", "}"))
        for method, path in re.findall(r'@app\.(get|post|put|delete|patch)\("([^"]+)"', code)
    }
    listed = {(method, path) for method, path, *_ in TABLE}
    assert routes - listed == {("GET", "/account-types"), ("GET", "/health"), ("GET", "/openapi.json")}
    assert listed <= routes
    assert {said for *_, said in MATRIX} == {"yes", "no", "own", "others"}
    for _, path in routes - listed:
        assert machine.call("GET", path).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "role", "said"), MATRIX, ids=[f"{role} {method} {path}" for method, path, role, _ in MATRIX]
)
def test_a_role_has_the_calls_that_are_written(
    machine: Machine, people: People, *, method: str, path: str, role: str, said: str
) -> None:
    allowed = is_allowed(machine, people, role, (method, path), people.anothers)
    lists = "{" not in path
    assert allowed is (said in {"yes", "others"} or (said == "own" and lists))
    if said == "own" and not lists:
        assert is_allowed(machine, people, role, (method, path), people.own)


def test_who_has_no_role_may_make_none_of_these_calls(machine: Machine, people: People) -> None:
    allowed = [
        f"{method} {path}"
        for method, path, *_ in TABLE
        if is_allowed(machine, people, "stranger", (method, path), people.own)
    ]
    assert allowed == []
    for path in ("/health", "/account-types"):
        assert machine.call("GET", path, session=people.sessions["stranger"]).status_code == 200


def test_a_requester_lists_and_gets_nothing_of_anothers_also_not_by_its_id(machine: Machine, people: People) -> None:
    requester = people.sessions["requester"]
    listed = machine.call("GET", "/requests?limit=100", session=requester).json()
    assert [item["request_id"] for item in listed["items"]] == ["of-requester"]
    assert {item["request_id"] for item in machine.call("GET", "/requests").json()["items"]} >= {"of-operator"}
    same = {"name": "of-operator", **GOOD}
    for path in ("/requests", "/requests/preflight"):
        answer = machine.call("POST", path, same, key="of-operator", session=requester)
        assert (answer.status_code, answer.json()["code"]) == (403, "CallNotAllowed")
        assert people.anothers["account_id"] not in answer.text
        assert machine.call("POST", path, {**same, "name": "of-requester"}, key="of-requester", session=requester).ok


def test_an_approver_decides_about_requests_of_others_never_about_his_own(machine: Machine) -> None:
    lead = session(machine, "lead")
    body = {**GOOD, "type": "test"}
    for request_id, who in (("of-lead", lead), ("of-another", machine.session)):
        answer = machine.call("POST", "/requests", {**body, "name": request_id}, key=request_id, session=who)
        assert answer.status_code == 202, answer.text
    machine.settle_now()
    decision = {"decision": "approve"}
    refused = machine.call("POST", "/requests/of-lead/approval", decision, session=lead)
    assert (refused.status_code, refused.json()["code"]) == (403, "CallNotAllowed")
    assert machine.call("GET", "/requests/of-lead").json()["status"] == "PENDING_APPROVAL"
    assert machine.call("POST", "/requests/of-another/approval", decision, session=lead).status_code == 200
    assert machine.outcome("of-another")["status"] == "READY"
    assert machine.call("POST", "/requests/of-lead/cancel", session=lead).status_code == 200
