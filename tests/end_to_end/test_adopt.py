"""An account that was made by hand comes under the machine: planned, adopted, refused, parked."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
import requests

from tests.end_to_end.conftest import GOOD, Machine

pytestmark = pytest.mark.timeout(900)  # real seconds, on a busy machine

YOUTH = 600
"""AWS-seconds after which a new account answers everywhere."""
DENY_POLLY = {"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "polly:*", "Resource": "*"}}
Made = Callable[..., str]


@pytest.fixture(scope="module")
def made(machine: Machine) -> Made:
    """Return a function that makes an account by hand, as it has been in use for long, and returns its id."""

    def make(name: str, **options: str) -> str:
        organizations = machine.client("organizations")
        status = organizations.create_account(AccountName=name, Email=f"{name}@elsewhere.example.org", **options)
        creation = status["CreateAccountStatus"]["Id"]

        def account() -> str | None:
            answer = organizations.describe_create_account_status(CreateAccountRequestId=creation)
            found = answer["CreateAccountStatus"].get("AccountId")
            return str(found) if found else None

        account_id = machine.until(account)
        machine.emulator.clock.advance(YOUTH)
        return account_id

    return make


@pytest.fixture(scope="module")
def foreign_unit(machine: Machine) -> str:
    """Return the id of an OU that the catalog does not name."""
    organizations = machine.client("organizations")
    root = organizations.list_roots()["Roots"][0]["Id"]
    unit = organizations.create_organizational_unit(ParentId=root, Name="Others")["OrganizationalUnit"]
    return str(unit["Id"])


@pytest.fixture(scope="module")
def used(machine: Machine, made: Made) -> str:
    """Return an account that stands in the OU Sandbox and has an SCP of somebody else's."""
    account_id = made("used")
    organizations = machine.client("organizations")
    move(machine, account_id, unit(machine, "Sandbox"))
    policy = organizations.create_policy(
        Name="others-deny-polly", Description="x", Content=json.dumps(DENY_POLLY), Type="SERVICE_CONTROL_POLICY"
    )["Policy"]["PolicySummary"]["Id"]
    organizations.attach_policy(PolicyId=policy, TargetId=account_id)
    return account_id


def unit(machine: Machine, name: str) -> str:
    organizations = machine.client("organizations")
    root = organizations.list_roots()["Roots"][0]["Id"]
    units = organizations.list_organizational_units_for_parent(ParentId=root)["OrganizationalUnits"]
    return str(next(each["Id"] for each in units if each["Name"] == name))


def move(machine: Machine, account_id: str, destination: str) -> None:
    organizations = machine.client("organizations")
    parent = organizations.list_parents(ChildId=account_id)["Parents"][0]["Id"]
    organizations.move_account(AccountId=account_id, SourceParentId=parent, DestinationParentId=destination)


def last_call(machine: Machine) -> int:
    return max(call.seq for call in machine.emulator.calls)


def mutating(machine: Machine, since: int) -> list[str]:
    """Return the managed mutating calls of the application after a call."""
    calls = machine.emulator.calls.select(since=since, mutating=True, own=False)
    return [f"{call.service}:{call.operation}" for call in calls if call.source.startswith("avm-")]


def adopt(machine: Machine, account_id: str, **body: Any) -> requests.Response:
    return machine.call("POST", f"/accounts/{account_id}/adoption", {**GOOD, **body})


def planned(machine: Machine, account_id: str, **body: Any) -> dict[str, Any]:
    """Return the plan of an adoption once it is made."""
    answer = machine.call("POST", f"/accounts/{account_id}/adoption/plan", {**GOOD, **body})
    assert answer.status_code == 202, answer.text
    machine.settle(time.monotonic() + 300)
    plan: dict[str, Any] = machine.call("GET", f"/accounts/{account_id}/adoption").json()["plan"]
    assert plan["observation_id"] == answer.json()["observation_id"]
    return plan


def refused(answer: requests.Response, status: int, code: str) -> str:
    problem: Mapping[str, Any] = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code), answer.text
    assert problem["hint"]
    return str(problem["detail"])


def test_a_plan_shows_what_is_found_and_what_would_change_and_changes_nothing(machine: Machine, used: str) -> None:
    since = last_call(machine)
    plan = planned(machine, used)
    assert mutating(machine, since) == []
    assert (plan["status"], plan["ou_before"], plan["ou_after"]) == ("DONE", "Sandbox", "Dev")
    assert plan["left_alone"] == ["SCP others-deny-polly on the account"]
    assert [name.rpartition("-")[0] for name in plan["unbound"]] == []
    rows = {row["control"]: row for row in plan["controls"] if row["scope"] == "account"}
    assert rows["placement"]["status"] == "violated"
    assert rows["placement"]["calls"] == ["organizations:MoveAccount"]
    assert "iam:CreateRole" in rows["vending-roles"]["calls"]
    assert rows["bootstrap-restricted"]["calls"] == ["iam:UpdateAssumeRolePolicy"]
    assert rows["ou-guardrails"]["calls"] == []
    assert {row["status"] for row in plan["controls"]} <= {"compliant", "violated"}


def test_an_account_made_by_hand_is_adopted_without_a_quarantine(machine: Machine, used: str) -> None:
    since = last_call(machine)
    answer = adopt(machine, used)
    assert answer.status_code == 202, answer.text
    request = machine.outcome(f"adopt-{used}")
    assert request["status"] == "READY", request["error"]
    assert (request["account_id"], request["adopts"]) == (used, used)
    assert (request["name"], request["email"]) == ("used", "used@elsewhere.example.org")
    steps = [step["name"] for step in request["steps"]]
    assert "AdoptAccount" in steps
    assert not {"CreateAccount", "QuarantineAccount"} & set(steps)
    assert machine.ou(used) == "Dev"
    # neither a quarantine nor what others have attached
    assert not {"organizations:AttachPolicy", "organizations:DetachPolicy"} & set(mutating(machine, since))
    assert "others-deny" in machine.scps(used)
    report = machine.call("GET", f"/accounts/{used}/report").json()
    assert report["ready"]
    assert machine.call("GET", f"/accounts/{used}").json()["status"] == "READY"


def test_the_same_adoption_again_changes_nothing(machine: Machine, used: str) -> None:
    since = last_call(machine)
    answer = adopt(machine, used)
    assert (answer.status_code, answer.json()["status"]) == (200, "READY")
    machine.settle_now()
    assert mutating(machine, since) == []
    assert refused(adopt(machine, used, type="test"), 409, "RequestConflict")
    other = refused(adopt(machine, used, request_id="another"), 409, "AccountNotAdoptable")
    assert f"by request adopt-{used}" in other
    found = machine.call("GET", f"/accounts/{used}/adoption").json()
    assert (found["request"]["request_id"], found["plan"]["status"]) == (f"adopt-{used}", "DONE")


def test_nobody_vends_the_name_or_the_email_of_an_adopted_account(machine: Machine, used: str) -> None:
    assert machine.call("GET", f"/accounts/{used}").status_code == 200
    assert refused(machine.call("POST", "/requests", {**GOOD, "name": "USED"}), 409, "NameTaken")


def test_what_cannot_be_adopted_is_refused_with_the_cause(machine: Machine, made: Made, foreign_unit: str) -> None:
    assert "'999999999999'" in refused(adopt(machine, "999999999999"), 404, "AccountNotFound")
    assert refused(adopt(machine, "12"), 404, "AccountNotFound")
    management = machine.emulator.management_account_id
    assert "management account" in refused(adopt(machine, management), 409, "AccountNotAdoptable")
    vended = machine.vend("born-here")["account_id"]
    assert "by request born-here" in refused(adopt(machine, vended), 409, "AccountNotAdoptable")
    elsewhere = made("elsewhere")
    move(machine, elsewhere, foreign_unit)
    assert foreign_unit in refused(adopt(machine, elsewhere), 409, "AccountNotAdoptable")
    closed = made("closed")
    machine.client("organizations").close_account(AccountId=closed)
    machine.settle_now()
    assert "only an ACTIVE" in refused(adopt(machine, closed), 409, "AccountNotAdoptable")
    answer = adopt(machine, elsewhere, type="nonsense", name="mine")
    refused(answer, 400, "InvalidRequest")
    assert {each["field"] for each in answer.json()["errors"]} == {"type", "name"}
    assert refused(machine.call("GET", f"/accounts/{elsewhere}/adoption"), 404, "ReportNotFound")


def test_an_account_without_its_bootstrap_role_is_rejected_before_anything_is_changed(
    machine: Machine, made: Made
) -> None:
    account_id = made("no-way-in", RoleName="SomebodyElsesRole")
    plan = planned(machine, account_id)
    assert (plan["status"], plan["error"]["code"]) == ("FAILED", "AccountNotAdoptable")
    since = last_call(machine)
    assert adopt(machine, account_id).status_code == 202
    request = machine.outcome(f"adopt-{account_id}")
    assert (request["status"], request["error"]["code"]) == ("REJECTED", "AccountNotAdoptable")
    assert "OrganizationAccountAccessRole" in request["error"]["message"]
    assert mutating(machine, since) == []
    assert machine.call("GET", f"/accounts/{account_id}").status_code == 404


@pytest.fixture
def faults(machine: Machine) -> Iterator[Callable[..., None]]:
    """Return a function that lets calls fail, until the test is over."""
    url = f"{machine.emulator.endpoint_url}/_emulator/faults"

    def arm(*rules: Mapping[str, Any]) -> None:
        assert requests.put(url, json=list(rules), timeout=60).ok

    yield arm
    requests.delete(url, timeout=60)


def test_an_adoption_that_fails_is_parked_with_the_cause_and_the_account_is_not_quarantined(
    machine: Machine, made: Made, faults: Callable[..., None]
) -> None:
    account_id = made("unlucky")
    faults({"service": "organizations", "operation": "MoveAccount", "fault": "denied", "nth": 1})
    since = last_call(machine)
    assert adopt(machine, account_id).status_code == 202
    request = machine.outcome(f"adopt-{account_id}")
    assert (request["status"], request["error"]["code"]) == ("PARKED", "AccessDenied")
    assert "MoveAccount" in request["error"]["message"]
    assert "organizations:AttachPolicy" not in mutating(machine, since)
    assert machine.scps(account_id) == {"FullAWSAccess"}
    assert machine.call("GET", f"/accounts/{account_id}").json()["status"] == "PARKED"
    faults()
    assert machine.call("POST", f"/requests/adopt-{account_id}/retry").status_code == 202
    assert machine.outcome(f"adopt-{account_id}")["status"] == "READY"
