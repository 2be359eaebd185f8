"""``avm report|drift|repair``."""

import json
from typing import Any

import pytest

from tests.cli.fakes import Avm, FakeApi, FakeClock

ACCOUNT = "210987654321"
STARTED = {"observation_id": "observe-2", "account_id": ACCOUNT, "status": "PENDING"}
UNTRUE = {
    "control": "placement",
    "scope": "account",
    "status": "violated",
    "evidence": {"ListParents": "r-1"},
    "observed_at": "2026-11-25T10:00:00Z",
}


def found(observation_id: str, *controls: dict[str, Any]) -> dict[str, Any]:
    return {
        "account_id": ACCOUNT,
        "request_id": "R1",
        "catalog_version": "0123456789ab",
        "time": "2026-11-25T10:00:00Z",
        "observation_id": observation_id,
        "ready": not controls,
        "controls": list(controls),
    }


def test_a_report_is_a_row_for_each_control_with_its_evidence(avm: Avm, api: FakeApi) -> None:
    api.script((200, found("vend-1", UNTRUE)))
    result = avm("report", ACCOUNT)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[1].split() == ["placement", "account", "violated", '{"ListParents":', '"r-1"}']
    assert [(call.method, call.path) for call in api.calls] == [("GET", f"/v1/accounts/{ACCOUNT}/report")]


def test_json_is_the_api_object_and_nothing_else(avm: Avm, api: FakeApi) -> None:
    api.script((200, found("vend-1", UNTRUE)))
    assert json.loads(avm("report", ACCOUNT, "--json").stdout) == found("vend-1", UNTRUE)


def test_drift_waits_for_the_observation_that_it_has_begun(avm: Avm, api: FakeApi) -> None:
    missing = (404, {"status": 404, "code": "ReportNotFound", "detail": "none yet"})
    api.script((202, STARTED), missing, (200, found("observe-2", UNTRUE)))
    result = avm("drift", ACCOUNT, "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout) == found("observe-2", UNTRUE)
    assert [(call.method, call.path.rpartition("/")[2]) for call in api.calls] == [
        ("POST", "observations"),
        ("GET", "drift"),
        ("GET", "drift"),
    ]
    assert {call.query.get("observation_id") for call in api.calls[1:]} == {"observe-2"}, "not that of whoever is last"


def test_an_account_that_was_never_observed_is_waited_for(avm: Avm, api: FakeApi) -> None:
    missing = (404, {"status": 404, "code": "ReportNotFound", "detail": "none yet"})
    api.script((202, STARTED), missing, (200, found("observe-2")))
    result = avm("drift", ACCOUNT)
    assert (result.exit_code, result.stdout) == (0, "")
    assert "every control is as it should be" in result.stderr


def test_a_repair_names_its_controls_and_shows_what_is_left(avm: Avm, api: FakeApi) -> None:
    api.script((202, STARTED), (200, found("observe-2", UNTRUE)))
    result = avm("repair", ACCOUNT, "placement", "account-tags")
    assert result.exit_code == 1
    assert "placement" in result.stdout
    assert (api.calls[0].path, api.calls[0].body) == (
        f"/v1/accounts/{ACCOUNT}/repair",
        {"controls": ["placement", "account-tags"]},
    )


def test_a_repair_that_takes_too_long_goes_on(avm: Avm, api: FakeApi, clock: FakeClock) -> None:
    api.script((202, STARTED), (200, found("observe-1")))
    result = avm("repair", ACCOUNT, "--timeout", "10")
    assert result.exit_code == 4
    assert "it goes on" in result.stderr
    assert sum(clock.sleeps) == 10


def test_an_account_that_is_not_there_is_a_failure(avm: Avm, api: FakeApi) -> None:
    api.script((404, {"status": 404, "code": "AccountNotFound", "detail": "no account", "hint": "List them."}))
    result = avm("drift", ACCOUNT)
    assert result.exit_code == 1
    assert "List them." in result.stderr


@pytest.mark.parametrize("command", ["report", "drift", "repair"])
@pytest.mark.parametrize("name", ["payments-dev", "21098765432", "2109876543210", "210987654321 ", "٢١٠٩٨٧٦٥٤٣٢١"])
def test_what_is_no_account_id_is_bad_usage(avm: Avm, api: FakeApi, command: str, name: str) -> None:
    result = avm(command, name)
    assert (result.exit_code, result.stdout, api.calls) == (2, "", [])
    assert "twelve digits" in " ".join(result.stderr.split())
