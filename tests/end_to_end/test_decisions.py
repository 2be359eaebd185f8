"""People decide: approve, reject, cancel, retry."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from avm_emulator.application import deploy_application
from avm_emulator.engine import Options, start
from tests.end_to_end.artefacts import ask_somebody, few_promises
from tests.end_to_end.conftest import GOOD, Machine, hasten

DAY = 86_400


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """The machine with a catalog in which accounts for production need somebody's approval."""
    artefacts = few_promises(tmp_path_factory.mktemp("artefacts"))
    ask_somebody(artefacts, "production")
    with start(Options(speed="max", deploy=False)) as running:
        hasten(running.emulator)
        deploy_application(running.emulator, artefacts)
        yield Machine(running)


def asked(machine: Machine, request_id: str, **body: Any) -> dict[str, Any]:
    """Post a request that needs approval and return it when it waits for that."""
    answer = machine.call(
        "POST", "/requests", {"name": f"name-{request_id}", **GOOD, "type": "production", **body}, key=request_id
    )
    assert answer.status_code == 202, answer.text
    machine.settle(time.monotonic() + 300)
    request: dict[str, Any] = machine.call("GET", f"/requests/{request_id}").json()
    assert (request["status"], request["account_id"]) == ("PENDING_APPROVAL", None)
    return request


def decide(machine: Machine, request_id: str, decision: str, comment: str = "") -> Any:
    return machine.call("POST", f"/requests/{request_id}/approval", {"decision": decision, "comment": comment})


def left_behind(machine: Machine, request_id: str) -> list[dict[str, Any]]:
    """Return the items of the table that name the request, other than its record and its audit."""
    client = machine.application_client("dynamodb")
    table = next(name for name in client.list_tables()["TableNames"] if name.startswith("avm-"))
    items = [item for page in client.get_paginator("scan").paginate(TableName=table) for item in page["Items"]]
    return [
        item
        for item in items
        if request_id in str(item) and item["sk"]["S"] != "RECORD" and not item["sk"]["S"].startswith("AUDIT#")
    ]


def actions(machine: Machine, request_id: str) -> list[str]:
    return [item["action"] for item in machine.call("GET", f"/requests/{request_id}/audit").json()["items"]]


def test_an_approved_request_becomes_an_account(machine: Machine) -> None:
    asked(machine, "approved")
    answer = decide(machine, "approved", "approve", "go ahead")
    assert answer.status_code == 200, answer.text
    assert decide(machine, "approved", "approve").status_code == 200
    request = machine.outcome("approved")
    assert request["status"] == "READY"
    assert [step["name"] for step in request["steps"]][:4] == [
        "ValidateRequest",
        "ReserveAccount",
        "RequestApproval",
        "JoinCreationQueue",
    ]
    assert {"ApprovalRequested", "ApprovalDecided"} <= set(actions(machine, "approved"))
    late = decide(machine, "approved", "reject")
    assert (late.status_code, late.json()["code"]) == (409, "ApprovalNotPending")


def test_a_refused_request_is_rejected_and_frees_everything(machine: Machine) -> None:
    asked(machine, "refused")
    assert decide(machine, "refused", "reject", "too expensive").status_code == 200
    request = machine.outcome("refused")
    assert (request["status"], request["error"]["code"]) == ("REJECTED", "ApprovalRefused")
    assert "too expensive" in request["error"]["message"]
    assert left_behind(machine, "refused") == []
    again = machine.call("POST", "/requests/refused/retry")
    assert (again.status_code, again.json()["attempt"]) == (202, 2)
    machine.settle(time.monotonic() + 300)
    assert machine.call("GET", "/requests/refused").json()["status"] == "PENDING_APPROVAL"
    assert decide(machine, "refused", "approve").status_code == 200
    assert machine.outcome("refused")["status"] == "READY"


def test_a_request_that_nobody_decides_about_expires(machine: Machine) -> None:
    asked(machine, "expired")
    machine.sweep_by_schedule(on=False)
    machine.let_pass(14 * DAY + 60)
    machine.sweep_by_schedule(on=True)
    request = machine.outcome("expired")
    assert (request["status"], request["error"]["code"]) == ("REJECTED", "ApprovalExpired")
    assert left_behind(machine, "expired") == []
    late = decide(machine, "expired", "approve")
    assert (late.status_code, late.json()["code"]) == (409, "ApprovalNotPending")


def test_a_request_that_waits_for_approval_can_be_cancelled(machine: Machine) -> None:
    asked(machine, "cancelled", name="free-again")
    answer = machine.call("POST", "/requests/cancelled/cancel")
    assert (answer.status_code, answer.json()["status"]) == (200, "CANCELLED")
    assert machine.call("POST", "/requests/cancelled/cancel").status_code == 200
    machine.settle(time.monotonic() + 300)
    assert left_behind(machine, "cancelled") == []
    assert machine.vend("takes-its-name", name="free-again")["status"] == "READY"
    again = machine.call("POST", "/requests/cancelled/retry")
    assert (again.status_code, again.json()["code"]) == (409, "RequestNotRetryable")


def test_a_request_in_the_queue_can_be_cancelled_and_one_that_has_an_account_cannot(machine: Machine) -> None:
    clock = machine.emulator.clock
    clock.hold(held=True)
    for number in range(8):
        body = {"name": f"queue-{number}", **GOOD, "type": "sandbox"}
        assert machine.call("POST", "/requests", body, key=f"queue-{number}").status_code == 202
    settled(machine)
    assert [machine.call("GET", f"/requests/queue-{n}").json()["queue_position"] for n in range(8)] == [*range(1, 9)]
    answer = machine.call("POST", "/requests/queue-2/cancel")
    assert (answer.status_code, answer.json()["status"]) == (200, "CANCELLED")
    assert left_behind(machine, "queue-2") == []
    assert [machine.call("GET", f"/requests/queue-{n}").json()["queue_position"] for n in (1, 3, 7)] == [2, 3, 7]
    clock.hold(held=False)
    ended = [machine.outcome(f"queue-{number}")["status"] for number in range(8)]
    assert ended == ["READY"] * 2 + ["CANCELLED"] + ["READY"] * 5
    late = machine.call("POST", "/requests/queue-0/cancel")
    assert (late.status_code, late.json()["code"]) == (409, "RequestNotCancellable")


def settled(machine: Machine) -> None:
    """Wait until nothing runs, while the clock is held."""
    deadline = time.monotonic() + 300
    while machine.emulator.clock.active and time.monotonic() < deadline:
        time.sleep(0.05)


@pytest.mark.parametrize("body", [{}, {"decision": "maybe"}, {"decision": "approve", "by": "me"}, [], "x" * 10])
def test_a_decision_that_makes_no_sense_is_refused(machine: Machine, body: Any) -> None:
    answer = machine.call("POST", "/requests/nobody/approval", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "InvalidRequest")


@pytest.mark.parametrize("call", ["approval", "cancel", "retry"])
def test_a_request_that_does_not_exist_is_not_found(machine: Machine, call: str) -> None:
    body = {"decision": "approve"} if call == "approval" else None
    answer = machine.call("POST", f"/requests/nobody/{call}", body)
    assert (answer.status_code, answer.json()["code"]) == (404, "RequestNotFound")


def test_what_is_mended_by_hand_goes_on_by_a_retry(machine: Machine) -> None:
    access = [{"group": "later", "permission_set": "ReadOnlyAccess"}]
    request = machine.vend("mended", type="sandbox", access=access)
    assert (request["status"], request["error"]["code"]) == ("PARKED", "PrincipalNotFound")
    assert [item["sk"]["S"] for item in left_behind(machine, "mended")] == ["RESERVATION", "RESERVATION"]
    store = machine.client("sso-admin").list_instances()["Instances"][0]["IdentityStoreId"]
    machine.client("identitystore").create_group(IdentityStoreId=store, DisplayName="later")
    before = max(call.seq for call in machine.emulator.calls)
    again = machine.call("POST", "/requests/mended/retry")
    assert (again.status_code, again.json()["attempt"], again.json()["error"]) == (202, 2, None)
    ready = machine.outcome("mended")
    assert (ready["status"], ready["account_id"]) == ("READY", request["account_id"])
    assert not machine.emulator.calls.select(since=before, operation="CreateAccount")
    twice = machine.call("POST", "/requests/mended/retry")
    assert (twice.status_code, twice.json()["code"]) == (409, "RequestNotRetryable")
