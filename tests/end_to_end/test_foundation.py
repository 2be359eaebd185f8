"""The foundation, from a bare account to an organization that can vend: planned, applied, broken, mended."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from avm.foundation.registry import all_foundation_controls
from avm_cli.main import app
from avm_cli.waiting import Waiting
from avm_emulator.application import deploy_application
from avm_emulator.engine import Options, start
from tests.end_to_end.conftest import Machine

pytestmark = pytest.mark.timeout(1800)  # real seconds, on a busy machine

Avm = Callable[..., Result]


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    """Return the application in the management account of an organization in which nothing else is."""
    with start(Options(speed="max", bare=True, accounts_quota=50, deploy=False)) as running:
        running.emulator.clients.client("organizations").create_organization(FeatureSet="ALL")
        deploy_application(running.emulator)
        yield Machine(running)


@pytest.fixture
def avm(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Avm:
    """Return the command as the operator runs it."""
    credentials = machine.session.get_credentials()
    assert credentials is not None
    environment = {
        "AVM_API_URL": machine.base.removesuffix("/v1"),
        "AWS_ACCESS_KEY_ID": credentials.access_key,
        "AWS_SECRET_ACCESS_KEY": credentials.secret_key,
        "AWS_SESSION_TOKEN": str(credentials.token),
        "AWS_DEFAULT_REGION": machine.emulator.region,
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    waiting = Waiting(sleep=lambda _: time.sleep(0.3))

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(app, list(arguments), obj=waiting)

    return run


def rows(result: Result) -> dict[str, dict[str, Any]]:
    """Return what a command has found of each control."""
    return {row["control"]: row for row in json.loads(result.stdout)["controls"]}


def untrue(result: Result) -> set[str]:
    return {name for name, row in rows(result).items() if row["status"] != "compliant"}


def mutating(machine: Machine, since: int) -> list[str]:
    """Return the managed mutating calls of the application after a call."""
    calls = machine.emulator.calls.select(since=since, mutating=True, own=False)
    return [f"{call.service}:{call.operation}" for call in calls if call.source.startswith("avm-")]


def last_call(machine: Machine) -> int:
    return max(call.seq for call in machine.emulator.calls)


def test_a_plan_names_every_step_and_changes_nothing(machine: Machine, avm: Avm) -> None:
    since = last_call(machine)
    planned = avm("foundation", "plan", "--json")
    assert planned.exit_code == 1, planned.stdout
    found = rows(planned)
    assert set(found) == set(all_foundation_controls())
    assert found["organization-features"]["status"] == "compliant"
    assert {step["after"] for step in found["organizational-units"]["steps"]} >= {"Security", "Sandbox", "Prod"}
    assert mutating(machine, since) == []


def test_an_apply_does_what_was_planned_and_a_second_one_nothing(machine: Machine, avm: Avm) -> None:
    planned = rows(avm("foundation", "plan", "--json"))
    steps = sorted(f"{s['operation']}: {s['subject']}" for row in planned.values() for s in row["steps"])
    applied = avm("foundation", "apply", "--json")
    assert (applied.exit_code, untrue(applied)) == (0, set()), applied.stdout
    assert sorted(json.loads(applied.stdout)["made"]) == steps
    since = last_call(machine)
    again = avm("foundation", "apply", "--json")
    assert (again.exit_code, json.loads(again.stdout)["made"]) == (0, [])
    assert mutating(machine, since) == []
