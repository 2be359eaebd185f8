"""EBS encryption by default does what it says, in its Region."""

from __future__ import annotations

import pytest

from avm_emulator.context import Emulator
from avm_emulator.engine import Options


@pytest.fixture(scope="module")
def options() -> Options:
    return Options(speed="max", prepare=False, deploy=False, parts=("avm_emulator.ebs_encryption",))


def test_new_volumes_are_encrypted_where_it_is_on_whatever_their_maker_says(emulator: Emulator) -> None:
    near, far = (emulator.clients.client("ec2", region) for region in ("eu-west-1", "eu-central-1"))
    assert near.get_ebs_encryption_by_default()["EbsEncryptionByDefault"] is False
    assert not near.create_volume(AvailabilityZone="eu-west-1a", Size=1)["Encrypted"]
    near.enable_ebs_encryption_by_default()
    volume = near.create_volume(AvailabilityZone="eu-west-1a", Size=1, Encrypted=False)
    assert volume["Encrypted"]
    assert volume["KmsKeyId"].startswith("arn:aws:kms:eu-west-1:")
    (instance,) = near.run_instances(ImageId="ami-1", MinCount=1, MaxCount=1)["Instances"]
    of_instance = [{"Name": "attachment.instance-id", "Values": [instance["InstanceId"]]}]
    assert all(each["Encrypted"] for each in near.describe_volumes(Filters=of_instance)["Volumes"])
    assert not far.create_volume(AvailabilityZone="eu-central-1a", Size=1)["Encrypted"]
    near.disable_ebs_encryption_by_default()
    assert not near.create_volume(AvailabilityZone="eu-west-1a", Size=1)["Encrypted"]
