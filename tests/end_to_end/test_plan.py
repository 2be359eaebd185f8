"""A plan names what the vend then does, call by call, and what stands in its way; it changes nothing."""

import fnmatch
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from avm.controls.registry import all_controls
from avm_emulator.engine import Options, start
from avm_emulator.policy.actions import actions_of
from tests.end_to_end.conftest import GOOD, Avm, Machine, hasten
from tests.end_to_end.foundation_breakers import take_a_guardrail_away, unit_id

pytestmark = pytest.mark.timeout(900)  # real seconds, on a busy machine: all controls, in all governed Regions

TYPES = ("sandbox", "development", "production", "log-archive")
COUNTLESS = {f"ec2:{each}" for each in ("DeleteInternetGateway", "DeleteSubnet", "DeleteVpc", "DetachInternetGateway")}
"""Calls of which a plan has one row: how many there are, and in which Regions, is known in the account alone."""
ACCESS = [{"user": "jane.doe@example.com", "permission_set": "ReadOnlyAccess"}]

Call = tuple[str, str]
"""What is called, as IAM names it, and the Region; none where the plan has no Region."""


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    """The machine with the shipped catalog, whole."""
    with start(Options(speed="max")) as running:
        hasten(running.emulator)
        yield Machine(running)


def last_call(machine: Machine) -> int:
    return max(call.seq for call in machine.emulator.calls)


def managed(machine: Machine, since: int) -> list[str]:
    """Return the managed mutating calls after a call."""
    calls = machine.emulator.calls.select(since=since, mutating=True, own=False)
    return [f"{call.service}:{call.operation}" for call in calls]


def planned(machine: Machine, name: str, **body: Any) -> dict[str, Any]:
    """Return the plan of a request once it is made."""
    answer = machine.call("POST", "/plans", {"name": name, **GOOD, **body})
    assert answer.status_code == 202, answer.text
    machine.settle_now()
    plan: dict[str, Any] = machine.call("GET", f"/plans/{answer.json()['plan_id']}").json()
    assert (plan["plan_id"], plan["status"]) == (answer.json()["plan_id"], "DONE")
    return plan


def made(machine: Machine, since: int, account_id: str) -> Counter[Call]:
    """Return what the machine has called to change the organization or the account, after a call.

    Rules of the account send to the application's bus: what is made in the account is managed all the same.
    """
    calls = machine.emulator.calls.select(since=since, mutating=True)
    return Counter(
        (action, call.region)
        for call in calls
        if call.error is None  # Regions beside each other ask for the same role: AWS makes it once
        and call.source.startswith("avm-")
        and (not call.own or call.account == account_id)
        for action in actions_of(call.service, call.operation)
    )


def counted(calls: Mapping[Call, int], regional: set[str]) -> dict[Call, int]:
    """Return calls with their numbers, as far as a plan can know them: Regions and numbers of those that have them."""
    found: Counter[Call] = Counter()
    for (action, region), number in calls.items():
        found[action, region if action in regional else ""] += number
    return {call: 1 if call[0] in COUNTLESS else number for call, number in found.items()}


@pytest.mark.parametrize("account_type", TYPES)
def test_the_plan_names_the_calls_that_the_vend_then_makes(
    machine: Machine, account_type: str, figure: list[str]
) -> None:
    body = {"type": account_type, "request_id": f"as-planned-{account_type}", "access": ACCESS}
    if account_type == "log-archive":
        body.pop("access")
    since = last_call(machine)
    plan = planned(machine, f"as-planned-{account_type}", **body)
    assert managed(machine, since) == []
    assert plan["problems"] == []
    request = machine.call("POST", "/requests", {"name": f"as-planned-{account_type}", **GOOD, **body}).json()
    assert request["email"] == plan["email"]
    request = machine.outcome(request["request_id"])
    assert request["status"] == "READY", request["error"]
    regional = {row["call"] for row in plan["changes"] if row["scope"] != "account"}
    expected = Counter((row["call"], "" if row["scope"] == "account" else row["scope"]) for row in plan["changes"])
    assert counted(made(machine, since, request["account_id"]), regional) == counted(expected, regional)
    assert {row["by"] for row in plan["changes"]} >= {"CreateAccount", "QuarantineAccount", "ReleaseAccount"}
    figure.append(f"plan of {account_type}: {len(plan['changes'])} calls, as the vend then makes them")


def test_a_control_plans_what_it_is_granted(machine: Machine) -> None:
    plan = planned(machine, "granted", type="production")
    controls = all_controls()
    strange = {
        (row["by"], row["call"])
        for row in plan["changes"]
        if row["by"] in controls and row["call"] not in controls[row["by"]].changing_actions()
    }
    assert strange == set()


def test_what_another_request_has_is_said_before_an_account_is_spent(
    machine: Machine, avm: Avm, tmp_path: Path
) -> None:
    assert machine.call("POST", "/requests", {"name": "taken", **GOOD, "request_id": "taken"}).ok
    machine.settle_now()
    file = tmp_path / "request.json"
    file.write_text(json.dumps({"name": "taken", **GOOD}), "utf-8")
    result = avm("plan", str(file), "--json")
    assert result.exit_code == 3, result.output
    assert [problem["code"] for problem in json.loads(result.stdout)["problems"]] == ["NameTaken"]
    other = planned(machine, "untaken", request_id="taken")
    assert [(each["by"], each["code"]) for each in other["problems"]] == [("ValidateRequest", "RequestConflict")]
    assert other["accepted"] == "READY"


def test_people_and_permission_sets_that_are_missing_are_named_all(machine: Machine) -> None:
    access = [
        {"group": "nobody", "permission_set": "ReadOnlyAccess"},
        {"user": "ghost@example.com", "permission_set": "ReadOnlyAccess"},
    ]
    problems = planned(machine, "nobodys", access=access)["problems"]
    assert [(each["by"], each["code"]) for each in problems] == [("access-assignments", "PrincipalNotFound")] * 2
    assert all(each["hint"] for each in problems)


def test_an_email_of_the_organization_and_a_full_quota_are_named(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    organizations = machine.client("organizations")
    organizations.create_account(AccountName="by-hand", Email="by-hand@example.com")
    machine.settle_now()
    monkeypatch.setattr(machine.emulator, "accounts_quota", len(organizations.list_accounts()["Accounts"]))
    problems = planned(machine, "by-hand", email="by-hand@example.com")["problems"]
    assert [(each["by"], each["code"]) for each in problems] == [
        ("CreateAccount", "EmailTaken"),
        ("CreateAccount", "AccountLimitExceeded"),
    ]


def test_an_unsound_request_is_refused_at_once(machine: Machine, avm: Avm, tmp_path: Path) -> None:
    file = tmp_path / "request.json"
    file.write_text(json.dumps({"name": "unsound", **GOOD, "regions": ["mars-1"]}), "utf-8")
    result = avm("plan", str(file))
    assert result.exit_code == 2
    assert "InvalidRequest" in result.stderr
    assert "regions[0]" in result.stderr


def test_a_plan_that_is_not_there_is_said(machine: Machine) -> None:
    answer = machine.call("GET", "/plans/none")
    assert (answer.status_code, answer.json()["code"]) == (404, "ReportNotFound")


def test_a_foundation_that_is_behind_is_named(machine: Machine) -> None:
    """Comes last: it breaks the foundation."""
    take_a_guardrail_away(machine)
    problems = planned(machine, "behind")["problems"]
    assert [(each["by"], each["code"]) for each in problems] == [("ou-guardrails", "FoundationBehind")]
    assert "avm-organization-perimeter" in problems[0]["message"]
    machine.client("organizations").delete_organizational_unit(OrganizationalUnitId=unit_id(machine, "Test"))
    pool = machine.emulator.functions.pool
    for process in fnmatch.filter(pool.processes(), "*-PlanAccount*"):
        pool.kill(process)  # a process knows the OUs that it has seen
    problems = planned(machine, "nowhere", type="test")["problems"]
    assert {each["by"] for each in problems} == {"placement", "ou-guardrails"}
