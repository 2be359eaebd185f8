"""The log archive from inside: what administrators of member accounts, and its own, cannot do to logs.

No SCP stands between them and the archive here: buckets and key keep the logs by themselves.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from avm_emulator.context import Emulator
from avm_emulator.engine import Options, start
from tests.emulator.lab import EVERYTHING
from tests.emulator.members import REGION, inside, join

KINDS = ("cloudtrail", "config", "flow-logs", "reports")


@dataclass(frozen=True)
class Archive:
    """The log archive of an organization, with one log of an account in each of its buckets."""

    emulator: Emulator
    account_id: str
    victim: str
    """The account whose logs they are."""
    thief: str
    """Another member account."""

    def administrator(self, account_id: str, service: str) -> Any:
        """Return a client of somebody who may do everything in an account, and whom no policy names."""
        role = f"arn:aws:iam::{account_id}:role/administrator"
        return self.emulator.clients.client(service, REGION, role_arn=role)

    def bucket(self, kind: str) -> str:
        return f"avm-{kind}-{self.account_id}-{REGION}"

    def log(self, kind: str) -> str:
        folder = "accounts" if kind == "reports" else "AWSLogs"
        return f"{folder}/{self.victim}/log.json.gz"

    def versions(self, kind: str) -> list[str]:
        s3 = inside(self.emulator, "s3", self.account_id)
        return [each["VersionId"] for each in s3.list_object_versions(Bucket=self.bucket(kind)).get("Versions", [])]


@pytest.fixture(scope="module")
def archive() -> Iterator[Archive]:
    with start(Options(speed="max", deploy=False)) as running:
        emulator = running.emulator
        accounts = emulator.clients.client("organizations").list_accounts()["Accounts"]
        account_id = next(each["Id"] for each in accounts if each["Name"] == "log-archive")
        found = Archive(emulator, account_id, join(emulator, "victim"), join(emulator, "thief"))
        for each in (found.account_id, found.victim, found.thief):
            make_administrator(emulator, each)
        s3 = inside(emulator, "s3", account_id)
        for kind in KINDS:
            writer = machine_role(emulator) if kind == "reports" else s3
            writer.put_object(Bucket=found.bucket(kind), Key=found.log(kind), Body=b"what was done")
        yield found


def make_administrator(emulator: Emulator, account_id: str) -> None:
    principal = {"AWS": f"arn:aws:iam::{emulator.management_account_id}:root"}
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam = inside(emulator, "iam", account_id)
    iam.create_role(RoleName="administrator", AssumeRolePolicyDocument=trust)
    iam.put_role_policy(RoleName="administrator", PolicyName="everything", PolicyDocument=EVERYTHING)


def machine_role(emulator: Emulator) -> Any:
    """Return a client as a function of the machine that keeps reports has it."""
    account_id = emulator.application_account_id
    management = {"AWS": f"arn:aws:iam::{emulator.management_account_id}:root"}
    statement = {"Effect": "Allow", "Principal": management, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam = inside(emulator, "iam", account_id)
    iam.create_role(RoleName="keeper", Path="/avm-functions/broker/reports/", AssumeRolePolicyDocument=trust)
    iam.put_role_policy(RoleName="keeper", PolicyName="everything", PolicyDocument=EVERYTHING)
    role = f"arn:aws:iam::{account_id}:role/avm-functions/broker/reports/keeper"
    return emulator.clients.client("s3", REGION, role_arn=role)


def refused(call: Callable[..., Any], **parameters: Any) -> str:
    with pytest.raises(ClientError) as refusal:
        call(**parameters)
    return str(refusal.value.response["Error"]["Code"])


@pytest.mark.parametrize("kind", KINDS)
def test_a_member_neither_writes_deletes_nor_reads(archive: Archive, kind: str) -> None:
    s3 = archive.administrator(archive.thief, "s3")
    bucket, before = archive.bucket(kind), archive.versions(kind)
    attacks: list[tuple[Callable[..., Any], dict[str, Any]]] = [
        (s3.put_object, {"Key": f"AWSLogs/{archive.victim}/forged", "Body": b"x"}),
        (s3.put_object, {"Key": f"AWSLogs/{archive.thief}/forged", "Body": b"x"}),
        (s3.put_object, {"Key": archive.log(kind), "Body": b"x", "ACL": "bucket-owner-full-control"}),  # over a log
        (s3.delete_object, {"Key": archive.log(kind)}),
        (s3.delete_object, {"Key": archive.log(kind), "VersionId": before[0], "BypassGovernanceRetention": True}),
        (s3.get_object, {"Key": archive.log(kind)}),
        (s3.list_objects_v2, {}),
        (s3.list_object_versions, {}),
        (s3.get_bucket_policy, {}),
        (s3.delete_bucket_policy, {}),
        (s3.put_bucket_versioning, {"VersioningConfiguration": {"Status": "Suspended"}}),
    ]
    assert {refused(call, Bucket=bucket, **more) for call, more in attacks} == {"AccessDenied"}
    assert archive.versions(kind) == before


def test_a_member_cannot_use_the_key(archive: Archive) -> None:
    alias = "alias/avm-log-archive"
    key = inside(archive.emulator, "kms", archive.account_id).describe_key(KeyId=alias)["KeyMetadata"]["Arn"]
    kms = archive.administrator(archive.thief, "kms")
    assert refused(kms.generate_data_key, KeyId=key, KeySpec="AES_256") == "AccessDeniedException"
    assert refused(kms.schedule_key_deletion, KeyId=key) == "AccessDeniedException"


def test_a_member_cannot_have_config_write_into_the_folder_of_another(archive: Archive) -> None:
    archive.administrator(archive.thief, "iam").create_service_linked_role(AWSServiceName="config.amazonaws.com")
    role = f"arn:aws:iam::{archive.thief}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
    config = archive.administrator(archive.thief, "config")
    config.put_configuration_recorder(ConfigurationRecorder={"name": "default", "roleARN": role})
    channel = {"name": "default", "s3BucketName": archive.bucket("config")}
    for prefix in (f"AWSLogs/{archive.victim}", f"AWSLogs/{archive.victim}/Config", "elsewhere"):
        code = refused(config.put_delivery_channel, DeliveryChannel={**channel, "s3KeyPrefix": prefix})
        assert code == "InsufficientDeliveryPolicyException"
    config.put_delivery_channel(DeliveryChannel=channel)


@pytest.mark.parametrize("kind", KINDS)
def test_an_administrator_of_the_archive_deletes_nothing(archive: Archive, kind: str) -> None:
    s3, bucket = archive.administrator(archive.account_id, "s3"), archive.bucket(kind)
    (version,) = archive.versions(kind)
    assert refused(s3.delete_object, Bucket=bucket, Key=archive.log(kind)) == "AccessDenied"
    for more in ({}, {"BypassGovernanceRetention": True}):
        assert (
            refused(s3.delete_object, Bucket=bucket, Key=archive.log(kind), VersionId=version, **more) == "AccessDenied"
        )
    assert refused(s3.delete_bucket, Bucket=bucket) == "AccessDenied"
    expire = {"Rules": [{"ID": "all", "Status": "Enabled", "Filter": {}, "Expiration": {"Days": 1}}]}
    code = refused(s3.put_bucket_lifecycle_configuration, Bucket=bucket, LifecycleConfiguration=expire)
    assert code == "AccessDenied"


def test_what_the_trail_delivers_is_locked_even_without_the_policy(archive: Archive) -> None:
    s3, bucket = archive.administrator(archive.account_id, "s3"), archive.bucket("cloudtrail")
    policy = s3.get_bucket_policy(Bucket=bucket)["Policy"]
    s3.delete_bucket_policy(Bucket=bucket)
    (version,) = archive.versions("cloudtrail")
    locked = {"Bucket": bucket, "Key": archive.log("cloudtrail"), "VersionId": version}
    assert refused(s3.delete_object, **locked) == "AccessDenied"
    assert archive.versions("cloudtrail") == [version]
    s3.delete_object(**locked, BypassGovernanceRetention=True)  # GOVERNANCE: whoever may, and says so
    assert archive.versions("cloudtrail") == []
    s3.put_bucket_policy(Bucket=bucket, Policy=policy)
