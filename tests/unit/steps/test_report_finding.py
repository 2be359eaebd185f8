"""ReportFinding."""

from __future__ import annotations

from typing import Any

import pytest

from avm.contracts.security_finding import FindingPlace
from avm.domain.errors import FoundationBehind
from avm.steps import observe_drift, report_finding
from tests.unit.steps.conftest import World
from tests.unit.steps.planted import Plant, Planted, plant
from tests.unit.steps.recorders import Published

__all__ = ["plant"]


class Hub:
    """Security Hub, which writes down what it is told."""

    def __init__(self) -> None:
        self.place = FindingPlace("aws", "eu-west-1", "999999999999")
        self.told: list[tuple[str, str]] = []
        self.findings: dict[str, dict[str, Any]] = {}

    def put(self, finding: dict[str, Any]) -> None:
        self.told.append((finding["Id"], finding["Compliance"]["Status"]))
        self.findings[finding["Id"]] = finding

    def mark(self, finding_id: str, status: str, note: str) -> None:
        assert note
        self.told.append((finding_id, status))

    def take(self) -> list[str]:
        """Return what it was told since it was asked last."""
        told, self.told = self.told, []
        return [word for _, word in told]


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, published: Published) -> Hub:
    """Let findings come here, and events go nowhere."""
    assert published.events == []
    found = Hub()
    monkeypatch.setattr(report_finding, "_findings", lambda *_: found)
    return found


class Case:
    """One account of a world whose control ``book`` is looked at."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.record, self.account_id = world.cared_for()

    def look(self, run: str) -> Any:
        """Look at the control in a run, and let its finding be told."""
        ids = {"account_id": self.account_id, "control": "book", "observation_id": run}
        seen = self.world.run(observe_drift, self.record, **ids).seen
        return self.report(run, seen)

    def report(self, run: str, seen: str) -> Any:
        """Let the finding of a run be told."""
        ids = {"account_id": self.account_id, "control": "book", "observation_id": run}
        return self.world.run(report_finding, self.record, **ids, seen=seen)


def test_a_drift_that_lasts_is_one_finding_and_resolved_once(world: World, plant: Plant, hub: Hub) -> None:
    plant(Planted("book", "violated", "violated", "compliant", "compliant"))
    case = Case(world)
    assert case.look("drift-1").counted() == ("FindingImported",)
    assert case.look("drift-2").finding == "IMPORTED"
    (finding_id,) = hub.findings
    assert finding_id == f"avm/{case.account_id}/book/drift-1"
    assert hub.take() == ["FAILED", "FAILED"]
    assert world.gateways.drift.open_findings(case.account_id) == {"book"}
    assert case.look("drift-3").counted() == ("FindingResolved",)
    assert hub.take() == ["PASSED", "RESOLVED"]
    assert set(hub.findings) == {finding_id}
    assert world.gateways.drift.open_findings(case.account_id) == frozenset()
    assert case.look("drift-4").finding == "NONE"
    assert hub.take() == []


def test_what_was_mended_in_the_same_run_is_shown_as_resolved(world: World, plant: Plant, hub: Hub) -> None:
    plant(Planted("book", "violated"))
    case = Case(world)
    ids = {"account_id": case.account_id, "control": "book", "observation_id": "drift-1"}
    world.run(observe_drift, case.record, **ids)
    assert case.report("drift-1", "COMPLIANT").finding == "RESOLVED"
    (finding,) = hub.findings.values()
    assert finding["AwsAccountId"] == hub.place.account_id
    assert finding["ProductFields"] == {
        "avm/control": "book",
        "avm/account": case.account_id,
        "avm/found": "account: violated",
    }
    assert [each["Id"] for each in finding["Resources"]] == [f"AWS::::Account:{case.account_id}"]


def test_what_aws_works_on_says_nothing_about_a_finding(world: World, plant: Plant, hub: Hub) -> None:
    plant(Planted("book", "violated", "pending"))
    case = Case(world)
    case.look("drift-1")
    hub.take()
    assert case.look("drift-2").finding == "NONE"
    assert hub.take() == []
    assert world.gateways.drift.open_findings(case.account_id) == {"book"}


def test_an_exception_suppresses_a_finding_and_its_end_brings_it_back(world: World, plant: Plant, hub: Hub) -> None:
    plant(Planted("book", "violated"))
    case = Case(world)
    case.look("drift-1")
    hub.take()
    case.report("drift-2", "SUPPRESSED")
    assert hub.take() == ["FAILED", "SUPPRESSED"]
    case.report("drift-3", "VIOLATED")
    assert hub.take() == ["FAILED", "NEW"]
    case.report("drift-4", "VIOLATED")
    assert hub.take() == ["FAILED"]


def test_where_there_is_no_security_hub_nothing_is_shown_and_the_reason_is_said(
    world: World, plant: Plant, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    def behind(*_: object) -> Hub:
        message = "the organization has no account of type security"
        raise FoundationBehind(message)

    plant(Planted("book", "violated"))
    monkeypatch.setattr(report_finding, "_findings", behind)
    output = Case(world).look("drift-1")
    assert (output.finding, output.reason) == ("NONE", "the organization has no account of type security")
    assert output.counted() == ()
    assert hub.take() == []
