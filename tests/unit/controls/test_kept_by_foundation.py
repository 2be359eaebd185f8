"""access-analyzer, config-aggregation and conformance-packs: what the foundation has for all, seen for one account."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from avm.controls.access_analyzer import AccessAnalyzer
from avm.controls.config_aggregation import ConfigAggregation
from avm.controls.conformance_packs import ConformancePacks
from avm.controls.control import Control
from avm.domain.errors import FoundationBehind
from avm.domain.foundation import ANALYZER_NAME
from tests.unit.controls.conftest import Place
from tests.unit.controls.foundation import target_of

REGION = "eu-central-1"
CONTROLS = (AccessAnalyzer(), ConfigAggregation(), ConformancePacks())


def as_foundational(target: Any) -> Any:
    return replace(target, account_type=target.catalog.account_type("shared-services"))


def take_away(place: Place, control: Control) -> Any:
    """Let the organization not have what the control looks for; return the account as the control gets it."""
    target = target_of(place, REGION)
    if isinstance(control, AccessAnalyzer):
        place.security(REGION).client("accessanalyzer").delete_analyzer(analyzerName=ANALYZER_NAME)
    if isinstance(control, ConformancePacks):
        place.emulator.clock.advance(600)
        config = place.security(REGION).client("config")
        for pack in config.describe_organization_conformance_packs()["OrganizationConformancePacks"]:
            name = pack["OrganizationConformancePackName"]
            config.delete_organization_conformance_pack(OrganizationConformancePackName=name)
    return target  # the aggregator is made with the application


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: str(control.name))
def test_what_is_not_there_is_told_by_the_accounts_that_came_later_and_mended_by_the_foundation(
    place: Place, control: Control
) -> None:
    target = take_away(place, control)
    found = control.observe(target, place)
    assert (found.status, bool(found.evidence)) == ("violated", True)
    since = place.last_call()
    with pytest.raises(FoundationBehind):
        control.enforce(target, place)
    assert place.mutating_calls(since) == []
    not_yet = "pending" if isinstance(control, ConformancePacks) else "deferred"
    assert control.observe(as_foundational(target), place).status == not_yet
    if isinstance(control, AccessAnalyzer):
        create = place.security(REGION).client("accessanalyzer").create_analyzer
        create(analyzerName=ANALYZER_NAME, type="ORGANIZATION")
        place.emulator.clock.advance(60)
        assert control.observe(target, place).status == "compliant"
        assert control.enforce(target, place) == []


def test_how_a_pack_stands_in_the_account_is_seen(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    target, control = target_of(place, REGION), ConformancePacks()
    wanted = [pack.aws_name for pack in target.catalog.conformance_packs.values() if pack.regions == "governed"]
    there = dict.fromkeys(wanted, "shown")
    monkeypatch.setattr("avm.aws.organization_packs.OrganizationPacks.all", lambda _: there)

    def status(state: str | None) -> str:
        monkeypatch.setattr("avm.aws.organization_packs.OrganizationPacks.status_in", lambda *_: state)
        return control.observe(target, place).status

    assert [status(state) for state in ("CREATE_SUCCESSFUL", "UPDATE_SUCCESSFUL")] == ["compliant"] * 2
    assert [status(state) for state in (None, "CREATE_IN_PROGRESS", "CREATE_FAILED")] == ["pending"] * 3
    assert status("DELETE_IN_PROGRESS") == "violated"


def test_how_the_last_collection_went_is_seen_for_each_governed_region(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, control = target_of(place, REGION), ConfigAggregation()
    monkeypatch.setattr("avm.aws.config_aggregators.Aggregators.all", lambda _: {"avm-organization": None})

    def status(**states: str) -> str:
        sources = {(place.account_id, region.replace("_", "-")): state for region, state in states.items()}
        monkeypatch.setattr("avm.aws.config_aggregators.Aggregators.sources", lambda *_: sources)
        return control.observe(target, place).status

    every = dict.fromkeys(("eu_west_1", "eu_central_1", "us_east_1"), "SUCCEEDED")
    assert status(**every) == "compliant"
    assert status(eu_west_1="SUCCEEDED") == "pending"
    assert status(**{**every, "us_east_1": "FAILED NoRunningConfigurationRecorder"}) == "pending"
    assert status(**{**every, "us_east_1": "FAILED OrganizationAccessDenied"}) == "violated"
    assert control.enforce(target, place) == [], "AWS tries again by itself"
