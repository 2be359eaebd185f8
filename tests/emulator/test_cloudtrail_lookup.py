"""LookupEvents: the event history of an account in a Region."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from avm_emulator.cloudtrail.history import History
from avm_emulator.context import Emulator
from avm_emulator.engine import Options
from avm_emulator.latencies import LATENCIES
from tests.emulator.lab import REGION, Lab

DELAY = LATENCIES["cloudtrail:DeliverEvent"].seconds
EARLIER, LATER = (datetime(2030, 1, day, tzinfo=UTC) for day in (1, 2))
PARTS = ("avm_emulator.managed_policies", "avm_emulator.organizations", "avm_emulator.cloudtrail")


@pytest.fixture(scope="module")
def options() -> Options:
    return Options(speed="max", prepare=False, deploy=False, parts=PARTS)


@pytest.fixture
def lab(emulator: Emulator) -> Lab:
    return Lab(emulator)


def look_up(lab: Lab, region: str = REGION, **parameters: Any) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = lab.client("cloudtrail", region).lookup_events(**parameters)["Events"]
    return events


def by(key: str, value: str) -> dict[str, Any]:
    return {"LookupAttributes": [{"AttributeKey": key, "AttributeValue": value}]}


def test_calls_are_found_newest_first_with_their_records(lab: Lab) -> None:
    kms = lab.client("kms")
    ids = [kms.create_key(Description=str(number))["KeyMetadata"]["KeyId"] for number in range(3)]
    lab.clock.advance(DELAY)
    found = look_up(lab, **by("EventName", "CreateKey"))
    records = [json.loads(event["CloudTrailEvent"]) for event in found]
    assert [record["responseElements"]["keyMetadata"]["keyId"] for record in records[:3]] == ids[::-1]
    newest = found[0]
    assert (newest["EventName"], newest["EventSource"], newest["ReadOnly"]) == (
        "CreateKey",
        "kms.amazonaws.com",
        "false",
    )
    assert newest["EventId"] == records[0]["eventID"]
    assert (newest["Username"], newest["AccessKeyId"]) == ("root", records[0]["userIdentity"]["accessKeyId"])
    assert newest["EventTime"].timestamp() == datetime.fromisoformat(records[0]["eventTime"]).timestamp()


def test_what_has_just_happened_cannot_be_seen_yet(lab: Lab) -> None:
    key = lab.client("kms").create_key()["KeyMetadata"]["KeyId"]
    assert key not in str(look_up(lab, **by("EventName", "CreateKey")))
    lab.clock.advance(DELAY)
    assert key in str(look_up(lab, **by("EventName", "CreateKey")))


def test_each_region_has_its_own_history_and_global_services_have_one_in_us_east_1(lab: Lab) -> None:
    user = lab.name("user")
    lab.client("iam").create_user(UserName=user)
    lab.client("kms", "eu-central-1").create_key(Description=user)
    lab.clock.advance(DELAY)
    assert user not in str(look_up(lab))
    assert user in str(look_up(lab, "us-east-1", **by("EventName", "CreateUser")))
    assert user in str(look_up(lab, "eu-central-1"))


@pytest.mark.parametrize("key", ["EventId", "EventName", "EventSource", "ReadOnly", "Username", "AccessKeyId"])
def test_events_are_looked_up_by_one_attribute(lab: Lab, key: str) -> None:
    role = lab.role_trusting({"AWS": "123456789012"})
    kms = lab.emulator.clients.client("kms", REGION, role_arn=role, session_name="jane")
    description = lab.name("key")
    kms.create_key(Description=description)
    lab.clock.advance(DELAY)
    (mine,) = [event for event in look_up(lab) if description in event["CloudTrailEvent"]]
    assert mine["Username"] == "jane"
    found = look_up(lab, **by(key, mine[key]))
    assert mine in found
    assert {event[key] for event in found} == {mine[key]}
    assert look_up(lab, **by(key, "nothing")) == []


def test_pages_go_on_where_the_last_one_ended_whatever_happens_meanwhile(lab: Lab) -> None:
    names = [lab.name("alias") for _ in range(7)]
    kms = lab.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    for name in names:
        kms.create_alias(AliasName=f"alias/{name}", TargetKeyId=key)
    lab.clock.advance(DELAY)
    client, wanted = lab.client("cloudtrail"), by("EventName", "CreateAlias")
    found: list[str] = []
    page = client.lookup_events(MaxResults=3, **wanted)
    while True:
        found += [json.loads(event["CloudTrailEvent"])["requestParameters"]["aliasName"] for event in page["Events"]]
        kms.create_alias(AliasName=f"alias/{lab.name('later')}", TargetKeyId=key)
        lab.clock.advance(DELAY)
        if "NextToken" not in page:
            break
        page = client.lookup_events(MaxResults=3, NextToken=page["NextToken"], **wanted)
    assert found == [f"alias/{name}" for name in reversed(names)]


def test_a_range_of_time_bounds_what_is_found(lab: Lab) -> None:
    kms = lab.client("kms")
    first = kms.create_key()["KeyMetadata"]["KeyId"]
    lab.clock.advance(3600)
    between = datetime.fromtimestamp(lab.clock.now() - 1800, UTC)
    second = kms.create_key()["KeyMetadata"]["KeyId"]
    lab.clock.advance(DELAY)
    before, after = str(look_up(lab, EndTime=between)), str(look_up(lab, StartTime=between))
    assert (first in before, second in before) == (True, False)
    assert (first in after, second in after) == (False, True)
    lab.clock.advance(91 * 86_400)
    assert look_up(lab, **by("EventName", "CreateKey")) == []


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"LookupAttributes": 2 * by("EventName", "a")["LookupAttributes"]}, "InvalidLookupAttributesException"),
        (by("Colour", "red"), "InvalidLookupAttributesException"),
        (by("ResourceName", "a"), "NotImplementedByEmulator"),
        ({"EventCategory": "insight"}, "NotImplementedByEmulator"),
        ({"StartTime": LATER, "EndTime": EARLIER}, "InvalidTimeRangeException"),
        ({"NextToken": "nonsense"}, "InvalidNextTokenException"),
        ({"NextToken": "%%%"}, "InvalidNextTokenException"),
    ],
)
def test_a_lookup_that_makes_no_sense_is_refused(lab: Lab, parameters: dict[str, Any], code: str) -> None:
    with pytest.raises(ClientError) as refused:
        look_up(lab, **parameters)
    assert refused.value.response["Error"]["Code"] == code


def test_the_history_is_bounded(emulator: Emulator) -> None:
    history = History(emulator, maximum=3)

    def note(call: Any, proceed: Any) -> Any:
        response = proceed()
        history.add(call, response)
        return response

    emulator.boundary.wrappers.append(note)
    for _ in range(5):
        emulator.clients.client("kms").create_key()
    emulator.boundary.wrappers.remove(note)
    assert len(list(history.newest_first(lambda _: True))) == 3
