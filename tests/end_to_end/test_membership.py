"""Accounts that come without the machine are told, and managed ones that leave are known to have left."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.end_to_end.conftest import Avm, Heard, Machine

SOON = 300
"""AWS-seconds after which a closed account is gone."""


@pytest.fixture(scope="module")
def told(machine: Machine) -> Iterator[Heard]:
    """Return what takes the events about membership since it was asked last."""
    with machine.hearing({"detail-type": ["AccountJoined", "AccountDeparted"]}) as heard:
        yield lambda: [{"kind": event["detail-type"], **event["detail"]} for event in heard()]


def closed(machine: Machine, name: str) -> str:
    """Return the id of an account that was vended and closed, and that AWS has cleaned up."""
    request = machine.vend(name)
    assert request["status"] == "READY", json.dumps(request["errors"])
    machine.emulator.latencies.change({"organizations:PurgeAccount": SOON})
    machine.client("organizations").close_account(AccountId=request["account_id"])
    machine.settle_now()
    machine.emulator.clock.advance(4 * SOON)
    machine.settle_now()
    return str(request["account_id"])


def test_an_account_that_was_made_by_hand_is_told_and_one_that_is_vended_is_not(machine: Machine, told: Heard) -> None:
    machine.vend("joins-by-a-vend")
    machine.client("organizations").create_account(AccountName="by-hand", Email="by-hand@elsewhere.example.org")
    machine.settle_now()
    (event,) = told()
    assert {key: event[key] for key in ("kind", "name", "managed", "method")} == {
        "kind": "AccountJoined",
        "name": "by-hand",
        "managed": False,
        "method": "Created",
    }
    machine.settle_now()
    assert machine.call("GET", f"/accounts/{event['account_id']}").status_code == 404


def test_an_account_that_has_left_is_no_longer_under_care(machine: Machine, told: Heard, avm: Avm) -> None:
    account_id = closed(machine, "leaves")
    (event,) = told()
    assert (event["kind"], event["account_id"], event["method"]) == ("AccountDeparted", account_id, "CLEANED")
    shown = machine.call("GET", f"/accounts/{account_id}").json()
    assert (shown["status"], shown["departed_at"]) == ("DEPARTED", event["time"])
    listed = machine.call("GET", "/accounts?limit=100").json()["items"]
    assert [each["status"] for each in listed if each["account_id"] == account_id] == ["DEPARTED"]
    assert avm("drift", account_id).exit_code != 0


def test_a_sweep_finds_who_has_left_where_no_event_has_told_it(machine: Machine, told: Heard) -> None:
    machine.hear_of_drift(heard=False)
    account_id = closed(machine, "leaves-unheard")
    assert told() == []
    machine.hear_of_drift(heard=True)
    machine.call("POST", "/sweeps").raise_for_status()
    machine.settle_now()
    (event,) = told()
    assert (event["kind"], event["account_id"], event["method"]) == ("AccountDeparted", account_id, None)
    report = machine.call("GET", "/sweeps/latest").json()["report"]
    assert report["left_out"][account_id] == "it is no account of the organization any more"
    assert account_id not in report["unseen"]
