"""An apply that is broken off anywhere, and run again, comes to the same end."""

import json
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from avm.domain.foundation import FOUNDATIONAL_TYPES, TOOLING_TYPE
from avm_emulator.application import deploy_application
from avm_emulator.engine import Options, start
from tests.end_to_end.artefacts import few_promises
from tests.end_to_end.conftest import Machine, hasten
from tests.end_to_end.grounds import SOON, bare_machine

pytestmark = pytest.mark.timeout(1800)  # real seconds, on a busy machine
SEEDS = 5
"""Of each kind: where the organization is shaped, and where accounts are vended and adopted. Each has two places: the
apply that goes on where one was killed is killed, too."""
FEW = 60
"""Fewer calls than an apply makes that has nothing to do: it looks at everything."""
LAST = 120
"""About as many calls as an apply makes of an organization in which nothing is."""
ROOT = "Root"
WATCHED = 600
"""AWS-seconds: ten rounds of the watchdog."""
ANY_CALL = {"service": "*", "operation": "*", "source": "avm-*"}
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


@pytest.mark.walk(5)
@pytest.mark.parametrize("seed", range(SEEDS))
def test_an_apply_that_is_killed_and_run_again_comes_to_the_same_end(seed: int, wanted: dict[str, Any]) -> None:
    chance = random.Random(seed)  # noqa: S311  repeatable on purpose
    with bare_machine() as machine:
        faults = f"{machine.emulator.endpoint_url}/_emulator/faults"
        for nth in (chance.randint(1, LAST), chance.randint(1, FEW)):
            rule = {"service": "*", "operation": "*", "source": FOUNDATION, "fault": "kill_function", "from_nth": nth}
            machine.http.put(faults, json={"rules": [rule]}, timeout=30).raise_for_status()
            apply(machine)
            (counted,) = disarm(machine)
            assert counted["fired"] > 0, "it was over before"
        apply(machine)
        assert json.dumps(shape(machine)) == json.dumps(wanted)
        assert apply(machine)["made"] == []


@contextmanager
def handed_over(artefacts: Path) -> Iterator[Machine]:
    """Run the application in its own account, where an apply can come to its end."""
    with start(Options(speed="max", foundation=False, deploy=False)) as running:
        hasten(running.emulator)
        running.emulator.latencies.change(SOON)
        deploy_application(running.emulator, artefacts)
        yield Machine(running)


def begin(machine: Machine, rules: list[dict[str, Any]]) -> None:
    """Begin an apply; rules are in force from its first call on."""
    machine.emulator.clock.hold(held=True)
    assert machine.call("POST", "/foundation/apply", {}).status_code == 202
    faults = f"{machine.emulator.endpoint_url}/_emulator/faults"
    machine.http.put(faults, json={"rules": rules}, timeout=30).raise_for_status()
    machine.emulator.clock.hold(held=False)
    machine.settle(time.monotonic() + 900)


def disarm(machine: Machine) -> list[dict[str, Any]]:
    """Take the rules away; return what has become of them."""
    faults = f"{machine.emulator.endpoint_url}/_emulator/faults"
    counted: list[dict[str, Any]] = machine.http.get(faults, timeout=30).json()["rules"]
    machine.http.delete(faults, timeout=30).raise_for_status()
    return counted


def accounts(machine: Machine) -> list[Any]:
    """Return the accounts by names as the emulator sees them, without rates, and how they stand with the machine."""
    organizations = machine.emulator.clients.client("organizations")
    root = organizations.list_roots()["Roots"][0]["Id"]
    units = organizations.list_organizational_units_for_parent(ParentId=root)["OrganizationalUnits"]
    found = []
    for name, parent_id in ((ROOT, root), *((unit["Name"], unit["Id"]) for unit in units)):
        for account in organizations.list_accounts_for_parent(ParentId=parent_id)["Accounts"]:
            policies = organizations.list_policies_for_target(TargetId=account["Id"], Filter="SERVICE_CONTROL_POLICY")
            scps = sorted(policy["Name"] for policy in policies["Policies"])
            status = machine.call("GET", f"/accounts/{account['Id']}").json().get("status")
            found.append([account["Name"], account["State"], status, name, scps])
    return sorted(found)


@pytest.fixture(scope="module")
def artefacts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return artefacts whose account types promise little: twenty foundations are many vends."""
    return few_promises(tmp_path_factory.mktemp("artefacts"))


@pytest.fixture(scope="module")
def laid(artefacts: Path) -> tuple[int, list[Any]]:
    """Return how many calls an apply makes that nobody disturbs, with its vends, and the accounts after it."""
    with handed_over(artefacts) as machine:
        since = max(call.seq for call in machine.emulator.calls)
        begin(machine, [])
        assert machine.call("GET", "/foundation").json()["ready"]
        calls = [call for call in machine.emulator.calls.select(since=since) if call.source.startswith("avm-")]
        return len(calls), accounts(machine)


@pytest.mark.walk(5)
@pytest.mark.parametrize("seed", range(SEEDS))
def test_an_apply_that_is_killed_while_it_vends_and_run_again_comes_to_the_same_end(
    seed: int, artefacts: Path, laid: tuple[int, list[Any]], figure: list[str]
) -> None:
    calls, wanted = laid
    chance = random.Random(seed)  # noqa: S311  repeatable on purpose
    with handed_over(artefacts) as machine:
        for nth in (chance.randint(1, calls * 3 // 4), chance.randint(1, FEW)):  # one run makes more than another
            begin(machine, [{**ANY_CALL, "fault": "kill_function", "from_nth": nth}])
            (counted,) = disarm(machine)
            assert counted["fired"] > 0, "it was over before"
            asked = [kind for kind in (*FOUNDATIONAL_TYPES, TOOLING_TYPE) if is_asked_for(machine, kind)]
            figure.append(f"apply killed from call {nth} of {calls} on, {len(asked)} of 4 accounts asked for")
            machine.emulator.clock.advance(WATCHED)  # what was vended then is begun again by the watchdog
            machine.settle(time.monotonic() + 900)
        found = apply(machine)
        assert found["ready"], found["controls"]
        assert json.dumps(accounts(machine)) == json.dumps(wanted)
        assert apply(machine)["made"] == []


def is_asked_for(machine: Machine, account_type: str) -> bool:
    return machine.call("GET", f"/requests/foundation-{account_type}").status_code == 200
