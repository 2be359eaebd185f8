"""ebs-encryption."""

from __future__ import annotations

from avm.controls.ebs_encryption import EbsEncryption
from tests.unit.controls.conftest import Place

CONTROL = EbsEncryption()


def test_each_region_has_a_setting_of_its_own(place: Place) -> None:
    (change,) = CONTROL.enforce(place.target("eu-central-1"), place)
    assert (change.operation, change.resource) == ("EnableEbsEncryptionByDefault", "eu-central-1")
    near, far = (CONTROL.observe(place.target(region), place) for region in ("eu-central-1", "us-east-1"))
    assert (near.status, near.scope, near.evidence) == (
        "compliant",
        "eu-central-1",
        {"GetEbsEncryptionByDefault": {"EbsEncryptionByDefault": True}},
    )
    assert (far.status, far.scope, far.evidence) == (
        "violated",
        "us-east-1",
        {"GetEbsEncryptionByDefault": {"EbsEncryptionByDefault": False}},
    )


def test_it_does_what_it_says(place: Place) -> None:
    CONTROL.enforce(place.target("eu-central-1"), place)
    ec2 = place.member("eu-central-1").client("ec2")
    volume = ec2.create_volume(AvailabilityZone="eu-central-1a", Size=1)
    assert volume["Encrypted"]
