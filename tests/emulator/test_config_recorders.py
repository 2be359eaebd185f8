"""AWS Config: one recorder in a Region, its role, its channel, whether it may deliver, and how it does."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError

from avm_emulator.context import Emulator
from tests.emulator.lab import Lab

ACCOUNT = "123456789012"
SERVICE = "config.amazonaws.com"
REGIONS = itertools.cycle(
    ("eu-west-1", "eu-central-1", "us-east-1", "us-west-2", "ap-south-1", "sa-east-1", "eu-north-1", "eu-west-3")
)
NUMBERS = itertools.count(1)


@pytest.fixture
def lab(emulator: Emulator) -> Lab:
    return Lab(emulator)


@pytest.fixture
def config(emulator: Emulator) -> Any:
    """Return Config in a Region that has no recorder."""
    client = emulator.clients.client("config", next(REGIONS))
    for recorder in client.describe_configuration_recorders()["ConfigurationRecorders"]:
        client.delete_configuration_recorder(ConfigurationRecorderName=recorder["name"])
    for channel in client.describe_delivery_channels()["DeliveryChannels"]:
        client.delete_delivery_channel(DeliveryChannelName=channel["name"])
    return client


@pytest.fixture(scope="module")
def role_arn(emulator: Emulator) -> str:
    role = emulator.clients.client("iam").create_service_linked_role(AWSServiceName=SERVICE)["Role"]
    return str(role["Arn"])


def allow(bucket: str, **condition: Any) -> dict[str, Any]:
    """Return the policy of a bucket as Config's documentation has it."""
    arn = f"arn:aws:s3:::{bucket}"
    writes = {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control", **condition}}
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": SERVICE}, "Action": "s3:GetBucketAcl", "Resource": arn},
            {
                "Effect": "Allow",
                "Principal": {"Service": SERVICE},
                "Action": "s3:PutObject",
                "Resource": f"{arn}/AWSLogs/{ACCOUNT}/*",
                "Condition": writes,
            },
        ],
    }


@pytest.fixture
def bucket(emulator: Emulator) -> str:
    """Return a bucket that admits Config."""
    s3 = emulator.clients.client("s3", "us-east-1")
    name = f"config-{next(NUMBERS)}"
    s3.create_bucket(Bucket=name)
    s3.put_bucket_policy(Bucket=name, Policy=json.dumps(allow(name)))
    return name


def record(config: Any, role_arn: str, bucket: str) -> None:
    """Make a recorder with its channel, and start it."""
    config.put_configuration_recorder(ConfigurationRecorder={"roleARN": role_arn})
    config.put_delivery_channel(DeliveryChannel={"s3BucketName": bucket})
    config.start_configuration_recorder(ConfigurationRecorderName="default")


def status_of(config: Any) -> dict[str, Any]:
    (status,) = config.describe_configuration_recorder_status()["ConfigurationRecordersStatus"]
    return dict(status)


def test_a_recorder_shows_what_it_was_told_and_what_config_adds(config: Any, role_arn: str) -> None:
    group = {"allSupported": True, "includeGlobalResourceTypes": True}
    config.put_configuration_recorder(ConfigurationRecorder={"roleARN": role_arn, "recordingGroup": group})
    (recorder,) = config.describe_configuration_recorders()["ConfigurationRecorders"]
    assert recorder["name"] == "default"
    assert recorder["arn"].endswith(f":{ACCOUNT}:configuration-recorder/default")
    assert group.items() <= recorder["recordingGroup"].items()
    assert recorder["recordingGroup"]["recordingStrategy"] == {"useOnly": "ALL_SUPPORTED_RESOURCE_TYPES"}
    assert (recorder["recordingMode"], recorder["recordingScope"]) == ({"recordingFrequency": "CONTINUOUS"}, "PAID")
    assert status_of(config)["recording"] is False


def test_a_region_has_one_recorder(config: Any, role_arn: str) -> None:
    config.put_configuration_recorder(ConfigurationRecorder={"name": "first", "roleARN": role_arn})
    with pytest.raises(ClientError, match="MaxNumberOfConfigurationRecordersExceededException"):
        config.put_configuration_recorder(ConfigurationRecorder={"name": "second", "roleARN": role_arn})
    with pytest.raises(ClientError, match="InvalidConfigurationRecorderNameException"):
        config.put_configuration_recorder(
            ConfigurationRecorder={"name": "AWSConfigurationRecorderForUs", "roleARN": role_arn}
        )
    daily = {"recordingFrequency": "DAILY"}
    config.put_configuration_recorder(
        ConfigurationRecorder={"name": "first", "roleARN": role_arn, "recordingMode": daily}
    )
    (recorder,) = config.describe_configuration_recorders()["ConfigurationRecorders"]
    assert recorder["recordingMode"] == daily


def test_a_recorders_role_is_there_and_trusts_config(config: Any, lab: Lab) -> None:
    for wrong in (None, f"arn:aws:iam::{ACCOUNT}:role/nobody", lab.role("ec2.amazonaws.com")):
        recorder = {"roleARN": wrong} if wrong else {}
        with pytest.raises(ClientError, match="InvalidRoleException"):
            config.put_configuration_recorder(ConfigurationRecorder=recorder)
    config.put_configuration_recorder(ConfigurationRecorder={"roleARN": lab.role(SERVICE)})


def test_channel_and_recorder_come_in_order(config: Any, role_arn: str, bucket: str) -> None:
    with pytest.raises(ClientError, match="NoAvailableConfigurationRecorderException"):
        config.put_delivery_channel(DeliveryChannel={"s3BucketName": bucket})
    config.put_configuration_recorder(ConfigurationRecorder={"roleARN": role_arn})
    with pytest.raises(ClientError, match="NoAvailableDeliveryChannelException"):
        config.start_configuration_recorder(ConfigurationRecorderName="default")
    config.put_delivery_channel(DeliveryChannel={"s3BucketName": bucket})
    config.start_configuration_recorder(ConfigurationRecorderName="default")
    with pytest.raises(ClientError, match="LastDeliveryChannelDeleteFailedException"):
        config.delete_delivery_channel(DeliveryChannelName="default")
    with pytest.raises(ClientError, match="MaxNumberOfDeliveryChannelsExceededException"):
        config.put_delivery_channel(DeliveryChannel={"name": "second", "s3BucketName": bucket})


def without_writes(policy: dict[str, Any]) -> None:
    del policy["Statement"][1]


def for_another_account(policy: dict[str, Any]) -> None:
    policy["Statement"][1]["Resource"] = policy["Statement"][1]["Resource"].replace(ACCOUNT, "999999999999")


def for_another_organization(policy: dict[str, Any]) -> None:
    policy["Statement"][1]["Condition"]["StringEquals"]["aws:SourceOrgID"] = "o-another"


def for_another_service(policy: dict[str, Any]) -> None:
    policy["Statement"][1]["Principal"] = {"Service": "cloudtrail.amazonaws.com"}


def with_a_deny(policy: dict[str, Any]) -> None:
    policy["Statement"].append({"Effect": "Deny", "Principal": "*", "Action": "s3:Put*", "Resource": "*"})


@pytest.mark.parametrize(
    "spoil", [without_writes, for_another_account, for_another_organization, for_another_service, with_a_deny]
)
def test_a_bucket_whose_policy_does_not_admit_config_is_refused(
    emulator: Emulator, config: Any, role_arn: str, bucket: str, spoil: Callable[[dict[str, Any]], None]
) -> None:
    policy = allow(bucket)
    spoil(policy)
    emulator.clients.client("s3", "us-east-1").put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    config.put_configuration_recorder(ConfigurationRecorder={"roleARN": role_arn})
    with pytest.raises(ClientError, match=rf"InsufficientDeliveryPolicyException.*{bucket}, unable to write"):
        config.put_delivery_channel(DeliveryChannel={"s3BucketName": bucket})
    assert config.describe_delivery_channels()["DeliveryChannels"] == []


def test_a_bucket_that_there_is_not_is_refused(config: Any, role_arn: str) -> None:
    config.put_configuration_recorder(ConfigurationRecorder={"roleARN": role_arn})
    with pytest.raises(ClientError, match="NoSuchBucketException"):
        config.put_delivery_channel(DeliveryChannel={"s3BucketName": "nowhere"})


def test_a_notification_topic_is_not_modelled_and_says_so(config: Any, role_arn: str, bucket: str) -> None:
    config.put_configuration_recorder(ConfigurationRecorder={"roleARN": role_arn})
    with pytest.raises(ClientError, match=r"NotImplementedByEmulator.*snsTopicARN"):
        config.put_delivery_channel(
            DeliveryChannel={"s3BucketName": bucket, "snsTopicARN": f"arn:aws:sns:eu-west-1:{ACCOUNT}:topic"}
        )


def test_the_key_of_the_bucket_admits_config_too(emulator: Emulator, config: Any, role_arn: str, bucket: str) -> None:
    kms, s3 = emulator.clients.client("kms", "us-east-1"), emulator.clients.client("s3", "us-east-1")
    owner = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "kms:*", "Resource": "*"}
    service = {"Effect": "Allow", "Principal": {"Service": SERVICE}, "Action": "kms:GenerateDataKey*", "Resource": "*"}
    policies = [json.dumps({"Version": "2012-10-17", "Statement": each}) for each in ([owner], [owner, service])]
    arn = kms.create_key(Policy=policies[0])["KeyMetadata"]["Arn"]
    by_default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": arn}
    s3.put_bucket_encryption(
        Bucket=bucket,
        ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": by_default}]},
    )
    config.put_configuration_recorder(ConfigurationRecorder={"roleARN": role_arn})
    for channel in ({"s3BucketName": bucket}, {"s3BucketName": bucket, "s3KmsKeyArn": arn}):
        with pytest.raises(ClientError, match="InsufficientDeliveryPolicyException"):
            config.put_delivery_channel(DeliveryChannel=channel)
    with pytest.raises(ClientError, match="InvalidS3KmsKeyArnException"):
        config.put_delivery_channel(DeliveryChannel={"s3BucketName": bucket, "s3KmsKeyArn": f"{arn}0"})
    kms.put_key_policy(KeyId=arn, PolicyName="default", Policy=policies[1])
    config.put_delivery_channel(DeliveryChannel={"s3BucketName": bucket})


def test_a_started_recorder_is_pending_until_it_has_recorded(
    emulator: Emulator, config: Any, role_arn: str, bucket: str
) -> None:
    emulator.latencies.change({"config:StartConfigurationRecorder": 60})
    emulator.clock.hold(held=True)
    record(config, role_arn, bucket)
    first = status_of(config)
    assert (first["recording"], first["lastStatus"]) == (True, "Pending")
    emulator.clock.advance(59)
    config.start_configuration_recorder(ConfigurationRecorderName="default")  # it runs: nothing begins anew
    assert status_of(config)["lastStatus"] == "Pending"
    emulator.clock.advance(1)
    then = status_of(config)
    assert (then["lastStatus"], then["lastStartTime"]) == ("Success", first["lastStartTime"])
    config.stop_configuration_recorder(ConfigurationRecorderName="default")
    assert status_of(config)["recording"] is False
    emulator.clock.hold(held=False)


def test_a_recorder_that_is_stopped_before_its_first_record_does_not_succeed(
    emulator: Emulator, config: Any, role_arn: str, bucket: str
) -> None:
    emulator.latencies.change({"config:StartConfigurationRecorder": 60})
    emulator.clock.hold(held=True)
    record(config, role_arn, bucket)
    config.stop_configuration_recorder(ConfigurationRecorderName="default")
    emulator.clock.advance(61)
    assert (status_of(config)["recording"], status_of(config)["lastStatus"]) == (False, "Pending")
    emulator.clock.hold(held=False)


def test_a_first_recording_can_be_made_to_fail_and_is_tried_again(
    emulator: Emulator, lab: Lab, config: Any, role_arn: str, bucket: str
) -> None:
    somebody = lab.role_trusting({"AWS": ACCOUNT})  # the emulator's own calls have no faults
    config = emulator.clients.client("config", config.meta.region_name, role_arn=somebody)
    emulator.latencies.change({"config:StartConfigurationRecorder": 60})
    emulator.clock.hold(held=True)
    url = f"{emulator.endpoint_url}/_emulator/faults"
    rule = {
        "service": "config",
        "operation": "StartConfigurationRecorder",
        "fault": "outcome",
        "code": "NoRight",
        "nth": 1,
    }
    requests.put(url, json=[rule], timeout=30).raise_for_status()
    record(config, role_arn, bucket)
    requests.delete(url, timeout=30).raise_for_status()
    emulator.clock.advance(60)
    failed = status_of(config)
    assert (failed["recording"], failed["lastStatus"], failed["lastErrorCode"]) == (True, "Failure", "NoRight")
    emulator.clock.advance(60)
    assert status_of(config)["lastStatus"] == "Success"
    assert "lastErrorCode" not in status_of(config)
    emulator.clock.hold(held=False)


def test_deliveries_are_tried_every_six_hours_and_tell_why_they_fail(
    emulator: Emulator, config: Any, role_arn: str, bucket: str
) -> None:
    def history() -> dict[str, Any]:
        (status,) = config.describe_delivery_channel_status()["DeliveryChannelsStatus"]
        return dict(status["configHistoryDeliveryInfo"])

    record(config, role_arn, bucket)
    assert set(history()) == {"nextDeliveryTime"}
    emulator.clock.advance(6 * 3600)
    assert history()["lastStatus"] == "Success"
    emulator.clients.client("s3", "us-east-1").delete_bucket_policy(Bucket=bucket)
    emulator.clock.advance(6 * 3600)
    failed = history()
    assert (failed["lastStatus"], failed["lastErrorCode"]) == ("Failure", "InsufficientDeliveryPolicy")
    assert bucket in failed["lastErrorMessage"]
    with pytest.raises(ClientError, match="NoSuchDeliveryChannelException"):
        config.describe_delivery_channel_status(DeliveryChannelNames=["nowhere"])
