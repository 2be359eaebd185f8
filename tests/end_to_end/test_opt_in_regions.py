"""A catalog with a Region that accounts do not have from birth: enabled first, then kept as all others."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from avm.catalog import load_catalog
from avm_emulator.application import deploy_application
from avm_emulator.engine import Options, start
from avm_emulator.preparation.foundation import bring_on_foundation
from tests.end_to_end.artefacts import catalog_in, few_promises
from tests.end_to_end.conftest import Avm, Machine, hasten
from tests.end_to_end.place import Place
from tests.end_to_end.test_controls import arm, last_call, names

pytestmark = pytest.mark.timeout(1800)  # real seconds, on a busy machine

OPT_IN = "eu-south-1"
KEPT = ("regions", "ebs-encryption", "default-vpc-removed")


def with_opt_in(folder: Path) -> Path:
    """Return artefacts whose catalog allows the Region, and whose development accounts promise something in it."""
    artefacts = few_promises(folder)
    catalog = catalog_in(artefacts)
    for file in (catalog / "organization.yaml", catalog / "scps" / "avm-approved-regions.yaml"):
        text = file.read_text("utf-8")
        assert "[eu-west-1, eu-central-1" in text
        file.write_text(text.replace("[eu-west-1, eu-central-1", f"[eu-west-1, eu-central-1, {OPT_IN}"), "utf-8")
    development = catalog / "account_types" / "development.yaml"
    lines = "".join(f"  {name}: {{}}\n" for name in KEPT)
    development.write_text(development.read_text("utf-8").replace("controls:\n", f"controls:\n{lines}"), "utf-8")
    return artefacts


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    with start(Options(speed="max", deploy=False)) as running:
        hasten(running.emulator)
        artefacts = with_opt_in(tmp_path_factory.mktemp("artefacts"))
        bring_on_foundation(running.emulator, load_catalog(catalog_in(artefacts)), "ou-guardrails")
        deploy_application(running.emulator, artefacts)
        machine = Machine(running)
        machine.hear_of_drift(heard=False)
        yield machine


def regions_of(report: Any) -> Any:
    (row,) = (row for row in report["controls"] if row["control"] == "regions")
    return row["evidence"]["ListRegions"]


def settle(machine: Machine) -> None:
    machine.emulator.clock.advance(machine.emulator.latencies.longest("account:EnableRegion"))


def test_the_foundation_enables_it_where_administrators_are_designated(avm: Avm) -> None:
    planned = avm("foundation", "plan", "--json")
    rows = {row["control"]: row for row in json.loads(planned.stdout)["controls"]}
    assert [step["operation"] for step in rows["management-regions"]["steps"]] == ["account:EnableRegion"]
    assert rows["management-regions"]["evidence"]["ListRegions"][OPT_IN] == "DISABLED"


def test_a_vend_enables_it_before_anything_is_done_there(machine: Machine, avm: Avm) -> None:
    since = last_call(machine)
    request = machine.vend("southern")
    assert request["status"] == "READY", json.dumps(request["errors"])
    account_id = request["account_id"]
    report = json.loads(avm("report", account_id, "--json").stdout)
    assert regions_of(report)[OPT_IN] == "ENABLED"
    scopes = {row["scope"]: row["status"] for row in report["controls"] if row["control"] == "ebs-encryption"}
    assert scopes[OPT_IN] == "compliant"
    (enabled,) = machine.emulator.calls.select(since=since, operation="EnableRegion", mutating=True)
    there = [call for call in machine.emulator.calls.select(since=since, account=account_id) if call.region == OPT_IN]
    assert min(call.seq for call in there) > enabled.seq
    assert [call.error for call in there if call.error in {"AuthFailure", "UnrecognizedClientException"}] == []
    assert "DeleteVpc" in {call.operation for call in there}, "it has come with a default VPC"


def test_one_that_is_switched_off_is_named_and_mended(machine: Machine, avm: Avm) -> None:
    place = Place(machine, machine.outcome("southern")["account_id"])
    machine.client("account").disable_region(AccountId=place.account_id, RegionName=OPT_IN)
    settle(machine)
    drift = avm("drift", place.account_id, "--json")
    assert drift.exit_code == 1
    assert "regions" in names(drift), drift.stdout
    mended = avm("repair", place.account_id, "regions", "--json")
    assert (mended.exit_code, names(mended)) == (0, set()), mended.stdout
    assert avm("drift", place.account_id).exit_code == 0


def test_where_it_cannot_be_enabled_nothing_is_tried_there_and_the_vend_says_why(machine: Machine) -> None:
    arm(machine, [{"service": "account", "operation": "EnableRegion", "fault": "denied", "source": "avm-Harden*"}])
    try:
        request = machine.vend("shut")
    finally:
        arm(machine, [])
    assert request["status"] == "PARKED"
    causes = {error["message"].partition(":")[0]: error["message"] for error in request["errors"]}
    assert "EnableRegion: AccessDenied" in causes["regions"]
    inside = machine.emulator.calls.select(account=request["account_id"], mutating=True)
    assert [call for call in inside if call.region == OPT_IN] == []
