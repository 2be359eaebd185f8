"""guardduty-protection, on the emulator's GuardDuty."""

from __future__ import annotations

from typing import Any

import pytest

from avm.aws.guardduty import GuardDuty
from avm.controls.guardduty_member import GuardDutyMember
from avm.controls.guardduty_protection import BY_DEFAULT, GuardDutyProtection
from avm.domain.errors import FoundationBehind, ManagedElsewhere
from tests.unit.controls.conftest import Place
from tests.unit.controls.foundation import target_of

CONTROL = GuardDutyProtection()
REGION = "eu-central-1"


@pytest.fixture
def member(place: Place) -> Any:
    """Return the account as the control gets it, as a member of GuardDuty's administrator."""
    target = target_of(place, REGION)
    GuardDutyMember().enforce(target, place)
    place.emulator.clock.advance(60)
    return target


def test_until_it_is_a_member_there_is_nothing_to_look_at(place: Place) -> None:
    found = CONTROL.observe(target_of(place, REGION), place)
    assert (found.status, found.evidence) == ("pending", {"GetMembers": {"RelationshipStatus": None}})


def test_what_a_new_member_lacks_is_switched_on_once_and_a_type_may_want_more(place: Place, member: Any) -> None:
    assert CONTROL.observe(member, place).status == "violated", "the organization gives new members no plans"
    assert [row.action for row in CONTROL.planned(member, place)] == ["guardduty:UpdateMemberDetectors"]
    CONTROL.enforce(member, place)
    found = CONTROL.observe(member, place)
    assert found.status == "compliant"
    assert {found.evidence["GetMemberDetectors"][plan] for plan in BY_DEFAULT} == {"ENABLED"}
    more = target_of(place, REGION, plans=["RUNTIME_MONITORING", "S3_DATA_EVENTS"])
    assert CONTROL.observe(more, place).status == "violated"
    (change,) = CONTROL.enforce(more, place)
    assert change.resource.endswith(f"{REGION}: RUNTIME_MONITORING")
    assert CONTROL.observe(more, place).status == "compliant"
    since = place.last_call()
    assert CONTROL.enforce(more, place) == []
    assert place.mutating_calls(since) == []


def test_where_a_policy_of_the_organization_decides_nothing_is_fought(
    place: Place, member: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = target_of(place, REGION, plans=["RUNTIME_MONITORING"])
    monkeypatch.setattr(GuardDuty, "is_managed_by_policy", lambda *_: True)
    since = place.last_call()
    with pytest.raises(ManagedElsewhere, match="RUNTIME_MONITORING is off"):
        CONTROL.enforce(more, place)
    assert place.mutating_calls(since) == []


def test_the_administrators_own_plans_are_seen_and_left_to_its_people(place: Place) -> None:
    target_of(place, REGION)
    place.account_id = place.security_account_id
    own = target_of(place, REGION)
    found = CONTROL.observe(own, place)
    assert (found.status, set(found.evidence)) == ("compliant", {"GetDetector"})
    with pytest.raises(FoundationBehind, match="administrator"):
        CONTROL.enforce(target_of(place, REGION, plans=["RUNTIME_MONITORING"]), place)
