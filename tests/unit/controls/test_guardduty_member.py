"""guardduty-member, on the emulator's GuardDuty."""

from dataclasses import replace
from typing import Any

import pytest

from avm.controls.guardduty_member import GuardDutyMember
from avm.domain.errors import FoundationBehind, ServiceUnavailable
from tests.unit.controls.conftest import Place
from tests.unit.controls.foundation import leave_out, target_of

CONTROL = GuardDutyMember()
REGION = "eu-central-1"


def administrator(place: Place) -> Any:
    return place.security(REGION).client("guardduty")


def test_an_account_that_is_no_member_is_violated_with_awss_reason(place: Place) -> None:
    finding = CONTROL.observe(target_of(place, REGION), place)
    assert (finding.status, finding.region) == ("violated", REGION)
    assert finding.evidence["GetMembers"]["RelationshipStatus"] is None
    assert "not a member" in finding.evidence["GetMembers"]["Result"]


def test_it_is_enrolled_once_pending_and_then_compliant(place: Place) -> None:
    target = target_of(place, REGION)
    clock = place.emulator.clock
    clock.hold(held=True)
    try:
        (change,) = CONTROL.enforce(target, place)
        assert (change.operation, change.resource) == ("CreateMembers", place.account_id)
        assert CONTROL.observe(target, place).status == "pending"
        since = place.last_call()
        assert CONTROL.enforce(target, place) == []
        clock.advance(60)
        assert CONTROL.enforce(target, place) == []
        assert place.mutating_calls(since) == []
    finally:
        clock.hold(held=False)
    finding = CONTROL.observe(target, place)
    assert finding.status == "compliant"
    assert finding.evidence["GetMembers"] == {"RelationshipStatus": "Enabled"}
    assert finding.evidence["GetMemberDetectors"]


def test_a_member_that_was_parted_with_is_violated_and_taken_back(place: Place) -> None:
    target = target_of(place, REGION)
    CONTROL.enforce(target, place)
    place.emulator.clock.advance(60)
    client = administrator(place)
    (detector,) = client.list_detectors()["DetectorIds"]
    client.update_organization_configuration(DetectorId=detector, AutoEnableOrganizationMembers="NEW")
    client.disassociate_members(DetectorId=detector, AccountIds=[place.account_id])
    finding = CONTROL.observe(target, place)
    assert (finding.status, finding.evidence["GetMembers"]) == ("violated", {"RelationshipStatus": "Removed"})
    assert [change.operation for change in CONTROL.enforce(target, place)] == ["CreateMembers"]
    place.emulator.clock.advance(60)
    assert CONTROL.observe(target, place).status == "compliant"
    client.stop_monitoring_members(DetectorId=detector, AccountIds=[place.account_id])
    assert CONTROL.observe(target, place).status == "violated"
    assert len(CONTROL.enforce(target, place)) == 1
    place.emulator.clock.advance(60)
    assert CONTROL.observe(target, place).status == "compliant"


def test_an_account_that_aws_leaves_out_is_an_error_that_names_it(place: Place) -> None:
    leave_out(place.emulator, "guardduty", "CreateMembers")
    with pytest.raises(
        ServiceUnavailable, match=f"CreateMembers: UnprocessedAccounts: {place.account_id}: An internal"
    ):
        CONTROL.enforce(target_of(place, REGION), place)


def test_a_detector_that_aws_leaves_out_is_an_error_that_names_it(place: Place) -> None:
    target = target_of(place, REGION)
    CONTROL.enforce(target, place)
    place.emulator.clock.advance(60)
    leave_out(place.emulator, "guardduty", "GetMemberDetectors")
    with pytest.raises(ServiceUnavailable, match=f"GetMemberDetectors: UnprocessedAccounts: {place.account_id}"):
        CONTROL.observe(target, place)


def test_without_guardduty_in_the_security_account_the_foundation_is_behind(place: Place) -> None:
    target = target_of(place, "eu-west-3")
    with pytest.raises(FoundationBehind, match="no GuardDuty detector in eu-west-3"):
        CONTROL.observe(target, place)


def test_the_administrator_is_no_member_it_administers(place: Place) -> None:
    target = target_of(place, REGION)
    place.account_id = str(target.foundation.security_account_id)
    target = replace(target, account=replace(target.account, id=place.account_id))
    finding = CONTROL.observe(target, place)
    assert finding.status == "compliant"
    assert set(finding.evidence) == {"DescribeOrganizationConfiguration"}


def test_an_account_that_should_administer_and_does_not_is_behind(place: Place) -> None:
    target = target_of(place, "eu-west-3")
    place.security_account_id = place.account_id
    place.security("eu-west-3").client("guardduty").create_detector(Enable=True)
    foundation = target.foundation.model_copy(update={"security_account_id": place.account_id})
    with pytest.raises(FoundationBehind, match="does not administer eu-west-3"):
        CONTROL.observe(replace(target, foundation=foundation), place)
