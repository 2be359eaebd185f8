"""What is broken is found and mended without help: by the events of the calls that have broken it."""

from __future__ import annotations

import json
import random
import statistics
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from avm.controls.registry import all_controls
from avm.domain.breaker import RepairLimits
from avm.domain.time import from_iso
from avm_emulator.application import deploy_application
from avm_emulator.engine import Options, start
from tests.end_to_end.artefacts import own_catalog, propose_repairs
from tests.end_to_end.breakers import BREAKERS, MENDED_BY_FOUNDATION
from tests.end_to_end.conftest import Avm, Heard, Machine, hasten
from tests.end_to_end.foundation_breakers import delete_an_ou
from tests.end_to_end.place import Place

pytestmark = pytest.mark.timeout(1800)  # real seconds, on a busy machine: the first test lays the foundation

COOLED = 301
"""AWS-seconds after which the same control is looked at again (catalog: remediation.cooldown_seconds)."""
NOT_SEEN = frozenset({"drift-events"})
"""Whose breaking takes away what would tell of it: the sweep finds it."""
TOLD_OF = {"access-analyzer": "organization-analyzers", "config-aggregation": "config-aggregator"}
"""What the foundation calls what it keeps for these."""
EVENTS = 501
EVENT_SOURCES = {"s3control": "s3", "sso-admin": "sso"}
"""What CloudTrail calls services that boto3 names otherwise."""
PROPOSED = "alternate-contacts"
SECONDS: list[float] = []
"""From the call that has broken a control to the event that it is mended."""


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    with start(Options(speed="max", deploy=False, foundation=False)) as running:
        hasten(running.emulator)
        artefacts = own_catalog(tmp_path_factory.mktemp("artefacts"))
        propose_repairs(artefacts, "sandbox", PROPOSED)
        deploy_application(running.emulator, artefacts)
        machine = Machine(running)
        assert machine.call("POST", "/foundation/apply").status_code == 202
        machine.settle_now()
        machine.sweep_by_schedule(on=False)
        yield machine


@pytest.fixture(scope="module")
def place(machine: Machine) -> Place:
    request = machine.vend("kept-true")
    assert request["status"] == "READY", json.dumps(request["errors"])
    machine.settle_now()
    return Place(machine, request["account_id"])


@pytest.fixture(scope="module")
def told(machine: Machine) -> Iterator[Heard]:
    """Return what takes the events about drift since it was asked last."""
    with machine.hearing({"detail-type": ["DriftDetected", "DriftRepaired", "DriftSuppressed"]}) as heard:
        yield lambda: [{"kind": event["detail-type"], **event["detail"]} for event in heard()]


@pytest.fixture
def deaf(machine: Machine) -> Iterator[None]:
    """Let no event come through."""
    machine.hear_of_drift(heard=False)
    yield
    machine.hear_of_drift(heard=True)


@pytest.fixture
def cooled(machine: Machine, told: Heard) -> None:
    """Let the cool-down of what was broken before end."""
    machine.settle_now()
    machine.emulator.clock.advance(COOLED)
    machine.settle_now()
    told()


@pytest.mark.usefixtures("cooled")
@pytest.mark.parametrize("control", sorted(BREAKERS.keys() - NOT_SEEN))
def test_what_a_call_breaks_is_told_and_mended_without_help(place: Place, told: Heard, avm: Avm, control: str) -> None:
    begun = place.machine.emulator.clock.now()
    BREAKERS[control](place)
    place.machine.settle_now()
    heard = [event for event in told() if event["control"] == TOLD_OF.get(control, control)]
    if control in MENDED_BY_FOUNDATION:
        assert [(event["kind"], event["mode"]) for event in heard][:1] == [("DriftDetected", "propose")], heard
        MENDED_BY_FOUNDATION[control](place)
        return
    if all_controls()[control].mode == "propose":
        event, proposal = heard[-1], heard[0]["run"]  # what is told again in the next window is one proposal
        assert (event["kind"], event["mode"], event["proposal"]) == ("DriftDetected", "propose", proposal), event
        assert avm("proposals", "approve", proposal).exit_code == 0
        place.machine.settle_now()
        heard = [event, *(each for each in told() if each["control"] == control)]
    assert set(shown(place, control)) == {("PASSED", "RESOLVED")}
    assert [event["kind"] for event in heard] == ["DriftDetected", "DriftRepaired"], heard
    detected, repaired = heard
    assert detected["account_id"] == place.account_id
    assert {found["status"] for found in detected["found"].values()} == {"violated"}
    assert repaired["before"] == detected["found"]
    assert {found["status"] for found in repaired["after"].values()} == {"compliant"}
    assert detected["cause"]["actor"].startswith("arn:aws:iam::")
    if all_controls()[control].mode == "enforce":  # nobody was asked
        SECONDS.append(from_iso(repaired["time"]).timestamp() - begun)


@pytest.mark.usefixtures("cooled")
def test_drift_of_the_foundation_is_a_finding_and_resolved_when_it_is_mended(place: Place, avm: Avm) -> None:
    delete_an_ou(place.machine)
    assert avm("sweep").exit_code == 0, "of the accounts nothing is untrue"
    place.machine.settle_now()
    assert shown(place, "organizational-units", whose="foundation") == [("FAILED", "NEW")]
    assert avm("foundation", "apply").exit_code == 0
    assert shown(place, "organizational-units", whose="foundation") == [("PASSED", "RESOLVED")]


def shown(place: Place, control: str, whose: str | None = None) -> list[tuple[str, str]]:
    """Return what Security Hub of the security account shows of a control: compliance, workflow.

    ``whose``: the control is; without it the account's.
    """
    prefix = {"Value": f"avm/{whose or place.account_id}/{control}/", "Comparison": "PREFIX"}
    hub = place.security("securityhub", place.machine.emulator.region)
    found = hub.get_findings(Filters={"Id": [prefix]})["Findings"]
    return [(each["Compliance"]["Status"], each["Workflow"]["Status"]) for each in found]


def test_how_long_it_takes(figure: list[str]) -> None:
    """Most of it is CloudTrail's: an event comes 300 AWS-seconds after its call (docs/emulator.md)."""
    if len(SECONDS) > 1:
        spread = statistics.quantiles(SECONDS, n=20, method="inclusive")
        figure.append(
            f"drift, from call to repair: p50 {spread[9]:.0f} s, p95 {spread[18]:.0f} s ({len(SECONDS)} controls)"
        )


@pytest.mark.usefixtures("cooled")
def test_a_sweep_finds_and_mends_what_no_event_has_told_of(place: Place, told: Heard, avm: Avm, deaf: None) -> None:
    chosen = {"s3-public-access-block", "placement", "account-tags", *NOT_SEEN}
    for control in chosen:
        BREAKERS[control](place)
    place.machine.settle_now()
    assert told() == []
    swept = avm("sweep", "--json")
    found = json.loads(swept.stdout)
    assert swept.exit_code == 1
    assert {(each["account_id"], each["control"]) for each in found["drifted"]} == {
        (place.account_id, control) for control in chosen
    }
    assert found["unseen"] == {}
    assert found["accounts"] == 5, "the foundational accounts and this one"
    assert (found["left_out"], found["unmanaged"]) == ({}, [])
    place.machine.settle_now()
    assert {event["control"] for event in told() if event["kind"] == "DriftRepaired"} == chosen
    again = avm("sweep", "--json")
    assert (again.exit_code, json.loads(again.stdout)["drifted"]) == (0, [])
    place.machine.settle_now()
    for control in chosen:
        assert set(shown(place, control)) == {("PASSED", "RESOLVED")}, control


@pytest.mark.usefixtures("cooled")
def test_a_proposed_repair_waits_for_a_decision(machine: Machine, told: Heard, avm: Avm) -> None:
    sandbox = Place(machine, machine.vend("proposed", type="sandbox")["account_id"])
    told()
    BREAKERS[PROPOSED](sandbox)
    machine.settle_now()

    def heard() -> list[dict[str, Any]]:
        return [each for each in told() if each["account_id"] == sandbox.account_id]

    (event,) = heard()
    assert (event["kind"], event["mode"], event["proposal"]) == ("DriftDetected", "propose", event["run"]), event
    (proposal,) = json.loads(avm("proposals", "list", "--json").stdout)["items"]
    assert (proposal["observation_id"], proposal["account_id"]) == (event["run"], sandbox.account_id)
    assert shown(sandbox, PROPOSED) == [("FAILED", "NEW")]
    assert avm("drift", sandbox.account_id).exit_code == 1
    decided = avm("proposals", "approve", event["run"], "--comment", "of course")
    assert decided.exit_code == 0, decided.output
    machine.settle_now()
    assert [each["kind"] for each in heard()] == ["DriftRepaired"]
    assert shown(sandbox, PROPOSED) == [("PASSED", "RESOLVED")]
    assert avm("drift", sandbox.account_id).exit_code == 0
    assert json.loads(avm("proposals", "list", "--json").stdout)["items"] == []
    refused = avm("proposals", "reject", event["run"])
    assert (refused.exit_code, "waits for this decision" in refused.stderr) == (1, True)


@pytest.mark.usefixtures("cooled")
def test_an_exception_is_told_shown_and_ends(place: Place, told: Heard, avm: Avm) -> None:
    control, account_id = "s3-public-access-block", place.account_id
    until = datetime.fromtimestamp(place.machine.emulator.clock.now(), UTC) + timedelta(days=2)
    made = avm("except", account_id, control, "--until", f"{until:%Y-%m-%d}", "--reason", "a public site", "--json")
    assert made.exit_code == 0, made.output
    BREAKERS[control](place)
    place.machine.settle_now()
    assert [event["kind"] for event in told()] == ["DriftSuppressed"]
    assert ("FAILED", "NEW") not in shown(place, control)
    assert avm("drift", account_id).exit_code == 0
    rows = json.loads(avm("report", account_id, "--json").stdout)["controls"]
    (row,) = [row for row in rows if row["control"] == control]
    assert (row["status"], row["evidence"]["exception"]["reason"]) == ("suppressed", "a public site")
    assert [each["control"] for each in json.loads(avm("except", account_id, "--json").stdout)["items"]] == [control]
    place.machine.let_pass(2 * 24 * 3600)
    place.machine.sweep_by_schedule(on=True)
    place.machine.let_pass(24 * 3600)
    place.machine.settle_now()  # it has swept meanwhile
    place.machine.sweep_by_schedule(on=False)
    assert "DriftRepaired" in [event["kind"] for event in told()]
    assert json.loads(avm("except", account_id, "--json").stdout)["items"] == []


def test_an_exception_that_may_not_be_is_refused(place: Place, avm: Avm) -> None:
    def refused(*arguments: str) -> str:
        result = avm("except", place.account_id, *arguments)
        assert result.exit_code == 2, result.output
        return " ".join(result.output.split())

    day = f"{datetime.fromtimestamp(place.machine.emulator.clock.now(), UTC) + timedelta(days=3):%Y-%m-%d}"
    assert "is no control of the account" in refused("moat", "--until", day, "--reason", "none")
    assert "is over" in refused("placement", "--until", "2020-01-01", "--reason", "too late")
    assert "is too far away" in refused("placement", "--until", "2099-01-01", "--reason", "for ever")
    assert "Give --until and --reason" in refused("placement", "--until", day)


@pytest.mark.usefixtures("cooled")
def test_who_breaks_the_same_for_ever_is_named_and_the_repairs_end(place: Place, told: Heard, avm: Avm) -> None:
    control = "account-tags"
    for _ in range(8):  # an event comes after 300 s
        BREAKERS[control](place)
        place.machine.settle_now()
    heard = told()
    repaired = sum(event["kind"] == "DriftRepaired" for event in heard)
    assert 0 < repaired <= RepairLimits().control
    stopped = [event["stopped"]["reason"] for event in heard if "stopped" in event]
    assert stopped
    assert "role/avm-operator" in stopped[-1], "who undoes the repairs"
    shown = json.loads(avm("breaker", "status", "--json").stdout)
    assert [each["scope"] for each in shown["open"]] == [f"{place.account_id}/{control}"]
    assert avm("breaker", "reset").exit_code == 0
    assert avm("repair", place.account_id, control).exit_code == 0


@pytest.mark.usefixtures("cooled")
def test_while_repairs_are_stopped_drift_is_told_and_left(place: Place, told: Heard, avm: Avm) -> None:
    assert avm("breaker", "stop", "--reason", "a release").exit_code == 0
    BREAKERS["s3-public-access-block"](place)
    place.machine.settle_now()
    (event,) = told()
    assert event["kind"] == "DriftDetected"
    assert event["stopped"]["reason"].startswith("a release (")
    assert avm("drift", place.account_id).exit_code == 1
    assert avm("breaker", "reset").exit_code == 0
    assert avm("repair", place.account_id).exit_code == 0


@pytest.mark.usefixtures("cooled")
def test_events_that_are_none_or_foreign_or_our_own_change_nothing(place: Place, told: Heard) -> None:
    machine = place.machine
    machine.call("POST", "/sweeps").raise_for_status()  # what people have mended before is looked at once more
    machine.settle_now()
    told()
    machine.emulator.clock.advance(COOLED)
    sqs = machine.application_client("sqs")
    (url,) = sqs.list_queues(QueueNamePrefix="avm-DriftQueue")["QueueUrls"]
    genuine = record(place, "DeleteAccountPublicAccessBlock", "s3.amazonaws.com")
    bodies = [
        "{",
        "[]",
        json.dumps({**genuine, "source": "my.app"}),
        json.dumps({**genuine, "detail-type": "AccountRequested"}),
        json.dumps({**genuine, "account": "999999999999"}),
        json.dumps({**genuine, "detail": {}}),
        json.dumps({**genuine, "detail": {**genuine["detail"], "errorCode": "AccessDenied"}}),
        json.dumps(genuine),  # nothing is untrue
    ]
    since = max(call.seq for call in machine.emulator.calls)
    for body in bodies:
        sqs.send_message(QueueUrl=url, MessageBody=body)
    machine.settle_now()
    changes = machine.emulator.calls.select(since=since, mutating=True, own=False)
    assert [f"{call.service}:{call.operation}" for call in changes if call.source.startswith("avm-")] == []
    assert told() == []
    left = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]
    assert left["ApproximateNumberOfMessages"] == "0"


@pytest.mark.usefixtures("cooled")
def test_each_call_of_our_own_as_an_event_changes_nothing(place: Place, told: Heard) -> None:
    """Whoever it says has made the call: what AWS shows decides."""
    machine = place.machine
    own = machine.emulator.calls.select(mutating=True, own=False)
    made = {(call.service, call.operation) for call in own if call.source.startswith("avm-") and call.error is None}
    assert len(made) > 30
    sqs = machine.application_client("sqs")
    (url,) = sqs.list_queues(QueueNamePrefix="avm-DriftQueue")["QueueUrls"]
    since = max(call.seq for call in machine.emulator.calls)
    for service, operation in sorted(made):
        event = record(place, operation, f"{EVENT_SOURCES.get(service, service)}.amazonaws.com")
        sqs.send_message(QueueUrl=url, MessageBody=json.dumps(event))
    machine.settle_now()
    looks = machine.emulator.calls.select(since=since, mutating=True, own=False)
    assert [f"{call.service}:{call.operation}" for call in looks if call.source.startswith("avm-")] == []
    assert told() == []


@pytest.mark.usefixtures("cooled")
def test_many_late_doubled_and_shuffled_events_bring_one_repair_of_each_difference(place: Place, told: Heard) -> None:
    machine = place.machine
    sqs = machine.application_client("sqs")
    (url,) = sqs.list_queues(QueueNamePrefix="avm-DriftQueue")["QueueUrls"]
    genuine = [
        record(place, "DeleteAccountPublicAccessBlock", "s3.amazonaws.com"),
        record(place, "DisableEbsEncryptionByDefault", "ec2.amazonaws.com"),
        record(place, "DeleteAlternateContact", "account.amazonaws.com"),
    ]
    bodies = [json.dumps(event) for event in genuine for _ in range(EVENTS // len(genuine))]
    random.Random(0).shuffle(bodies)  # noqa: S311  repeatable on purpose
    BREAKERS["s3-public-access-block"](place)
    BREAKERS["ebs-encryption"](place)
    for first in range(0, len(bodies), 10):
        entries = [{"Id": str(n), "MessageBody": body} for n, body in enumerate(bodies[first : first + 10])]
        sqs.send_message_batch(QueueUrl=url, Entries=entries)
    machine.settle_now()
    heard = told()
    for kind in ("DriftDetected", "DriftRepaired"):
        own = [event for event in heard if event["account_id"] == place.account_id]
        assert sorted(event["control"] for event in own if event["kind"] == kind) == [
            "ebs-encryption",
            "s3-public-access-block",
        ]


def record(place: Place, name: str, source: str) -> dict[str, Any]:
    """Return an event as EventBridge gives it."""
    return {
        "version": "0",
        "id": "11111111-2222-3333-4444-555555555555",
        "source": f"aws.{source.partition('.')[0]}",
        "detail-type": "AWS API Call via CloudTrail",
        "account": place.account_id,
        "region": "eu-central-1",
        "time": "2026-11-26T00:00:00Z",
        "resources": [],
        "detail": {
            "eventID": f"event-{name}",
            "eventSource": source,
            "eventName": name,
            "eventTime": "2026-11-26T00:00:00Z",
            "userIdentity": {"arn": f"arn:aws:iam::{place.account_id}:user/somebody"},
            "requestParameters": None,
        },
    }
