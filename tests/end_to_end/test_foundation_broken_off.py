"""An apply that is broken off anywhere, and run again, comes to the same end."""

import json
import random
import time
from typing import Any

import pytest

from tests.end_to_end.conftest import Machine
from tests.end_to_end.grounds import bare_machine

pytestmark = pytest.mark.timeout(1800)  # real seconds, on a busy machine
PLACES = 20
LAST = 120
"""About as many calls as an apply makes of an organization in which nothing is."""
FOUNDATION = "avm-[!A]*"
"""The functions of the foundation; those of the API and of vends begin with an A, or do not run here."""


def apply(machine: Machine) -> dict[str, Any]:
    """Begin an apply, wait for its end, return what it has found."""
    answer = machine.call("POST", "/foundation/apply", {})
    assert answer.status_code == 202, answer.text
    machine.settle(time.monotonic() + 300)
    found: dict[str, Any] = machine.call("GET", "/foundation").json()
    return found


def shape(machine: Machine) -> dict[str, Any]:
    """Return what the organization looks like, by names, as the emulator sees it: without rates."""
    organizations = machine.emulator.clients.client("organizations")
    root = organizations.list_roots()["Roots"][0]
    policies = organizations.list_policies(Filter="SERVICE_CONTROL_POLICY")["Policies"]

    def units(parent_id: str) -> list[Any]:
        listed = organizations.list_organizational_units_for_parent(ParentId=parent_id)["OrganizationalUnits"]
        return sorted([unit["Name"], scps(unit["Id"]), units(unit["Id"])] for unit in listed)

    def scps(target_id: str) -> list[str]:
        listed = organizations.list_policies_for_target(TargetId=target_id, Filter="SERVICE_CONTROL_POLICY")
        return sorted(policy["Name"] for policy in listed["Policies"])

    trusted = organizations.list_aws_service_access_for_organization()["EnabledServicePrincipals"]
    return {
        "units": units(root["Id"]),
        "policies": sorted(policy["Name"] for policy in policies),
        "types": sorted(each["Type"] for each in root["PolicyTypes"]),
        "trusted": sorted(each["ServicePrincipal"] for each in trusted),
    }


@pytest.fixture(scope="module")
def wanted() -> dict[str, Any]:
    """Return the organization after an apply that nobody disturbs."""
    with bare_machine() as machine:
        apply(machine)
        return shape(machine)


@pytest.mark.walk(10)
@pytest.mark.parametrize("seed", range(PLACES))
def test_an_apply_that_is_killed_and_run_again_comes_to_the_same_end(seed: int, wanted: dict[str, Any]) -> None:
    nth = random.Random(seed).randint(1, LAST)  # noqa: S311  repeatable on purpose
    with bare_machine() as machine:
        faults = f"{machine.emulator.endpoint_url}/_emulator/faults"
        rule = {"service": "*", "operation": "*", "source": FOUNDATION, "fault": "kill_function", "from_nth": nth}
        machine.http.put(faults, json={"rules": [rule]}, timeout=30).raise_for_status()
        apply(machine)
        (counted,) = machine.http.get(faults, timeout=30).json()["rules"]
        machine.http.delete(faults, timeout=30).raise_for_status()
        assert counted["fired"] > 0, "it was over before"
        apply(machine)
        assert json.dumps(shape(machine)) == json.dumps(wanted)
        assert apply(machine)["made"] == []
