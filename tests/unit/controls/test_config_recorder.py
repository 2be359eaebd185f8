"""config-recorder."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from avm.aws.config import Config
from avm.controls.config_recorder import ConfigRecorder
from avm.domain.errors import FoundationBehind, NotYetVisible
from avm.domain.finding import Finding
from tests.unit.controls.conftest import Place
from tests.unit.controls.member import BUCKET, LOGS, fault, log_archive

CONTROL = ConfigRecorder()
REGION = "eu-central-1"
IN_ORDER = [
    "CreateServiceLinkedRole",
    "PutConfigurationRecorder",
    "PutDeliveryChannel",
    "StartConfigurationRecorder",
]


@pytest.fixture(autouse=True)
def bucket(place: Place) -> Iterator[None]:
    """Let the log archive have its bucket for the time of a test."""
    log_archive(place)
    yield
    s3 = place.emulator.clients.client("s3")
    if any(each["Name"] == BUCKET for each in s3.list_buckets()["Buckets"]):
        s3.delete_bucket(Bucket=BUCKET)


def enforce(place: Place, region: str = REGION) -> list[str]:
    return [change.operation for change in CONTROL.enforce(place.target(region, **LOGS), place)]


def observe(place: Place, region: str = REGION) -> Finding:
    return CONTROL.observe(place.target(region, **LOGS), place)


def config(place: Place, region: str = REGION) -> Any:
    return place.member(region).client("config")


def recording(place: Place) -> Any:
    """Return Config where the control is true."""
    enforce(place)
    place.emulator.clock.advance(120)
    assert observe(place).status == "compliant"
    return config(place)


def test_role_recorder_channel_and_start_come_in_this_order(place: Place) -> None:
    assert enforce(place) == IN_ORDER
    assert enforce(place, "us-east-1") == IN_ORDER[1:]
    (recorder,) = config(place).describe_configuration_recorders()["ConfigurationRecorders"]
    assert recorder["name"] == "avm"
    assert recorder["roleARN"].endswith("role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig")
    (channel,) = config(place).describe_delivery_channels()["DeliveryChannels"]
    assert channel == {"name": "avm", "s3BucketName": BUCKET}


def test_global_types_of_iam_are_recorded_in_exactly_one_region(place: Place) -> None:
    regions = ("eu-west-1", "eu-central-1", "us-east-1")
    for region in regions:
        enforce(place, region)
    groups = {
        region: config(place, region).describe_configuration_recorders()["ConfigurationRecorders"][0]["recordingGroup"]
        for region in regions
    }
    assert [region for region in regions if groups[region]["includeGlobalResourceTypes"]] == ["us-east-1"]
    assert all(group["allSupported"] for group in groups.values())


def test_a_recorder_is_pending_until_it_has_recorded(place: Place) -> None:
    place.emulator.clock.hold(held=True)
    enforce(place)
    found = observe(place)
    assert found.status == "pending"
    assert found.evidence["DescribeConfigurationRecorderStatus"] == {"recording": True, "lastStatus": "pending"}
    assert enforce(place) == []
    place.emulator.clock.hold(held=False)
    place.emulator.clock.advance(120)
    assert observe(place).evidence == {
        "DescribeConfigurationRecorders": "avm",
        "DescribeDeliveryChannels": BUCKET,
        "DescribeConfigurationRecorderStatus": {"recording": True, "lastStatus": "success"},
    }


def stop(place: Place, client: Any) -> None:
    client.stop_configuration_recorder(ConfigurationRecorderName="avm")


def delete(place: Place, client: Any) -> None:
    client.delete_configuration_recorder(ConfigurationRecorderName="avm")


def delete_channel(place: Place, client: Any) -> None:
    stop(place, client)
    client.delete_delivery_channel(DeliveryChannelName="avm")


def change(client: Any, **what: Any) -> None:
    (recorder,) = client.describe_configuration_recorders()["ConfigurationRecorders"]
    told = {name: recorder[name] for name in ("name", "roleARN")}
    client.put_configuration_recorder(ConfigurationRecorder={**told, "recordingGroup": {"allSupported": True}, **what})


def record_less(place: Place, client: Any) -> None:
    change(client, recordingGroup={"allSupported": False, "resourceTypes": ["AWS::S3::Bucket"]})


def record_global_types(place: Place, client: Any) -> None:
    change(client, recordingGroup={"allSupported": True, "includeGlobalResourceTypes": True})


def record_daily(place: Place, client: Any) -> None:
    change(client, recordingMode={"recordingFrequency": "DAILY"})


def take_another_role(place: Place, client: Any) -> None:
    trust = {"Effect": "Allow", "Principal": {"Service": "config.amazonaws.com"}, "Action": "sts:AssumeRole"}
    made = (
        place.member()
        .client("iam")
        .create_role(
            RoleName="another", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        )
    )
    change(client, roleARN=made["Role"]["Arn"])


def deliver_elsewhere(place: Place, client: Any) -> None:
    client.put_delivery_channel(DeliveryChannel={"name": "avm", "s3BucketName": BUCKET, "s3KeyPrefix": "AWSLogs"})


@pytest.mark.parametrize(
    ("spoil", "named", "repair"),
    [
        (stop, {"DescribeConfigurationRecorderStatus": ["it does not record"]}, IN_ORDER[3:]),
        (delete, {"DescribeConfigurationRecorders": "there is none"}, [IN_ORDER[1], IN_ORDER[3]]),
        (delete_channel, {"DescribeDeliveryChannels": "there is none"}, IN_ORDER[2:]),
        (record_less, {"DescribeConfigurationRecorders": ["all_supported is False"]}, [IN_ORDER[1]]),
        (record_global_types, {"DescribeConfigurationRecorders": ["global_types is True"]}, [IN_ORDER[1]]),
        (
            record_daily,
            {"DescribeConfigurationRecorders": ["mode is {'recordingFrequency': 'DAILY'}"]},
            [IN_ORDER[1]],
        ),
        (take_another_role, {"DescribeConfigurationRecorders": ["role_arn is arn:"]}, [IN_ORDER[1]]),
        (
            deliver_elsewhere,
            {"DescribeDeliveryChannels": [f"it is s3BucketName {BUCKET}, s3KeyPrefix AWSLogs"]},
            [IN_ORDER[2]],
        ),
    ],
)
def test_what_somebody_has_changed_is_named_and_nothing_else_is_mended(
    place: Place, spoil: Callable[[Place, Any], None], named: dict[str, Any], repair: list[str]
) -> None:
    client = recording(place)
    spoil(place, client)
    found = observe(place)
    assert found.status == "violated"
    assert list(found.evidence) == list(named)
    for operation, words in named.items():
        assert str(found.evidence[operation]).startswith(str(words).removesuffix("']"))
    assert enforce(place) == repair
    place.emulator.clock.advance(120)
    assert observe(place).status == "compliant"


def test_a_recorder_and_a_channel_that_are_there_keep_their_names(place: Place) -> None:
    client = config(place)
    role = place.member().client("iam").create_service_linked_role(AWSServiceName="config.amazonaws.com")["Role"]
    client.put_configuration_recorder(ConfigurationRecorder={"name": "first", "roleARN": role["Arn"]})
    client.put_delivery_channel(DeliveryChannel={"name": "other", "s3BucketName": BUCKET, "s3KeyPrefix": "AWSLogs"})
    assert enforce(place) == IN_ORDER[2:]
    (recorder,) = client.describe_configuration_recorders()["ConfigurationRecorders"]
    (channel,) = client.describe_delivery_channels()["DeliveryChannels"]
    assert (recorder["name"], channel) == ("first", {"name": "other", "s3BucketName": BUCKET})


def test_a_bucket_that_does_not_admit_config_yet_is_waited_for(place: Place) -> None:
    s3 = place.emulator.clients.client("s3")
    s3.delete_bucket_policy(Bucket=BUCKET)
    with pytest.raises(NotYetVisible, match=rf"PutDeliveryChannel: InsufficientDeliveryPolicyException: .*{BUCKET}"):
        enforce(place)
    assert observe(place).evidence == {"DescribeDeliveryChannels": "there is none"}


def test_a_log_archive_without_its_bucket_is_the_foundations_fault(place: Place) -> None:
    place.emulator.clients.client("s3").delete_bucket(Bucket=BUCKET)
    with pytest.raises(FoundationBehind, match=rf"the bucket {BUCKET} for AWS Config is not there"):
        enforce(place)


def test_a_delivery_that_fails_is_told_in_the_words_of_aws(place: Place) -> None:
    recording(place)
    place.emulator.clients.client("s3").delete_bucket_policy(Bucket=BUCKET)
    place.emulator.clock.advance(6 * 3600)
    found = observe(place)
    assert found.status == "violated"
    (words,) = found.evidence["DescribeDeliveryChannelStatus"]
    assert words.startswith("configHistoryDeliveryInfo: InsufficientDeliveryPolicy: ")


@pytest.mark.parametrize("operation", IN_ORDER)
def test_an_answer_that_is_lost_is_made_up_for(place: Place, operation: str) -> None:
    service = "iam" if operation == "CreateServiceLinkedRole" else "config"
    with fault(place, service, operation, "lost_response", times=1), pytest.raises(Exception, match="no answer"):
        enforce(place)
    enforce(place)
    place.emulator.clock.advance(120)
    assert observe(place).status == "compliant"


def test_a_first_recording_that_fails_is_told_in_the_words_of_aws(place: Place) -> None:
    place.emulator.latencies.change({"config:StartConfigurationRecorder": 60})
    place.emulator.clock.hold(held=True)
    with fault(place, "config", "StartConfigurationRecorder", "outcome", times=1):
        enforce(place)
    place.emulator.clock.advance(60)
    found = observe(place)
    assert found.status == "violated"
    (words,) = found.evidence["DescribeConfigurationRecorderStatus"]
    assert words.startswith("its last recording failed: AccessDenied: ")
    assert enforce(place) == [], "AWS Config tries again by itself"
    place.emulator.clock.advance(60)
    assert observe(place).status == "compliant"
    place.emulator.clock.hold(held=False)


class Answers:
    """A client of AWS Config that says what it is told to."""

    def __init__(self, **answers: Any) -> None:
        self._answers = answers

    def __getattr__(self, operation: str) -> Any:
        return lambda **_: self._answers[operation]


def test_a_recorder_of_a_service_is_not_ours() -> None:
    linked = {"name": "AWSConfigurationRecorderForSecurityHubCSPM", "servicePrincipal": "securityhub.amazonaws.com"}
    client = Answers(describe_configuration_recorders={"ConfigurationRecorders": [linked]})
    assert Config(client).recorder() is None


def test_a_recording_that_failed_is_told_whatever_case_aws_writes_it_in() -> None:
    for spelling in ("Failure", "FAILURE"):
        row = {"recording": True, "lastStatus": spelling, "lastErrorCode": "AccessDenied", "lastErrorMessage": "no"}
        client = Answers(describe_configuration_recorder_status={"ConfigurationRecordersStatus": [row]})
        assert Config(client).status("avm").error == "AccessDenied: no"
