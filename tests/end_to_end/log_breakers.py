"""Public calls of AWS after which the organization's trail or the log archive is not what is promised."""

from __future__ import annotations

import json

from avm.domain.foundation import TRAIL_NAME
from tests.end_to_end.place import Place


def stop_the_trail(place: Place) -> None:
    """Let the organization's trail log nothing."""
    place.machine.client("cloudtrail").stop_logging(Name=TRAIL_NAME)


def leave_log_files_unproven(place: Place) -> None:
    """Let the trail's log files have no digests."""
    place.machine.client("cloudtrail").update_trail(Name=TRAIL_NAME, EnableLogFileValidation=False)


def encrypt_with_another_key(place: Place) -> None:
    """Let the trail encrypt with a key of the log archive that is not the one for logs."""
    kms = place.inside("kms")
    ours = kms.describe_key(KeyId="alias/avm-log-archive")["KeyMetadata"]["KeyId"]
    policy = kms.get_key_policy(KeyId=ours, PolicyName="default")["Policy"]
    other = kms.create_key(Policy=policy)["KeyMetadata"]["Arn"]
    place.machine.client("cloudtrail").update_trail(Name=TRAIL_NAME, KmsKeyId=other)


def log_reads_alone(place: Place) -> None:
    """Leave what changes something out of the organization's trail."""
    place.machine.client("cloudtrail").put_event_selectors(
        TrailName=TRAIL_NAME, EventSelectors=[{"ReadWriteType": "ReadOnly", "IncludeManagementEvents": True}]
    )


def log_everything(place: Place) -> None:
    """Let the trail log all management events, and log at all: the foundation does that."""
    cloudtrail = place.machine.client("cloudtrail")
    cloudtrail.put_event_selectors(
        TrailName=TRAIL_NAME, EventSelectors=[{"ReadWriteType": "All", "IncludeManagementEvents": True}]
    )
    cloudtrail.start_logging(Name=TRAIL_NAME)


def unlock_what_the_trail_delivers(place: Place) -> None:
    """Lock nothing that comes from now on."""
    bucket = f"avm-cloudtrail-{place.account_id}-{place.machine.emulator.region}"
    unlocked = {"ObjectLockEnabled": "Enabled"}
    place.inside("s3").put_object_lock_configuration(Bucket=bucket, ObjectLockConfiguration=unlocked)


def let_logs_be_deleted(place: Place) -> None:
    """Take the policy from the bucket for AWS Config."""
    place.inside("s3").delete_bucket_policy(Bucket=f"avm-config-{place.account_id}-{place.machine.emulator.region}")


def lend_the_key(place: Place) -> None:
    """Let anybody decrypt the logs."""
    statement = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"}
    kms = place.inside("kms")
    key = kms.describe_key(KeyId="alias/avm-log-archive")["KeyMetadata"]["KeyId"]
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=policy)
