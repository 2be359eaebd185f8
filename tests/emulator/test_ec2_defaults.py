"""EC2's settings for an account in a Region: what they are from birth on, what they do, and when they show it."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from avm_emulator.context import Emulator
from avm_emulator.engine import Options

REGION = "eu-central-1"
SHOWN = "ec2:EnableImageBlockPublicAccess"


@pytest.fixture(scope="module")
def options() -> Options:
    return Options(speed="max", prepare=False, deploy=False, parts=("avm_emulator.ec2_defaults",))


@pytest.fixture
def ec2(emulator: Emulator) -> Any:
    return emulator.clients.client("ec2", REGION)


def launched(ec2: Any, **options: str) -> dict[str, Any]:
    given = {"MetadataOptions": options} if options else {}
    (instance,) = ec2.run_instances(ImageId="ami-1", MinCount=1, MaxCount=1, **given)["Instances"]
    metadata: dict[str, Any] = instance["MetadataOptions"]
    return metadata


def test_new_instances_get_the_defaults_that_their_maker_leaves_out(ec2: Any, emulator: Emulator) -> None:
    assert ec2.get_instance_metadata_defaults()["AccountLevel"] == {"ManagedBy": "account"}
    assert launched(ec2)["HttpTokens"] == "optional"
    ec2.modify_instance_metadata_defaults(HttpTokens="required", HttpPutResponseHopLimit=2)
    ec2.modify_instance_metadata_defaults(HttpEndpoint="enabled")
    level = ec2.get_instance_metadata_defaults()["AccountLevel"]
    assert level == {
        "HttpTokens": "required",
        "HttpPutResponseHopLimit": 2,
        "HttpEndpoint": "enabled",
        "ManagedBy": "account",
    }
    assert (launched(ec2)["HttpTokens"], launched(ec2)["HttpPutResponseHopLimit"]) == ("required", 2)
    assert launched(ec2, HttpTokens="optional")["HttpTokens"] == "optional"
    assert (
        "HttpTokens" not in emulator.clients.client("ec2", "eu-west-1").get_instance_metadata_defaults()["AccountLevel"]
    )
    ec2.modify_instance_metadata_defaults(HttpTokens="no-preference", HttpPutResponseHopLimit=-1)
    assert ec2.get_instance_metadata_defaults()["AccountLevel"] == {"HttpEndpoint": "enabled", "ManagedBy": "account"}


def test_a_blocked_snapshot_is_given_to_accounts_and_not_to_everybody(ec2: Any) -> None:
    volume = ec2.create_volume(AvailabilityZone=f"{REGION}a", Size=1)
    snapshot = ec2.create_snapshot(VolumeId=volume["VolumeId"])["SnapshotId"]
    everybody = {
        "SnapshotId": snapshot,
        "Attribute": "createVolumePermission",
        "OperationType": "add",
        "GroupNames": ["all"],
    }
    assert ec2.get_snapshot_block_public_access_state()["State"] == "unblocked"
    ec2.modify_snapshot_attribute(**everybody)
    ec2.enable_snapshot_block_public_access(State="block-all-sharing")
    assert ec2.get_snapshot_block_public_access_state()["State"] == "block-all-sharing"
    for refused in (everybody, {"SnapshotId": snapshot, "CreateVolumePermission": {"Add": [{"Group": "all"}]}}):
        with pytest.raises(ClientError, match="OperationNotPermitted"):
            ec2.modify_snapshot_attribute(**refused)
    ec2.modify_snapshot_attribute(SnapshotId=snapshot, CreateVolumePermission={"Add": [{"UserId": "111122223333"}]})
    with pytest.raises(ClientError, match="InvalidParameterValue"):
        ec2.enable_snapshot_block_public_access(State="unblocked")
    ec2.disable_snapshot_block_public_access()
    ec2.modify_snapshot_attribute(**everybody)


def test_images_are_blocked_from_birth_on_and_a_change_shows_after_minutes(ec2: Any, emulator: Emulator) -> None:
    def state() -> str:
        return str(ec2.get_image_block_public_access_state()["ImageBlockPublicAccessState"])

    (instance,) = ec2.run_instances(ImageId="ami-1", MinCount=1, MaxCount=1)["Instances"]
    image = ec2.create_image(InstanceId=instance["InstanceId"], Name="shared")["ImageId"]
    everybody = {"ImageId": image, "LaunchPermission": {"Add": [{"Group": "all"}]}}
    assert state() == "block-new-sharing"
    with pytest.raises(ClientError, match="OperationNotPermitted"):
        ec2.modify_image_attribute(**everybody)
    ec2.disable_image_block_public_access()
    assert state() == "block-new-sharing"
    emulator.clock.advance(emulator.latencies.longest(SHOWN))
    assert state() == "unblocked"
    ec2.modify_image_attribute(**everybody)
    ec2.enable_image_block_public_access(ImageBlockPublicAccessState="block-new-sharing")
    assert state() == "unblocked"
    emulator.clock.advance(emulator.latencies.longest(SHOWN))
    assert state() == "block-new-sharing"
