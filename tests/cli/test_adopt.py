"""``avm adopt``."""

import json
from pathlib import Path
from typing import Any

from tests.cli.fakes import Avm, FakeApi, RequestBuilder

ACCOUNT = "210987654321"
STARTED = {"observation_id": "adoption-2", "account_id": ACCOUNT, "status": "PENDING"}
OPTIONS = ("--type", "test", "--owner", "jane.doe@example.com", "--cost-center", "CC-1042", "--purpose", "Test")
BODY = {"type": "test", "owner": "jane.doe@example.com", "cost_center": "CC-1042", "purpose": "Test"}


def plan(observation_id: str = "adoption-2", status: str = "DONE", **facts: Any) -> dict[str, Any]:
    return {
        "account_id": ACCOUNT,
        "request": None,
        "plan": {
            "observation_id": observation_id,
            "account_id": ACCOUNT,
            "status": status,
            "email": "old@example.org",
            "request": {**BODY, "name": "old"},
            "ou_before": "Root",
            "ou_after": "Test",
            "unbound": ["others-scp"],
            "left_alone": ["SCP others on the account"],
            "controls": [
                {
                    "control": "placement",
                    "scope": "account",
                    "status": "violated",
                    "calls": ["organizations:MoveAccount"],
                    "evidence": {"ListParents": "r-1"},
                }
            ],
            **facts,
        },
    }


def test_an_adoption_is_sent_and_followed_to_its_end(avm: Avm, api: FakeApi, request_object: RequestBuilder) -> None:
    api.script((202, request_object("IN_PROGRESS")), (200, request_object("READY")))
    result = avm("adopt", ACCOUNT, *OPTIONS)
    assert result.exit_code == 0, result.output
    assert (api.calls[0].method, api.calls[0].path) == ("POST", f"/v1/accounts/{ACCOUNT}/adoption")
    assert api.calls[0].body == BODY


def test_options_go_before_what_the_file_says(
    avm: Avm, api: FakeApi, request_object: RequestBuilder, tmp_path: Path
) -> None:
    file = tmp_path / "old.yaml"
    file.write_text("type: sandbox\npurpose: Old\ntags: {team: payments}\n", "utf-8")
    api.script((202, request_object("QUEUED")))
    result = avm("adopt", ACCOUNT, "--file", str(file), *OPTIONS, "--request-id", "R1", "--no-wait")
    assert result.exit_code == 0, result.output
    assert api.calls[0].body == {**BODY, "tags": {"team": "payments"}, "request_id": "R1"}


def test_a_plan_waits_for_its_own_and_shows_what_would_be_done(avm: Avm, api: FakeApi) -> None:
    api.script((202, STARTED), (200, plan(status="PENDING")), (200, plan()))
    result = avm("adopt", ACCOUNT, *OPTIONS, "--plan")
    assert result.exit_code == 0, result.output
    assert [call.path for call in api.calls] == [
        f"/v1/accounts/{ACCOUNT}/adoption/plan",
        *[f"/v1/accounts/{ACCOUNT}/adoption"] * 2,
    ]
    assert "organizations:MoveAccount" in result.stdout
    for said in ("moved from Root to OU Test", "nothing was changed", "others-scp", "SCP others on the account"):
        assert said in result.stderr


def test_a_plan_that_another_one_has_replaced_is_not_waited_for(avm: Avm, api: FakeApi) -> None:
    api.script((202, STARTED), (200, plan("adoption-3", status="PENDING")))
    result = avm("adopt", ACCOUNT, *OPTIONS, "--plan")
    assert result.exit_code == 1
    assert "begun meanwhile" in result.stderr


def test_json_of_a_plan_is_the_api_object_and_nothing_else(avm: Avm, api: FakeApi) -> None:
    api.script((202, STARTED), (200, plan()))
    result = avm("adopt", ACCOUNT, *OPTIONS, "--plan", "--json")
    assert (result.exit_code, json.loads(result.stdout)) == (0, plan()["plan"])


def test_a_plan_that_cannot_be_made_says_why(avm: Avm, api: FakeApi) -> None:
    error = {"code": "AccountNotAdoptable", "message": "the role cannot be taken", "hint": "Create it."}
    api.script((202, STARTED), (200, plan(status="FAILED", error=error, controls=[])))
    result = avm("adopt", ACCOUNT, *OPTIONS, "--plan")
    assert result.exit_code == 3
    assert "AccountNotAdoptable: the role cannot be taken" in result.stderr
    assert "Create it." in result.stderr
