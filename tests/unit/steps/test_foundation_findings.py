"""Findings of Security Hub about the foundation."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from avm.contracts.security_finding import FindingPlace
from avm.domain.errors import AccessDenied, FoundationBehind, Throttled, VendingError
from avm.domain.open_finding import FOUNDATION
from avm.foundation.control import Look, Step
from avm.steps import foundation_findings
from avm.steps.foundation_findings import Shown, show_findings
from avm.steps.foundation_step import FoundationInput, Seen
from tests.unit.steps.conftest import World

UNTRUE = Seen("house", Look({}, (Step("iam:MakeThing", "roof", lambda: None),)))
TRUE = Seen("house", Look({}))


class Hub:
    """Security Hub, which writes down what it is told, or fails."""

    def __init__(self) -> None:
        self.place = FindingPlace("aws", "eu-west-1", "999999999999")
        self.told: list[str] = []
        self.findings: dict[str, dict[str, Any]] = {}
        self.error: VendingError | None = None

    def put(self, finding: dict[str, Any]) -> None:
        if self.error is not None:
            raise self.error
        self.told.append(finding["Compliance"]["Status"])
        self.findings[finding["Id"]] = finding

    def mark(self, finding_id: str, status: str, note: str) -> None:
        assert note
        assert finding_id in self.findings
        self.told.append(status)


class Case:
    """The foundation of a world, which is looked at."""

    def __init__(self, world: World, hub: Hub) -> None:
        self.gateways = world.gateways
        self.hub = hub
        self.security_account: str | None = hub.place.account_id
        self.asked = 0

    def account_of(self, name: str) -> str | None:
        assert name == "security"
        self.asked += 1
        return self.security_account

    def look(self, run: str, *seen: Seen, is_opening: bool = True) -> Shown:
        """Let Security Hub be told of what a run has seen."""
        step = FoundationInput(observation_id=run, time=f"2026-11-25T10:0{run[-1]}:00Z")
        reach: Any = SimpleNamespace(account_of=self.account_of, security=lambda _: None)
        cause = {"event": "StopLogging", "actor": "arn:x"}
        return show_findings(step, self.gateways, reach, seen, is_opening=is_opening, cause=cause)

    @property
    def open(self) -> frozenset[str]:
        return self.gateways.drift.open_findings(FOUNDATION)


@pytest.fixture
def case(world: World, monkeypatch: pytest.MonkeyPatch) -> Case:
    hub = Hub()
    monkeypatch.setattr(foundation_findings, "SecurityHubFindings", lambda *_: hub)
    return Case(world, hub)


def test_a_drift_that_lasts_is_one_finding_resolved_once_and_another_when_it_comes_back(case: Case) -> None:
    assert case.look("look-1", UNTRUE) == Shown(imported=("house",))
    assert case.look("look-2", UNTRUE) == Shown(imported=("house",))
    assert list(case.hub.findings) == ["avm/foundation/house/look-1"]
    assert case.look("look-3", TRUE, is_opening=False) == Shown(resolved=("house",))
    assert case.hub.told == ["FAILED", "FAILED", "PASSED", "RESOLVED"]
    assert case.open == frozenset()
    assert case.look("look-4", TRUE) == Shown()
    case.look("look-5", UNTRUE)
    assert list(case.hub.findings) == ["avm/foundation/house/look-1", "avm/foundation/house/look-5"]


def test_a_finding_says_what_and_is_shown_at_the_management_account(case: Case) -> None:
    case.look("look-1", UNTRUE)
    (finding,) = case.hub.findings.values()
    management = case.gateways.management_account_id
    assert [each["Id"] for each in finding["Resources"]] == [f"AWS::::Account:{management}"]
    assert (finding["AwsAccountId"], finding["GeneratorId"]) == (case.hub.place.account_id, "avm/house")
    assert finding["Title"] == "Foundation: house is not as promised"
    assert "avm foundation apply" in finding["Remediation"]["Recommendation"]["Text"]
    assert finding["ProductFields"] == {
        "avm/control": "house",
        "avm/account": management,
        "avm/found": "organization: violated",
        "avm/event": "StopLogging",
        "avm/actor": "arn:x",
    }
    assert finding["CreatedAt"] == finding["UpdatedAt"] == "2026-11-25T10:01:00Z"


def test_who_plans_an_apply_opens_no_finding_but_keeps_an_open_one(case: Case) -> None:
    assert case.look("look-1", UNTRUE, is_opening=False) == Shown()
    assert case.asked == 0, "nothing has to be told, so nobody is asked whom to tell"
    case.look("look-2", UNTRUE)
    assert case.look("look-3", UNTRUE, is_opening=False) == Shown(imported=("house",))


@pytest.mark.parametrize(
    "seen",
    [
        Seen("house", Look({}, waits_for=("AWS",))),
        Seen("house", Look({}), AccessDenied("no")),
        Seen("house", Look({}), missing=("trail",)),
    ],
    ids=["pending", "unknown", "deferred"],
)
def test_what_is_not_known_opens_and_resolves_nothing(case: Case, seen: Seen) -> None:
    assert case.look("look-1", seen) == Shown()
    case.look("look-2", UNTRUE)
    assert case.look("look-3", seen) == Shown()
    assert case.hub.told == ["FAILED"]
    assert case.open == {"house"}


def test_what_is_left_to_people_and_kept_from_nobody_opens_nothing(case: Case) -> None:
    assert case.look("look-1", Seen("house", Look({}, by_hand=("assign a device",)), blocks_ready=False)) == Shown()


def test_without_a_security_account_or_its_security_hub_nothing_is_shown(case: Case) -> None:
    case.security_account = None
    assert case.look("look-1", UNTRUE) == Shown()
    case.security_account = case.hub.place.account_id
    case.hub.error = FoundationBehind("Security Hub is off")
    assert case.look("look-2", UNTRUE) == Shown()
    assert case.hub.told == []


def test_what_cannot_be_shown_is_told_keeps_nothing_else_and_is_shown_by_the_next_look(case: Case) -> None:
    case.hub.error = Throttled("slower")
    other = Seen("street", UNTRUE.look)
    shown = case.look("look-1", UNTRUE, other)
    assert [(each.control, each.error) for each in shown.failures] == [("house", "Throttled"), ("street", "Throttled")]
    case.hub.error = None
    assert case.look("look-2", UNTRUE, other) == Shown(imported=("house", "street"))
    assert list(case.hub.findings) == ["avm/foundation/house/look-1", "avm/foundation/street/look-1"]


def test_where_not_even_the_security_account_can_be_looked_for_that_is_told(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: str) -> str:
        message = "no"
        raise AccessDenied(message)

    monkeypatch.setattr(case, "account_of", refuse)
    (failure,) = case.look("look-1", UNTRUE).failures
    assert (failure.control, failure.error) == ("all controls", "AccessDenied")
