"""organization-trail, on the emulator's CloudTrail."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from avm.aws.cloudtrail import logs_management_events, with_all_management_events
from avm.controls.organization_trail import OrganizationTrail
from avm.domain.errors import FoundationBehind
from avm.domain.foundation import TRAIL_NAME
from tests.unit.controls.conftest import Place
from tests.unit.controls.foundation import target_of

CONTROL = OrganizationTrail()
ALL = {"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": []}


@pytest.fixture
def management(place: Place) -> Iterator[Any]:
    """CloudTrail of the management account, whose trail is mended afterwards."""
    client = place.emulator.clients.client("cloudtrail")
    yield client
    client.update_trail(
        Name=TRAIL_NAME, IsMultiRegionTrail=True, IsOrganizationTrail=True, EnableLogFileValidation=True
    )
    client.put_event_selectors(TrailName=TRAIL_NAME, EventSelectors=[ALL])
    client.start_logging(Name=TRAIL_NAME)


def test_the_account_sees_a_trail_that_logs_it_into_the_log_archive(place: Place) -> None:
    target = target_of(place)
    finding = CONTROL.observe(target, place)
    assert (finding.status, finding.scope) == ("compliant", "account")
    assert finding.evidence["GetTrailStatus"] == {"IsLogging": True}
    assert finding.evidence["GetTrail"]["S3BucketName"] == target.foundation.trail_bucket
    since = place.last_call()
    assert CONTROL.enforce(target, place) == []
    assert place.mutating_calls(since) == []


def test_a_trail_that_does_not_log_is_violated_and_the_foundations_to_mend(place: Place, management: Any) -> None:
    management.stop_logging(Name=TRAIL_NAME)
    finding = CONTROL.observe(target_of(place), place)
    assert (finding.status, finding.evidence["faults"]) == ("violated", ["GetTrailStatus: it does not log"])
    with pytest.raises(FoundationBehind, match=f"trail arn:.*{TRAIL_NAME}: GetTrailStatus: it does not log"):
        CONTROL.enforce(target_of(place), place)


@pytest.mark.parametrize(
    ("setting", "fault"),
    [
        ("EnableLogFileValidation", "GetTrail: log file validation is off"),
        ("IsMultiRegionTrail", "GetTrail: it is not for all Regions"),
        ("IsOrganizationTrail", "GetTrail: the account does not see it"),
    ],
)
def test_each_setting_that_was_changed_is_named(place: Place, management: Any, setting: str, fault: str) -> None:
    management.update_trail(Name=TRAIL_NAME, **{setting: False})
    finding = CONTROL.observe(target_of(place), place)
    assert (finding.status, finding.evidence["faults"]) == ("violated", [fault])


@pytest.mark.parametrize(
    "selectors",
    [
        {"EventSelectors": [{**ALL, "ReadWriteType": "ReadOnly"}]},
        {"EventSelectors": [{**ALL, "IncludeManagementEvents": False}]},
        {"EventSelectors": [{**ALL, "ExcludeManagementEventSources": ["kms.amazonaws.com"]}]},
    ],
)
def test_a_trail_that_leaves_management_events_out_is_violated(
    place: Place, management: Any, selectors: dict[str, Any]
) -> None:
    management.put_event_selectors(TrailName=TRAIL_NAME, **selectors)
    finding = CONTROL.observe(target_of(place), place)
    assert finding.evidence["faults"] == ["GetEventSelectors: it leaves management events out"]


def test_advanced_selectors_take_management_events_by_their_category_alone() -> None:
    category = {"Field": "eventCategory", "Equals": ["Management"]}
    every = {"AdvancedEventSelectors": [{"FieldSelectors": [category]}]}
    some = {"AdvancedEventSelectors": [{"FieldSelectors": [category, {"Field": "readOnly", "Equals": ["true"]}]}]}
    assert logs_management_events(every)
    assert not logs_management_events(some)
    assert not logs_management_events({})


OBJECTS = [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}]
CATEGORY = {"Field": "eventCategory", "Equals": ["Management"]}
ADVANCED_OBJECTS = {"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Data"]}]}


@pytest.mark.parametrize(
    ("selectors", "others"),
    [
        ({}, []),
        ({"EventSelectors": [{**ALL, "ReadWriteType": "ReadOnly"}]}, []),
        (
            {"EventSelectors": [{**ALL, "ReadWriteType": "WriteOnly", "DataResources": OBJECTS}]},
            [{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": False, "DataResources": OBJECTS}],
        ),
        (
            {
                "AdvancedEventSelectors": [
                    {"FieldSelectors": [CATEGORY, {"Field": "readOnly", "Equals": ["true"]}]},
                    ADVANCED_OBJECTS,
                ]
            },
            [ADVANCED_OBJECTS],
        ),
    ],
)
def test_mended_selectors_take_every_management_event_and_what_was_taken_beside(
    selectors: dict[str, Any], others: list[Any]
) -> None:
    mended = with_all_management_events(selectors)
    assert logs_management_events(mended)
    assert not logs_management_events(selectors)
    (kind,) = mended
    assert kind in {*selectors, "EventSelectors"}
    assert mended[kind][1:] == others


def test_a_trail_into_another_bucket_is_violated(place: Place) -> None:
    target = target_of(place)
    other = replace(target, foundation=target.foundation.model_copy(update={"log_archive_account_id": "111122223333"}))
    finding = CONTROL.observe(other, place)
    assert finding.status == "violated"
    assert finding.evidence["faults"] == [
        f"GetTrail: it delivers to {target.foundation.trail_bucket}, not to avm-cloudtrail-111122223333-eu-west-1"
    ]
