"""Every control inside a member account: untrue, made true, and true again at no cost; by what it declares."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from avm.controls.registry import all_controls
from avm.domain.errors import AccessDenied, ServiceUnavailable, Throttled, VendingError
from tests.unit.controls.conftest import Place
from tests.unit.controls.member import LOGS, asked, fault, flow_logs_bucket, granted, log_archive

pytestmark = pytest.mark.timeout(180)  # default VPCs stand in 17 Regions

REGION = "eu-central-1"


def has_default_vpc(place: Place) -> None:
    """A new account has one."""


def do_not_encrypt(place: Place) -> None:
    place.member(REGION).client("ec2").disable_ebs_encryption_by_default()


def do_not_block(place: Place) -> None:
    place.member().client("s3control").delete_public_access_block(AccountId=place.account_id)


def name_nobody(place: Place) -> None:
    """A new account has no contacts."""


def do_not_record(place: Place) -> None:
    """A new account has no recorder."""
    if not place.emulator.clients.client("s3").list_buckets()["Buckets"]:
        log_archive(place)


def name_it(place: Place) -> None:
    place.member().client("iam").create_account_alias(AccountAlias=f"other-{place.account_id}")


def call_it_otherwise(place: Place) -> None:
    place.member().client("account").put_account_name(AccountName="other")


def have_a_user(place: Place) -> None:
    iam = place.member().client("iam")
    iam.create_user(UserName="jane")
    iam.create_access_key(UserName="jane")


def have_no_password_policy(place: Place) -> None:
    """A new account has none."""


def tell_metadata(place: Place) -> None:
    place.member(REGION).client("ec2").modify_instance_metadata_defaults(HttpTokens="optional")


def open_snapshots(place: Place) -> None:
    place.member(REGION).client("ec2").disable_snapshot_block_public_access()


def open_images(place: Place) -> None:
    place.emulator.latencies.change({"ec2:EnableImageBlockPublicAccess": 0})
    place.member(REGION).client("ec2").disable_image_block_public_access()


def make_a_vpc(place: Place) -> None:
    flow_logs_bucket(place)
    place.member(REGION).client("ec2").create_vpc(CidrBlock="10.0.0.0/16")


BREAKS: dict[str, Callable[[Place], None]] = {
    "account-alias": name_it,
    "account-name": call_it_otherwise,
    "alternate-contacts": name_nobody,
    "config-recorder": do_not_record,
    "default-vpc-removed": has_default_vpc,
    "ebs-encryption": do_not_encrypt,
    "image-public-access-block": open_images,
    "instance-metadata-defaults": tell_metadata,
    "no-iam-users": have_a_user,
    "password-policy": have_no_password_policy,
    "s3-public-access-block": do_not_block,
    "snapshot-public-access-block": open_snapshots,
    "vpc-flow-logs": make_a_vpc,
}
FIRST_READS = {
    "account-alias": ("iam", "ListAccountAliases"),
    "account-name": ("account", "GetAccountInformation"),
    "alternate-contacts": ("account", "GetAlternateContact"),
    "config-recorder": ("config", "DescribeConfigurationRecorders"),
    "default-vpc-removed": ("ec2", "DescribeVpcs"),
    "ebs-encryption": ("ec2", "GetEbsEncryptionByDefault"),
    "image-public-access-block": ("ec2", "GetImageBlockPublicAccessState"),
    "instance-metadata-defaults": ("ec2", "GetInstanceMetadataDefaults"),
    "no-iam-users": ("iam", "ListUsers"),
    "password-policy": ("iam", "GetAccountPasswordPolicy"),
    "s3-public-access-block": ("s3control", "GetPublicAccessBlock"),
    "snapshot-public-access-block": ("ec2", "GetSnapshotBlockPublicAccessState"),
    "vpc-flow-logs": ("ec2", "DescribeFlowLogs"),
}
FAULTS: dict[str, type[VendingError]] = {
    "throttle": Throttled,
    "error_before": ServiceUnavailable,
    "denied": AccessDenied,
}


def target(place: Place, name: str) -> Any:
    return place.target(REGION if all_controls()[name].scope == "region" else None, **LOGS)


@pytest.mark.parametrize("name", BREAKS)
def test_what_is_untrue_is_made_true_once_by_what_the_control_declares(place: Place, name: str) -> None:
    control, about = all_controls()[name], target(place, name)
    BREAKS[name](place)
    since = place.last_call()
    found = control.observe(about, place)
    assert (found.control, found.status, found.region) == (name, "violated", about.region)
    assert found.evidence
    assert asked(place, since) <= granted(control, enforces=False)
    assert place.mutating_calls(since) == []

    changes = control.enforce(about, place)
    assert asked(place, since) <= granted(control, enforces=True)
    made = {f"{call.operation}" for call in place.emulator.calls.select(mutating=True, since=since)}
    assert {change.operation for change in changes} == made
    assert {change.control for change in changes} == {name}

    place.emulator.clock.advance(120)
    assert control.observe(about, place).status == "compliant"
    since = place.last_call()
    assert control.enforce(about, place) == []
    assert place.mutating_calls(since) == []
    assert asked(place, since) <= granted(control, enforces=True)


@pytest.mark.parametrize("kind", FAULTS)
@pytest.mark.parametrize("name", BREAKS)
def test_what_cannot_be_looked_at_is_no_finding_and_the_cause_is_named(place: Place, name: str, kind: str) -> None:
    service, operation = FIRST_READS[name]
    control, about = all_controls()[name], target(place, name)
    with fault(place, service, operation, kind), pytest.raises(FAULTS[kind], match=f"{operation}: ") as raised:
        control.observe(about, place)
    assert type(raised.value) is FAULTS[kind]


DRIFTS: dict[str, tuple[str, Callable[[Place], Any]]] = {
    "account-alias": (
        "us-east-1",
        lambda place: (
            place.member()
            .client("iam")
            .delete_account_alias(AccountAlias=place.member().client("iam").list_account_aliases()["AccountAliases"][0])
        ),
    ),
    "alternate-contacts": (
        "us-east-1",
        lambda place: place.member().client("account").delete_alternate_contact(AlternateContactType="SECURITY"),
    ),
    "config-recorder": (
        REGION,
        lambda place: (
            place.member(REGION).client("config").stop_configuration_recorder(ConfigurationRecorderName="avm")
        ),
    ),
    "default-vpc-removed": (REGION, lambda place: place.member(REGION).client("ec2").create_default_vpc()),
    "account-name": ("us-east-1", call_it_otherwise),
    "ebs-encryption": (REGION, do_not_encrypt),
    "image-public-access-block": (REGION, open_images),
    "instance-metadata-defaults": (REGION, tell_metadata),
    "no-iam-users": ("us-east-1", lambda place: place.member().client("iam").create_user(UserName="joe")),
    "password-policy": ("us-east-1", lambda place: place.member().client("iam").delete_account_password_policy()),
    "s3-public-access-block": ("eu-west-1", do_not_block),
    "snapshot-public-access-block": (REGION, open_snapshots),
    "vpc-flow-logs": (REGION, make_a_vpc),
}
"""Control -> the Region in which CloudTrail tells of it, and a call that makes it untrue."""


@pytest.mark.parametrize("name", DRIFTS)
def test_a_call_that_makes_it_untrue_is_among_its_drift_events(place: Place, name: str) -> None:
    control, about = all_controls()[name], target(place, name)
    BREAKS[name](place)
    control.enforce(about, place)
    place.emulator.clock.advance(600)
    assert control.observe(about, place).status == "compliant"
    region, make_untrue = DRIFTS[name]
    make_untrue(place)
    assert control.observe(about, place).status == "violated"
    place.emulator.clock.advance(600)
    writes = [{"AttributeKey": "ReadOnly", "AttributeValue": "false"}]
    told = place.member(region).client("cloudtrail").lookup_events(LookupAttributes=writes)["Events"]
    last = (told[0]["EventSource"], told[0]["EventName"])
    assert last in {(event.source, event.name) for event in control.drift_events}
