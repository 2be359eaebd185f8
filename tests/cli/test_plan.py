"""``avm plan``."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.fakes import Avm, FakeApi

STARTED = {"plan_id": "plan-1", "status": "PENDING"}
BODY = {
    "name": "new",
    "type": "test",
    "owner": "jane.doe@example.com",
    "cost_center": "CC-1042",
    "purpose": "Test",
}
PROBLEM = {"by": "ReserveAccount", "code": "NameTaken", "message": "it is taken", "hint": "take another"}


def plan(status: str = "DONE", **facts: Any) -> dict[str, Any]:
    return {
        "plan_id": "plan-1",
        "status": status,
        "request": BODY,
        "accepted": None,
        "email": None,
        "ou": "Test",
        "approval": False,
        "deferred": [],
        "changes": [{"by": "placement", "scope": "account", "call": "organizations:MoveAccount", "subject": "new"}],
        "problems": [],
        **facts,
    }


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "request.json"
    path.write_text(json.dumps(BODY), "utf-8")
    return str(path)


def test_a_plan_is_asked_for_waited_for_and_shown(avm: Avm, api: FakeApi, file: str) -> None:
    api.script((202, STARTED), (200, plan(status="PENDING")), (200, plan(approval=True, deferred=["config-recorder"])))
    result = avm("plan", file)
    assert result.exit_code == 0, result.output
    assert [(call.method, call.path) for call in api.calls] == [
        ("POST", "/v1/plans"),
        ("GET", "/v1/plans/plan-1"),
        ("GET", "/v1/plans/plan-1"),
    ]
    assert api.calls[0].body == BODY
    assert "organizations:MoveAccount" in result.stdout
    for words in ("OU Test", "Nothing was changed", "approve it first", "config-recorder"):
        assert words in result.stderr


def test_what_stands_in_the_way_is_shown_and_is_the_exit_code(avm: Avm, api: FakeApi, file: str) -> None:
    api.script((202, STARTED), (200, plan(problems=[PROBLEM], accepted="QUEUED", email="new@example.com")))
    result = avm("plan", file)
    assert result.exit_code == 3
    for word in ("NameTaken", "taken", "another"):
        assert word in result.stdout
    assert "accepted before: QUEUED" in result.stderr
    assert "new@example.com" in result.stderr


def test_json_is_the_plan_and_nothing_else(avm: Avm, api: FakeApi, file: str) -> None:
    api.script((202, STARTED), (200, plan(problems=[PROBLEM])))
    result = avm("plan", file, "--json")
    assert result.exit_code == 3
    assert json.loads(result.stdout) == plan(problems=[PROBLEM])


def test_a_plan_that_is_not_made_in_time_goes_on(avm: Avm, api: FakeApi, file: str) -> None:
    api.script((202, STARTED), (200, plan(status="PENDING")))
    result = avm("plan", file, "--timeout", "0")
    assert result.exit_code == 4
    assert "plan-1" in result.stderr


def test_who_does_not_answer_with_a_plan_is_not_the_api(avm: Avm, api: FakeApi, file: str) -> None:
    api.script((200, {"hello": "world"}))
    assert avm("plan", file).exit_code == 1
