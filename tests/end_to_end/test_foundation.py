"""The foundation, from a bare account to an organization that can vend: planned, applied, broken, mended."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from typer.testing import Result

from avm.catalog import load_catalog
from avm.domain.foundation import FOUNDATIONAL_TYPES
from avm.foundation.registry import all_foundation_controls
from avm_emulator.preparation import CATALOG
from tests.end_to_end.breakers import ARCHIVE_BREAKERS, TRAIL_BREAKERS
from tests.end_to_end.conftest import Avm, Machine
from tests.end_to_end.foundation_breakers import BREAKERS, UNBREAKABLE
from tests.end_to_end.grounds import SOON, bare_machine, enable_identity_center
from tests.end_to_end.place import Place

pytestmark = pytest.mark.timeout(1800)  # real seconds, on a busy machine

GROUND = load_catalog(CATALOG)


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    with bare_machine() as found:
        found.hear_of_drift(heard=False)  # nothing is looked at or mended but by those who are asked to
        yield found


def rows(result: Result) -> dict[str, dict[str, Any]]:
    """Return what a command has found of each control."""
    assert result.stdout, result.output
    return {row["control"]: row for row in json.loads(result.stdout)["controls"]}


def untrue(result: Result) -> set[str]:
    return {name for name, row in rows(result).items() if row["status"] != "compliant"}


def mutating(machine: Machine, since: int) -> list[str]:
    """Return the managed mutating calls of the application after a call."""
    calls = machine.emulator.calls.select(since=since, mutating=True, own=False)
    return [f"{call.service}:{call.operation}" for call in calls if call.source.startswith("avm-")]


def last_call(machine: Machine) -> int:
    return max(call.seq for call in machine.emulator.calls)


ORGANIZATION = ("policy-types", "trusted-services", "organizational-units", "ou-guardrails", "central-root-access")
"""What an apply comes to while nobody has enabled Identity Center."""


def steps(*found: Mapping[str, Any]) -> list[str]:
    return sorted(f"{step['operation']}: {step['subject']}" for row in found for step in row["steps"])


def test_before_the_first_run_there_is_no_report(machine: Machine) -> None:
    answer = machine.call("GET", "/foundation")
    assert (answer.status_code, answer.json()["code"]) == (404, "ReportNotFound")


def test_a_plan_names_every_step_and_changes_nothing(machine: Machine, avm: Avm) -> None:
    since = last_call(machine)
    planned = avm("foundation", "plan", "--json")
    assert planned.exit_code == 1, planned.output
    found = rows(planned)
    assert set(found) == set(all_foundation_controls())
    assert found["organization-features"]["status"] == "compliant"
    assert {step["after"] for step in found["organizational-units"]["steps"]} == set(GROUND.organization.ous)
    assert "console" in found["permission-sets"]["by_hand"][0]
    assert "assign a device" in found["management-root-user"]["by_hand"][0]
    assert mutating(machine, since) == []


def test_an_apply_does_what_was_planned_as_far_as_it_comes_and_a_second_one_nothing(machine: Machine, avm: Avm) -> None:
    planned = rows(avm("foundation", "plan", "--json"))
    applied = avm("foundation", "apply", "--json")
    assert applied.exit_code == 1, applied.output
    assert {name for name in ORGANIZATION if name in untrue(applied)} == set(), applied.stdout
    assert sorted(json.loads(applied.stdout)["made"]) == steps(*(planned[name] for name in ORGANIZATION))
    assert rows(applied)["permission-sets"]["evidence"]["enforcement"]["code"] == "FoundationBehind"
    since = last_call(machine)
    again = avm("foundation", "apply", "--json")
    assert json.loads(again.stdout)["made"] == []
    assert mutating(machine, since) == []


def test_what_is_broken_is_found_by_status_and_mended_by_apply(machine: Machine, avm: Avm) -> None:
    organizations = machine.client("organizations")
    (root,) = organizations.list_roots()["Roots"]
    units = organizations.list_organizational_units_for_parent(ParentId=root["Id"])["OrganizationalUnits"]
    suspended = next(unit["Id"] for unit in units if unit["Name"] == "Suspended")
    organizations.disable_policy_type(RootId=root["Id"], PolicyType="RESOURCE_CONTROL_POLICY")
    organizations.disable_aws_service_access(ServicePrincipal="cloudtrail.amazonaws.com")
    organizations.delete_organizational_unit(OrganizationalUnitId=suspended)
    machine.client("iam").disable_organizations_root_sessions()
    assert set(ORGANIZATION) <= untrue(avm("foundation", "status", "--json"))
    applied = avm("foundation", "apply", "--json")
    assert untrue(applied).isdisjoint(ORGANIZATION), applied.stdout


def test_once_identity_center_is_enabled_the_accounts_are_vended_and_all_is_true(machine: Machine, avm: Avm) -> None:
    machine.emulator.latencies.change(SOON)
    enable_identity_center(machine)
    applied = avm("foundation", "apply", "--json")
    assert (applied.exit_code, untrue(applied)) == (0, set()), applied.output
    assert ["no API shows" in each for each in rows(applied)["identity-source"]["to_look_at"]] == [True, True]
    for account_type in FOUNDATIONAL_TYPES:
        request = machine.call("GET", f"/requests/foundation-{account_type}").json()
        assert (request["status"], request["type"]) == ("READY", account_type)
        assert request["requester"]["door"] == "foundation"
        account = machine.call("GET", f"/accounts/{request['account_id']}").json()
        report = machine.call("GET", f"/accounts/{request['account_id']}/report").json()
        assert (account["status"], report["ready"]) == ("READY", True)
        pending = {row["control"] for row in report["controls"] if row["status"] != "compliant"}
        assert pending <= {"config-aggregation", "conformance-packs"}, "AWS takes its time, packs come to READY ones"
        assert {row["control"] for row in report["controls"]} == set(GROUND.account_type(account_type).controls)
    since = last_call(machine)
    again = avm("foundation", "apply", "--json")
    assert (again.exit_code, json.loads(again.stdout)["made"]) == (0, [])
    assert mutating(machine, since) == []


@pytest.mark.parametrize("account_type", ["sandbox", "development", "test", "production"])
def test_every_type_is_vended_upon_it_and_nothing_is_deferred(machine: Machine, account_type: str) -> None:
    request = machine.vend(f"upon-{account_type}", type=account_type)
    assert (request["status"], request["error"]) == ("READY", None)
    report = machine.call("GET", f"/accounts/{request['account_id']}/report").json()
    assert report["ready"] is True
    assert {row["status"] for row in report["controls"]} == {"compliant"}


def test_every_control_that_can_be_broken_has_its_breaker() -> None:
    assert set(BREAKERS) | UNBREAKABLE == set(all_foundation_controls())


@pytest.mark.walk(4)
@pytest.mark.parametrize("control", BREAKERS)
def test_a_control_that_is_broken_is_found_by_status_and_mended_by_apply(
    machine: Machine, avm: Avm, control: str
) -> None:
    BREAKERS[control](machine)
    assert control in untrue(avm("foundation", "status", "--json"))
    applied = avm("foundation", "apply", "--json")
    assert (applied.exit_code, untrue(applied)) == (0, set()), applied.output
    assert json.loads(applied.stdout)["made"]


@pytest.fixture
def archive(machine: Machine) -> Place:
    """Return the log archive, as the test before has left it."""
    return Place(machine, machine.call("GET", "/requests/foundation-log-archive").json()["account_id"])


@pytest.mark.parametrize("break_it", TRAIL_BREAKERS)
def test_a_trail_that_is_broken_is_named_alone_by_status_and_mended_by_apply(
    archive: Place, avm: Avm, break_it: Callable[[Place], None]
) -> None:
    break_it(archive)
    assert untrue(avm("foundation", "status", "--json")) == {"organization-trail"}
    applied = avm("foundation", "apply", "--json")
    assert (applied.exit_code, untrue(applied)) == (0, set()), applied.output


@pytest.mark.parametrize("break_it", ARCHIVE_BREAKERS)
def test_a_store_of_the_log_archive_that_is_broken_is_named_alone_by_drift_and_mended_by_repair(
    archive: Place, avm: Avm, break_it: Callable[[Place], None]
) -> None:
    break_it(archive)
    drift = avm("drift", archive.account_id, "--json")
    assert set(rows(drift)) == {"log-archive-stores"}, drift.stdout
    mended = avm("repair", archive.account_id, "log-archive-stores", "--json")
    assert (mended.exit_code, rows(mended)) == (0, {}), mended.stdout
