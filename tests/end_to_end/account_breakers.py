"""Public calls of AWS, inside an account, after which something that it promises is untrue."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.end_to_end.place import Place

ANYBODY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
}


ANYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}


def open_the_bootstrap_role(place: Place) -> None:
    """Let anybody take the bootstrap role."""
    place.inside("iam").update_assume_role_policy(
        RoleName="OrganizationAccountAccessRole", PolicyDocument=json.dumps(ANYBODY)
    )


def widen_a_vending_role(place: Place) -> None:
    """Give a role of the machine more rights."""
    place.inside("iam").put_role_policy(RoleName="avm-enforce", PolicyName="more", PolicyDocument=json.dumps(ANYTHING))


def bound_a_vending_role(place: Place) -> None:
    """Let the machine only read in the account, by a permissions boundary."""
    place.inside("iam").put_role_permissions_boundary(
        RoleName="avm-enforce", PermissionsBoundary="arn:aws:iam::aws:policy/ReadOnlyAccess"
    )


def bring_a_default_vpc_back(place: Place) -> None:
    """Make the default VPC of a Region again."""
    place.inside("ec2", place.region).create_default_vpc()


def hush_the_events(place: Place) -> None:
    """Let a Region's rule see nothing, and somebody else get what it sees."""
    events = place.inside("events", place.region)
    (target,) = events.list_targets_by_rule(Rule="avm-drift")["Targets"]
    events.put_targets(Rule="avm-drift", Targets=[{**target, "Id": "somebody-else"}])
    events.disable_rule(Name="avm-drift")


def leave_volumes_in_the_clear(place: Place) -> None:
    """Let new EBS volumes of a Region be what their makers say."""
    place.inside("ec2", place.region).disable_ebs_encryption_by_default()


def call_it_otherwise(place: Place) -> None:
    """Rename the account."""
    place.inside("account").put_account_name(AccountName="somebody-elses")


def name_it_otherwise(place: Place) -> None:
    """Give the account another alias."""
    place.inside("iam").create_account_alias(AccountAlias=f"somebody-{place.account_id}")


def let_passwords_be_short(place: Place) -> None:
    """Let passwords be what AWS takes without a policy."""
    place.inside("iam").delete_account_password_policy()


def make_a_user(place: Place) -> None:
    """Make a user of IAM who has all that a user can have."""
    iam = place.inside("iam")
    iam.create_user(UserName="jane")
    iam.create_login_profile(UserName="jane", Password="Correct-horse-7-battery")  # noqa: S106  of a test
    iam.create_access_key(UserName="jane")
    iam.attach_user_policy(UserName="jane", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    iam.put_user_policy(UserName="jane", PolicyName="more", PolicyDocument=json.dumps(ANYTHING))
    iam.create_group(GroupName="friends")
    iam.add_user_to_group(UserName="jane", GroupName="friends")
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")["VirtualMFADevice"]["SerialNumber"]
    codes = {"AuthenticationCode1": "123456", "AuthenticationCode2": "234567"}
    iam.enable_mfa_device(UserName="jane", SerialNumber=device, **codes)
    key = ec.generate_private_key(ec.SECP256R1())
    iam.upload_signing_certificate(UserName="jane", CertificateBody=_certificate(key))
    public = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    iam.upload_ssh_public_key(UserName="jane", SSHPublicKeyBody=public.decode())


def _certificate(key: ec.EllipticCurvePrivateKey) -> str:
    """Return a certificate that the key has signed for itself."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "jane")])
    begun = datetime(2026, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(begun)
        .not_valid_after(begun + timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def let_instances_tell(place: Place) -> None:
    """Let new instances of a Region tell their metadata to everybody who asks from inside (IMDSv1)."""
    place.inside("ec2", place.region).modify_instance_metadata_defaults(HttpTokens="optional")


def open_snapshots(place: Place) -> None:
    """Let snapshots of a Region be public."""
    place.inside("ec2", place.region).disable_snapshot_block_public_access()


def open_images(place: Place) -> None:
    """Let images of a Region be public, and wait until EC2 shows it."""
    place.inside("ec2", place.region).disable_image_block_public_access()
    place.machine.emulator.clock.advance(place.machine.emulator.latencies.longest("ec2:EnableImageBlockPublicAccess"))


def make_a_vpc(place: Place) -> None:
    """Make a VPC in a Region, whose traffic nobody logs."""
    place.inside("ec2", place.region).create_vpc(CidrBlock="10.0.0.0/16")


def open_buckets(place: Place) -> None:
    """Take the account's block of public access away."""
    place.inside("s3control").delete_public_access_block(AccountId=place.account_id)


def forget_a_contact(place: Place) -> None:
    """Delete whom AWS turns to about security."""
    place.inside("account").delete_alternate_contact(AlternateContactType="SECURITY")


def stop_the_recorder(place: Place) -> None:
    """Let AWS Config record nothing in a Region."""
    config = place.inside("config", place.region)
    name = config.describe_configuration_recorders()["ConfigurationRecorders"][0]["name"]
    config.stop_configuration_recorder(ConfigurationRecorderName=name)
