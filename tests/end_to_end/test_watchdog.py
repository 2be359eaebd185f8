"""What gets lost is mended within minutes, by nobody's help."""

import json
import time
from typing import Any

import pytest
import requests

from tests.end_to_end.conftest import GOOD, Machine


def post(machine: Machine, request_id: str) -> Any:
    return machine.call("POST", "/requests", {"name": f"name-{request_id}", **GOOD, "type": "sandbox"}, key=request_id)


def faults(machine: Machine, *rules: dict[str, Any]) -> None:
    answer = requests.put(f"{machine.emulator.endpoint_url}/_emulator/faults", json=list(rules), timeout=30)
    assert answer.status_code == 200, answer.text


def vend_machine(machine: Machine) -> str:
    listed = machine.application_client("stepfunctions").list_state_machines()["stateMachines"]
    return str(next(each["stateMachineArn"] for each in listed if each["name"].endswith("vend-account")))


def execution(machine: Machine, name: str) -> str:
    return f"{vend_machine(machine).replace(':stateMachine:', ':execution:')}:{name}"


def actions(machine: Machine, request_id: str) -> list[str]:
    return [item["action"] for item in machine.call("GET", f"/requests/{request_id}/audit").json()["items"]]


def accounts_called(machine: Machine, name: str) -> int:
    pages = machine.client("organizations").get_paginator("list_accounts").paginate()
    return sum(account["Name"] == name for page in pages for account in page["Accounts"])


def test_an_execution_that_somebody_stopped_is_followed_by_another(machine: Machine) -> None:
    clock = machine.emulator.clock
    clock.hold(held=True)
    assert post(machine, "stopped").status_code == 202
    while clock.active:
        time.sleep(0.05)
    machine.application_client("stepfunctions").stop_execution(executionArn=execution(machine, "stopped-1"))
    clock.hold(held=False)
    request = machine.outcome("stopped")
    assert (request["status"], request["attempt"]) == ("READY", 2)
    assert "VendRetried" in actions(machine, "stopped")
    assert accounts_called(machine, "name-stopped") == 1


def test_a_record_that_no_execution_belongs_to_is_started(machine: Machine) -> None:
    faults(
        machine,
        {
            "service": "stepfunctions",
            "operation": "StartExecution",
            "fault": "error_before",
            "code": "AccessDeniedException",
        },
    )
    assert post(machine, "unstarted").status_code == 500
    assert machine.call("GET", "/requests/unstarted").json()["status"] == "QUEUED"
    faults(machine)
    request = machine.outcome("unstarted")
    assert (request["status"], request["attempt"]) == ("READY", 1)


def test_an_execution_that_ends_without_a_word_again_and_again_is_parked_with_the_reason(machine: Machine) -> None:
    clock = machine.emulator.clock
    clock.hold(held=True)
    assert post(machine, "mute").status_code == 202
    for attempt in range(1, 5):
        while machine.call("GET", "/requests/mute").json()["attempt"] < attempt:
            clock.advance(60)
        while clock.active:
            time.sleep(0.05)
        machine.application_client("stepfunctions").stop_execution(executionArn=execution(machine, f"mute-{attempt}"))
    clock.hold(held=False)
    request = machine.outcome("mute")
    assert (request["status"], request["error"]["code"]) == ("PARKED", "VendInterrupted")


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_lost_hand_over_is_made_again(machine: Machine, when: str) -> None:
    """The function that hands the slot on is killed as it wakes the next one, and so are its retries."""
    machine.emulator.latencies.change({"organizations:CreateAccount": 200})
    ids = [f"handed-{when}-{number}" for number in range(6)]
    machine.emulator.clock.hold(held=True)
    for request_id in ids:
        assert post(machine, request_id).status_code == 202
    machine.emulator.clock.hold(held=False)
    faults(
        machine,
        {"service": "stepfunctions", "operation": "SendTaskSuccess", "fault": "kill_function", "when": when, "nth": 6},
    )
    assert [machine.outcome(request_id)["status"] for request_id in ids] == ["READY"] * 6
    fired = requests.get(f"{machine.emulator.endpoint_url}/_emulator/faults", timeout=30).json()["rules"][0]["fired"]
    faults(machine)
    assert fired == 1


def test_a_clean_world_costs_the_watchdog_few_calls(machine: Machine) -> None:
    machine.settle(time.monotonic() + 300)
    before = max(call.seq for call in machine.emulator.calls)
    machine.emulator.clock.advance(60)
    calls = [call for call in machine.emulator.calls.select(since=before) if "WatchVends" in (call.source or "")]
    assert 0 < len(calls) < 10, json.dumps([call.operation for call in calls])
