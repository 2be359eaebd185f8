"""The foundation where the application has an account of its own: that is adopted; what stands in its way is named."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from avm.catalog import load_catalog
from avm.domain.naming import email_from_pattern
from avm_emulator.application import deploy_application
from avm_emulator.engine import Options, start
from avm_emulator.preparation import CATALOG
from avm_emulator.preparation.accounts import NewAccount, create_accounts
from tests.end_to_end.conftest import GOOD, Avm, Machine, hasten
from tests.end_to_end.grounds import SOON

pytestmark = pytest.mark.timeout(1800)  # real seconds, on a busy machine

GROUND = load_catalog(CATALOG)
SHARED = "shared-services"
NAMESAKE = "networks"
FOUNDATIONAL = 3


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    """Return the application in its own account, in an organization in which only people have worked.

    One of them has made an account with the e-mail that the foundation would give to shared services.
    """
    with start(Options(speed="max", foundation=False, deploy=False)) as running:
        email = email_from_pattern(GROUND.organization.email.pattern, SHARED, f"foundation-{SHARED}")
        create_accounts(running.emulator, [NewAccount(NAMESAKE, email, "Infrastructure")])
        hasten(running.emulator)
        running.emulator.latencies.change(SOON)
        deploy_application(running.emulator)
        yield Machine(running)


@pytest.fixture(scope="module")
def namesake(machine: Machine) -> str:
    """Return the id of that account."""
    accounts = machine.client("organizations").list_accounts()["Accounts"]
    return next(str(each["Id"]) for each in accounts if each["Name"] == NAMESAKE)


def run(avm: Avm, command: str) -> tuple[int, dict[str, dict[str, Any]]]:
    """Run a command of the foundation; return its exit code and what it has found of each control."""
    result = avm("foundation", command, "--json")
    assert result.stdout, result.output
    return result.exit_code, {row["control"]: row for row in json.loads(result.stdout)["controls"]}


def untrue(found: dict[str, dict[str, Any]]) -> set[str]:
    return {name for name, row in found.items() if row["status"] != "compliant"}


def created(machine: Machine) -> int:
    """Return how many accounts the machine has asked AWS for."""
    calls = machine.emulator.calls.select(mutating=True, own=False)
    return sum(call.operation == "CreateAccount" and call.source.startswith("avm-") for call in calls)


def last_call(machine: Machine) -> int:
    return max(call.seq for call in machine.emulator.calls)


def mutating(machine: Machine, since: int) -> list[str]:
    calls = machine.emulator.calls.select(since=since, mutating=True, own=False)
    return [f"{call.service}:{call.operation}" for call in calls if call.source.startswith("avm-")]


def move(machine: Machine, account_id: str, destination: str) -> str:
    """Move an account and return from where."""
    organizations = machine.client("organizations")
    parent = str(organizations.list_parents(ChildId=account_id)["Parents"][0]["Id"])
    organizations.move_account(AccountId=account_id, SourceParentId=parent, DestinationParentId=destination)
    return parent


def test_a_plan_names_a_quota_that_is_too_small_before_any_account_is_made(machine: Machine, avm: Avm) -> None:
    emulator = machine.emulator
    quota = emulator.accounts_quota
    number = len(machine.client("organizations").list_accounts()["Accounts"])
    emulator.accounts_quota = number + FOUNDATIONAL - 1
    since = last_call(machine)
    _, planned = run(avm, "plan")
    assert mutating(machine, since) == []
    assert f"may have {number + FOUNDATIONAL - 1}" in planned["account-quota"]["by_hand"][0]
    code, applied = run(avm, "apply")
    assert (code, created(machine)) == (1, 0)
    assert applied["account-quota"]["status"] == "violated"
    emulator.accounts_quota = quota
    assert run(avm, "status")[1]["account-quota"]["status"] == "compliant"


def test_a_plan_names_the_account_that_has_an_email_of_the_foundation(
    machine: Machine, avm: Avm, namesake: str
) -> None:
    since = last_call(machine)
    _, planned = run(avm, "plan")
    assert mutating(machine, since) == []
    (todo,) = planned["shared-services-account"]["by_hand"]
    assert f"which account {namesake} has: 'avm adopt {namesake} --type {SHARED}'" in todo
    assert [planned[f"{kind}-account"]["by_hand"] for kind in ("log-archive", "security")] == [[], []]


def test_a_plan_shows_the_adoption_of_the_machines_account_or_what_stands_in_its_way(
    machine: Machine, avm: Avm
) -> None:
    account_id = machine.emulator.application_account_id
    organizations = machine.client("organizations")
    root = organizations.list_roots()["Roots"][0]["Id"]
    others = organizations.create_organizational_unit(ParentId=root, Name="Others")["OrganizationalUnit"]["Id"]
    home = move(machine, account_id, others)
    _, planned = run(avm, "plan")
    (todo,) = planned["tooling-account"]["by_hand"]
    assert f"account {account_id} stands in OU {others}" in todo
    move(machine, account_id, home)
    since = last_call(machine)
    _, planned = run(avm, "plan")
    assert mutating(machine, since) == []
    (step,) = planned["tooling-account"]["steps"]
    assert (step["operation"], step["after"]) == ("states:StartExecution", "READY")
    assert account_id in step["subject"]
    assert machine.call("GET", f"/accounts/{account_id}").status_code == 404


def test_with_what_was_named_an_apply_comes_as_far_as_it_can_and_then_to_its_end(
    machine: Machine, avm: Avm, namesake: str
) -> None:
    code, applied = run(avm, "apply")
    assert (code, created(machine)) == (1, FOUNDATIONAL - 1)
    rests_on_them = {"conformance-packs"}
    assert untrue(applied) == {"shared-services-account", "tooling-account", "foundational-accounts", *rests_on_them}
    assert machine.call("POST", f"/accounts/{namesake}/adoption", {**GOOD, "type": SHARED}).status_code == 202
    assert machine.outcome(f"adopt-{namesake}")["status"] == "READY"
    code, applied = run(avm, "apply")
    assert (code, untrue(applied)) == (0, set())


def test_the_machines_account_is_ready_with_a_full_report_and_was_never_quarantined(machine: Machine) -> None:
    account_id = machine.emulator.application_account_id
    request = machine.call("GET", "/requests/foundation-tooling").json()
    assert (request["status"], request["adopts"], request["account_id"]) == ("READY", account_id, account_id)
    assert request["requester"]["door"] == "foundation"
    account = machine.call("GET", f"/accounts/{account_id}").json()
    assert (account["status"], account["type"], machine.ou(account_id)) == ("READY", "tooling", "Infrastructure")
    report = machine.call("GET", f"/accounts/{account_id}/report").json()
    assert report["ready"] is True
    pending = {row["control"] for row in report["controls"] if row["status"] != "compliant"}
    assert pending <= {"config-aggregation", "conformance-packs"}, "AWS takes its time, packs come to READY ones"
    assert {row["control"] for row in report["controls"]} == set(GROUND.account_type("tooling").controls)
    sessions = [call.principal for call in machine.emulator.calls if call.principal.endswith(f"-{account_id}")]
    assert any("avm-move-account" in each or "avm-tag-account" in each for each in sessions)
    assert not any("avm-change-policies" in each for each in sessions)  # no SCP was put on the account itself
    assert machine.scps(account_id) == {"FullAWSAccess"}


def test_the_application_works_on_in_its_account_and_a_second_apply_changes_nothing(machine: Machine, avm: Avm) -> None:
    request = machine.vend("beside-the-machine", type="sandbox")
    assert (request["status"], request["error"]) == ("READY", None)
    since = last_call(machine)
    assert run(avm, "apply")[0] == 0
    # packs of other OUs judge a new account until then (decision 0014)
    assert set(mutating(machine, since)) == {"config:PutOrganizationConformancePack"}
    since = last_call(machine)
    assert run(avm, "apply")[0] == 0
    assert mutating(machine, since) == []


def test_a_foundational_account_that_is_closed_is_named_and_another_one_takes_its_place(
    machine: Machine, avm: Avm, namesake: str
) -> None:
    machine.client("organizations").close_account(AccountId=namesake)
    machine.settle_now()
    since = last_call(machine)
    code, found = run(avm, "plan")
    assert code == 1
    assert f"Account {namesake} ({SHARED}) is closed" in found["shared-services-account"]["by_hand"][0]
    assert run(avm, "apply")[0] == 1
    assert mutating(machine, since) == []
    assert machine.vend("networks-anew", type=SHARED)["status"] == "READY"
    code, found = run(avm, "apply")
    assert (code, untrue(found)) == (0, set())
