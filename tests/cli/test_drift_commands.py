"""``avm sweep``, ``avm except`` and ``avm breaker``."""

import json
from typing import Any

import pytest

from tests.cli.fakes import Avm, FakeApi

ACCOUNT = "111122223333"
STARTED = (202, {"observation_id": "sweep-1", "status": "RUNNING"})
EXCEPTION = {
    "account_id": ACCOUNT,
    "control": "placement",
    "until": "2027-01-31T23:59:59.999Z",
    "reason": "a move",
    "owner": "jane",
    "created_at": "2027-01-01T00:00:00.000Z",
}


def swept(status: str = "SUCCEEDED", **facts: Any) -> tuple[int, dict[str, Any]]:
    report = {
        "observation_id": "sweep-1",
        "time": "2027-01-01T00:00:00.000Z",
        "accounts": 2,
        "compliance": {"compliant": 40},
        "drifted": [],
        "unseen": {},
        "left_out": {},
        "unmanaged": [],
        **facts,
    }
    return 200, {
        "observation_id": "sweep-1",
        "status": status,
        "report": report if status == "SUCCEEDED" else None,
    }


def test_a_sweep_waits_for_its_report_and_shows_what_is_untrue(avm: Avm, api: FakeApi) -> None:
    drifted = [{"account_id": ACCOUNT, "control": "placement", "status": "violated"}]
    left = {"444455556666": "it is VENDING"}
    api.script(STARTED, swept("RUNNING"), swept(drifted=drifted, left_out=left, unmanaged=["777788889999"]))
    result = avm("sweep")
    assert result.exit_code == 1
    _, *rows = result.stdout.splitlines()
    assert [row.split()[:2] for row in rows] == [[ACCOUNT, "placement"], ["444455556666", "left"]]
    assert "2 accounts" in result.stderr
    assert "Not under the machine: 777788889999" in result.stderr
    assert {call.path for call in api.calls[1:]} == {"/v1/sweeps/sweep-1"}


def test_a_sweep_in_which_all_is_well_ends_with_0_and_json_is_the_report(avm: Avm, api: FakeApi) -> None:
    api.script(STARTED, swept())
    result = avm("sweep", "--json")
    assert (result.exit_code, json.loads(result.stdout)) == (0, swept()[1]["report"])


def test_what_a_sweep_could_not_see_is_no_success(avm: Avm, api: FakeApi) -> None:
    api.script(STARTED, swept(unseen={ACCOUNT: "AccessDenied: no"}))
    result = avm("sweep")
    assert result.exit_code == 1
    assert "not looked at: AccessDenied: no" in result.stdout


def test_a_report_that_is_not_archived_is_no_success(avm: Avm, api: FakeApi) -> None:
    api.script(STARTED, swept(unarchived={ACCOUNT: "ReportNotArchived: no"}))
    result = avm("sweep")
    assert result.exit_code == 1
    assert "report not archived: ReportNotArchived: no" in result.stdout


def test_a_sweep_that_came_to_nothing_says_so_at_once(avm: Avm, api: FakeApi) -> None:
    api.script(STARTED, swept("FAILED"))
    result = avm("sweep")
    assert result.exit_code == 1
    assert "sweep-1 ended as FAILED" in result.stderr


def test_an_exception_is_made_listed_and_ended(avm: Avm, api: FakeApi) -> None:
    ended = {"account_id": ACCOUNT, "control": "placement"}
    api.script((200, EXCEPTION), (200, {"items": [EXCEPTION], "cursor": None}), (200, ended))
    made = avm("except", ACCOUNT, "placement", "--until", "2027-01-31", "--reason", "a move")
    assert (made.exit_code, "may be untrue until 2027-01-31" in made.stderr) == (0, True)
    listed = avm("except", ACCOUNT)
    assert "a move" in listed.stdout
    assert avm("except", ACCOUNT, "placement", "--end").exit_code == 0
    path = f"/v1/accounts/{ACCOUNT}/exceptions"
    assert [(call.method, call.path) for call in api.calls] == [
        ("POST", path),
        ("GET", path),
        ("DELETE", f"{path}/placement"),
    ]
    assert api.calls[0].body == {"control": "placement", "until": "2027-01-31", "reason": "a move"}


@pytest.mark.parametrize(
    "arguments",
    [
        ("--end",),
        ("--until", "2027-01-31"),
        ("placement",),
        ("placement", "--until", "2027-01-31"),
        ("placement", "--end", "--reason", "a move"),
    ],
)
def test_half_an_exception_is_bad_usage_and_nothing_is_sent(avm: Avm, api: FakeApi, arguments: tuple[str, ...]) -> None:
    assert avm("except", ACCOUNT, *arguments).exit_code == 2
    assert api.calls == []


def test_the_breaker_is_shown_opened_and_closed(avm: Avm, api: FakeApi) -> None:
    open_ = {"open": [{"scope": "machine", "since": "2027-01-01T00:00:00Z", "reason": "a release"}], "repairs": []}
    closed: dict[str, Any] = {"open": [], "repairs": []}
    api.script((200, open_), (200, open_), (200, closed))
    assert "a release" in avm("breaker", "status").stdout
    assert avm("breaker", "stop", ACCOUNT, "--reason", "a release").exit_code == 0
    assert "Nothing is stopped." in avm("breaker", "reset").stderr
    assert [(call.method, call.path, call.body) for call in api.calls[1:]] == [
        ("POST", "/v1/breaker/stop", {"reason": "a release", "scope": ACCOUNT}),
        ("POST", "/v1/breaker/reset", {}),
    ]
    assert avm("breaker", "stop").exit_code == 2


def test_proposals_are_listed_and_decided_about(avm: Avm, api: FakeApi) -> None:
    proposal = {
        "observation_id": "drift-1",
        "account_id": ACCOUNT,
        "control": "placement",
        "found": {},
        "cause": {"event": "organizations:MoveAccount"},
        "proposed_at": "2027-01-01T00:00:00.000Z",
        "until": "2027-01-08T00:00:00.000Z",
    }
    page = {"items": [proposal, {**proposal, "cause": None}], "cursor": None}
    api.script((200, page), (200, page), (200, proposal), (200, proposal))
    listed = avm("proposals", "list")
    assert "organizations:MoveAccount" in listed.stdout
    assert json.loads(avm("proposals", "list", "--json").stdout) == page
    assert "placement is to be repaired" in avm("proposals", "approve", "drift-1").stderr
    assert "stays as it is" in avm("proposals", "reject", "drift-1", "--comment", "not now").stderr
    assert [(call.path, call.body) for call in api.calls[2:]] == [
        ("/v1/proposals/drift-1/approval", {"decision": "approve"}),
        ("/v1/proposals/drift-1/approval", {"decision": "reject", "comment": "not now"}),
    ]
