"""What an account promises: enforced, verified, kept as a report; broken, named, and mended again.

One control more than those that are shipped is among them: a file and a line in the catalog are all that it needs.
"""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # ships no types
import pytest
from typer.testing import Result

from avm.aws.items import serialize
from avm.catalog import load_catalog
from avm.controls.registry import all_controls
from avm_emulator.application import deploy_application
from avm_emulator.engine import Options, start
from tests.end_to_end.artefacts import BUILT, catalog_in, own_catalog
from tests.end_to_end.breakers import BREAKERS, MENDED_BY_FOUNDATION, OTHER_WAYS
from tests.end_to_end.conftest import GOVERNED, Avm, Machine
from tests.end_to_end.organization_breakers import swap_full_access
from tests.end_to_end.place import Place
from tests.names import ROOT
from tests.unit.conftest import CATALOG_DIR

pytestmark = pytest.mark.timeout(1800)  # real seconds, on a busy machine: the first test vends

PLANTED = Path(__file__).parent / "planted_control.py"


def break_the_planted_control(place: Place) -> None:
    """Delete the group."""
    place.inside("iam").delete_group(GroupName="incidents")


PROMISED = frozenset(load_catalog(CATALOG_DIR).account_type("development").controls)
"""The controls of the account that is broken here; those of foundational accounts have tests of their own."""
WALK = [*BREAKERS.items(), ("incident-group", break_the_planted_control), *OTHER_WAYS]


def with_planted_control(folder: Path) -> Path:
    """Return artefacts in which the code layer has one control more, and the catalog a line for it."""
    own_catalog(folder)
    layer, built = folder / "VendingLayer" / "python", BUILT / "VendingLayer" / "python"
    (folder / "VendingLayer").unlink()
    layer.mkdir(parents=True)
    for part in built.iterdir():
        if part.name != "avm":
            (layer / part.name).symlink_to(part)
    shutil.copytree(built / "avm", layer / "avm")
    shutil.copy(PLANTED, layer / "avm" / "controls" / "incident_group.py")
    development = catalog_in(folder) / "account_types" / "development.yaml"
    text = development.read_text("utf-8")
    development.write_text(text.replace("controls:\n", "controls:\n  incident-group: {}\n"), "utf-8")
    return folder


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    artefacts = with_planted_control(tmp_path_factory.mktemp("artefacts"))
    with start(Options(speed="max", deploy=False)) as running:
        deploy_application(running.emulator, artefacts)
        machine = Machine(running)
        machine.hear_of_drift(heard=False)  # nothing is mended but by those who are asked to
        yield machine


@pytest.fixture(scope="module")
def place(machine: Machine) -> Place:
    """Return an account that a vend has made ready."""
    request = machine.vend("promised")
    assert request["status"] == "READY", json.dumps(request["errors"])
    return Place(machine, request["account_id"])


def names(result: Result) -> set[str]:
    """Return the controls in what a command has put out as JSON, but for those that AWS takes its time with."""
    return {row["control"] for row in json.loads(result.stdout)["controls"] if row["status"] != "pending"}


def mutating(machine: Machine, since: int) -> list[str]:
    """Return the managed mutating calls after a call."""
    calls = machine.emulator.calls.select(since=since, mutating=True, own=False)
    return [f"{call.service}:{call.operation}" for call in calls if call.source.startswith("avm-")]


def last_call(machine: Machine) -> int:
    return max(call.seq for call in machine.emulator.calls)


def test_a_ready_account_has_a_report_of_every_control_with_its_evidence(place: Place, avm: Avm) -> None:
    report = json.loads(avm("report", place.account_id, "--json").stdout)
    schema = json.loads((ROOT / "docs" / "report.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator(schema).validate(report)
    assert report["ready"] is True
    assert {row["control"] for row in report["controls"]} == {*PROMISED, "incident-group"}
    assert {row["scope"] for row in report["controls"]} <= {"account", *GOVERNED}
    assert [row for row in report["controls"] if not row["evidence"]] == []
    account = place.machine.call("GET", f"/accounts/{place.account_id}").json()
    assert sum(account["compliance"].values()) == len(report["controls"])


def test_every_control_has_its_breaker() -> None:
    assert set(BREAKERS) >= PROMISED


@pytest.mark.walk(6)
@pytest.mark.parametrize(
    ("control", "break_it"), [pytest.param(*way, id=f"{way[0]}-{way[1].__name__}") for way in WALK]
)
def test_a_control_that_is_broken_is_named_alone_and_mended(
    place: Place, avm: Avm, control: str, break_it: Callable[[Place], None]
) -> None:
    break_it(place)
    drift = avm("drift", place.account_id, "--json")
    assert (drift.exit_code, names(drift)) == (1, {control}), drift.stdout
    mended = avm("repair", place.account_id, control, "--json")
    if control in MENDED_BY_FOUNDATION:
        (row,) = json.loads(mended.stdout)["controls"]
        assert row["evidence"]["enforcement"]["code"] == "FoundationBehind"
        MENDED_BY_FOUNDATION[control](place)
    else:
        assert (mended.exit_code, names(mended)) == (0, set()), mended.stdout
    after = avm("drift", place.account_id, "--json")
    assert (after.exit_code, names(after)) == (0, set()), after.stdout


def test_an_account_in_which_nothing_is_allowed_any_more_is_opened_again(place: Place, avm: Avm) -> None:
    swap_full_access(place)
    rows = json.loads(avm("drift", place.account_id, "--json").stdout)["controls"]
    assert [row["control"] for row in rows if row["status"] == "violated"] == ["account-guardrails"]
    mended = avm("repair", place.account_id, "account-guardrails", "--json")
    assert (mended.exit_code, names(mended)) == (0, set()), mended.stdout


@pytest.mark.walk(6)
@pytest.mark.parametrize("control", sorted({*PROMISED, "incident-group"}))
def test_a_control_that_cannot_be_looked_at_is_unknown_and_says_why(place: Place, avm: Avm, control: str) -> None:
    report = json.loads(avm("report", place.account_id, "--json").stdout)
    seen = (name for row in report["controls"] if row["control"] == control for name in row["evidence"])
    operation = next(name for name in seen if name[0].isupper())
    grants = all_controls()[control].observe_grants if control in all_controls() else ()
    own = {action.partition(":")[0] for grant in grants for action in grant.actions}
    looks = (call for call in place.machine.emulator.calls if call.source.startswith("avm-Verify"))
    services = {call.service for call in looks if call.operation == operation}
    service = max(services, key=lambda name: name in own)  # GetMembers is of two
    rule = {"service": service, "operation": operation, "fault": "denied", "source": "avm-Verify*"}
    arm(place.machine, [rule])
    try:
        drift = avm("drift", place.account_id, "--json")
    finally:
        arm(place.machine, [])
    rows = json.loads(drift.stdout)["controls"]
    assert control in {row["control"] for row in rows}
    told = [(row["status"], row["evidence"]["code"], operation in row["evidence"]["message"]) for row in rows]
    assert set(told) == {("unknown", "AccessDenied", True)}
    after = avm("drift", place.account_id, "--json")
    assert (after.exit_code, names(after)) == (0, set()), after.stdout


@pytest.mark.parametrize("source", ["avm-Plan*", "avm-Verify*"])
def test_an_account_at_which_nothing_can_be_looked_has_a_report_that_says_why(
    place: Place, avm: Avm, source: str
) -> None:
    rule = {"service": "organizations", "operation": "DescribeAccount", "fault": "denied", "source": source}
    arm(place.machine, [rule])
    try:
        drift = avm("drift", place.account_id, "--json")
    finally:
        arm(place.machine, [])
    (row,) = json.loads(drift.stdout)["controls"]
    assert (row["control"], row["status"]) == ("all controls", "unknown")
    assert "DescribeAccount: AccessDenied" in row["evidence"]["message"]
    assert avm("drift", place.account_id).exit_code == 0


def test_the_workflow_run_a_second_time_on_a_ready_account_changes_nothing(place: Place, figure: list[str]) -> None:
    machine = place.machine
    run_again(machine, "promised")
    since = last_call(machine)
    machine.application_client("stepfunctions").start_execution(
        stateMachineArn=vend_machine(machine),
        name="promised-2",
        input=json.dumps({"request_id": "promised", "attempt": 2}),
    )
    assert machine.outcome("promised")["status"] == "READY"
    changed, calls = mutating(machine, since), machine.emulator.calls.select(since=since)
    figure.append(
        f"second run of a vend with {len(PROMISED)} controls: {len(changed)} managed mutating calls of {len(calls)}"
    )
    assert changed == []
    assert "avm-quarantine" not in machine.scps(place.account_id)


def vend_machine(machine: Machine) -> str:
    machines = machine.application_client("stepfunctions").list_state_machines()["stateMachines"]
    return next(str(one["stateMachineArn"]) for one in machines if one["name"].endswith("vend-account"))


def run_again(machine: Machine, request_id: str) -> None:
    """Make the request's record that of a second attempt."""
    dynamodb = machine.application_client("dynamodb")
    (table,) = (name for name in dynamodb.list_tables()["TableNames"] if "Table" in name)
    dynamodb.update_item(
        TableName=table,
        Key=serialize({"pk": f"REQUEST#{request_id}", "sk": "RECORD"}),
        UpdateExpression="SET #status = :queued, attempt = :two",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues=serialize({":queued": "QUEUED", ":two": 2}),
    )


def test_three_controls_that_fail_park_with_three_true_causes(machine: Machine) -> None:
    faults = [
        {"service": "organizations", "operation": "ListTagsForResource", "fault": "denied", "source": "avm-Attach*"},
        {"service": "account", "operation": "GetAlternateContact", "fault": "denied", "source": "avm-Harden*"},
        {"service": "iam", "operation": "GetGroup", "fault": "denied", "source": "avm-Harden*"},
    ]
    request: dict[str, Any] = {}
    arm(machine, faults)
    try:
        request = machine.vend("threefold")
    finally:
        arm(machine, [])
    assert request["status"] == "PARKED"
    record = machine.call("GET", "/requests/threefold").json()
    causes = [error["message"] for error in record["errors"]]
    assert {cause.partition(":")[0] for cause in causes} == {"account-tags", "alternate-contacts", "incident-group"}
    assert [cause for cause in causes if "AccessDenied" not in cause] == []
    assert "avm-quarantine" in machine.scps(request["account_id"])


def arm(machine: Machine, rules: list[dict[str, Any]]) -> None:
    answer = machine.http.put(f"{machine.emulator.endpoint_url}/_emulator/faults", json={"rules": rules}, timeout=30)
    assert answer.status_code == 200, answer.text
