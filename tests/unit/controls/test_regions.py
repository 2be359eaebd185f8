"""regions, by the opt-ins of the emulator's accounts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from avm.aws.account_regions import AccountRegions
from avm.controls.control import Target
from avm.controls.regions import Regions
from avm.controls.registry import all_controls, needs_of, waves
from avm.domain.catalog import Catalog
from avm.domain.errors import ConcurrentChange, ServiceUnavailable, Throttled
from tests.unit.controls.conftest import Place
from tests.unit.controls.member import fault
from tests.unit.controls.test_budget import Management

CONTROL = Regions()
OPT_IN = "eu-south-1"


def governing(catalog: Catalog, region: str) -> Catalog:
    """Return the catalog with one Region more."""
    organization = catalog.organization
    regions = (*organization.allowed_regions, region)
    return catalog.model_copy(update={"organization": organization.model_copy(update={"allowed_regions": regions})})


@pytest.fixture(autouse=True)
def reached(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(place), "regions", AccountRegions(Management(place.emulator.clients)))


@pytest.fixture
def target(place: Place) -> Target:
    target = place.target()
    return replace(target, catalog=governing(target.catalog, OPT_IN))


def settle(place: Place) -> None:
    place.emulator.clock.advance(place.emulator.latencies.longest("account:EnableRegion"))


def test_regions_that_are_on_by_default_need_nothing(place: Place) -> None:
    found = CONTROL.observe(place.target(), place)
    assert (found.status, CONTROL.planned(place.target(), place)) == ("compliant", [])
    assert set(found.evidence["ListRegions"].values()) == {"ENABLED_BY_DEFAULT"}
    since = place.last_call()
    assert CONTROL.enforce(place.target(), place) == []
    assert place.mutating_calls(since) == []


def test_a_region_that_is_off_is_enabled_once_and_waited_for(place: Place, target: Target) -> None:
    planned = [(each.action, each.subject) for each in CONTROL.planned(target, place)]
    assert planned == [("account:EnableRegion", f"{OPT_IN} of {target.account.name}")]
    assert CONTROL.observe(target, place).status == "violated"
    assert [change.resource for change in CONTROL.enforce(target, place)] == [f"{place.account_id} {OPT_IN}"]
    found = CONTROL.observe(target, place)
    assert (found.status, found.evidence["ListRegions"][OPT_IN]) == ("pending", "ENABLING")
    assert CONTROL.enforce(target, place) == []
    settle(place)
    assert CONTROL.observe(target, place).status == "compliant"


def test_while_it_is_being_disabled_it_is_untrue_and_tried_again_later(place: Place, target: Target) -> None:
    CONTROL.enforce(target, place)
    settle(place)
    account: Any = place.emulator.clients.client("account")
    account.disable_region(AccountId=place.account_id, RegionName=OPT_IN)
    assert CONTROL.observe(target, place).status == "violated"
    with pytest.raises(ConcurrentChange):
        CONTROL.enforce(target, place)
    settle(place)
    assert len(CONTROL.enforce(target, place)) == 1


def test_a_region_that_aws_does_not_know_is_untrue(place: Place) -> None:
    target = replace(place.target(), catalog=governing(place.catalog, "eu-atlantis-1"))
    found = CONTROL.observe(target, place)
    assert (found.status, found.evidence["ListRegions"]["eu-atlantis-1"]) == ("violated", "not listed")


@pytest.mark.parametrize(("kind", "error"), [("throttle", Throttled), ("error_before", ServiceUnavailable)])
def test_what_cannot_be_looked_at_is_raised(place: Place, kind: str, error: type[Exception]) -> None:
    with fault(place, "account", "ListRegions", kind), pytest.raises(error):
        CONTROL.observe(place.target(), place)


def test_what_works_in_each_region_and_the_default_vpcs_come_after_it() -> None:
    order = waves(all_controls().values())
    (at,) = (number for number, wave in enumerate(order) if CONTROL.name in {each.name for each in wave})
    later = {each.name for wave in order[at + 1 :] for each in wave}
    followers = {name for name, each in all_controls().items() if CONTROL.name in needs_of(each)}
    assert followers == {name for name, each in all_controls().items() if each.scope == "region"} | {
        "default-vpc-removed"
    }
    assert followers <= later
