"""log-archive-stores: the log archive has a bucket for each kind of log, and the key that they are encrypted with.

Services of the whole organization write there, each into a bucket of its own; nobody deletes, and what the trail
delivers is locked. AWS Config does not deliver into a bucket with a default retention (its developer guide, "Managing
the Delivery Channel"), so there the policy alone keeps what is there. Plane: member.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from avm.aws.log_archive import ALIAS, Bucket, LogArchive
from avm.controls.control import Control, DriftEvent, Grant, Reach, Target
from avm.domain.finding import Change, Finding, PlannedChange
from avm.domain.foundation import Foundation
from avm.domain.log_archive import bucket_policies, key_policy
from avm.domain.organization import ObjectLockSettings
from avm.domain.trust import Document, is_same

Lack = tuple[str, str, Callable[[], None]]
"""The call that mends it, what it is about, and the call itself."""

_BUCKETS = ("arn:{partition}:s3:::avm-*-{account}-*",)
_KEYS = ("arn:{partition}:kms:{region}:{account}:key/*",)
_ALIAS = f"arn:{{partition}}:kms:{{region}}:{{account}}:{ALIAS}"

_BUCKET_CALLS = ("CreateBucket", "PutBucketVersioning", "PutEncryptionConfiguration", "PutBucketPolicy")
"""What makes a bucket that is as it should be, as IAM names it."""


class LogArchiveStores(Control):
    """Buckets and key."""

    name = "log-archive-stores"
    promise = (
        "The log archive has a bucket for each kind of log, versioned, encrypted, that only its service writes into, "
        "and one that only the machine writes its reports into; the trail's logs are locked."
    )
    plane = "member"
    duty = "enroll_logging"
    observe_grants = (
        Grant(
            (
                "s3:GetBucketObjectLockConfiguration",
                "s3:GetBucketPolicy",
                "s3:GetBucketVersioning",
                "s3:GetEncryptionConfiguration",
            ),
            _BUCKETS,
        ),
        Grant(("s3:ListAllMyBuckets",)),  # whose a bucket is that does not answer
        # by its alias, which stands for no key at first
        Grant(("kms:DescribeKey",), (*_KEYS, _ALIAS)),
        Grant(("kms:GetKeyPolicy", "kms:GetKeyRotationStatus"), _KEYS),
    )
    enforce_grants = (
        Grant(
            (
                "s3:CreateBucket",
                "s3:PutBucketObjectLockConfiguration",
                "s3:PutBucketPolicy",
                "s3:PutBucketVersioning",
                "s3:PutEncryptionConfiguration",
            ),
            _BUCKETS,
        ),
        Grant(("kms:CreateKey",)),  # the key has no ARN yet
        Grant(("kms:CreateAlias",), (*_KEYS, _ALIAS)),
        Grant(("kms:EnableKeyRotation", "kms:PutKeyPolicy"), _KEYS),
    )
    drift_events = (
        *(
            DriftEvent("s3.amazonaws.com", name)
            for name in (
                "DeleteBucketEncryption",
                "DeleteBucketPolicy",
                "PutBucketEncryption",
                "PutObjectLockConfiguration",
                "PutBucketPolicy",
                "PutBucketVersioning",
            )
        ),
        *(
            DriftEvent("kms.amazonaws.com", name)
            for name in ("DeleteAlias", "DisableKeyRotation", "PutKeyPolicy", "ScheduleKeyDeletion", "UpdateAlias")
        ),
    )

    def observe(self, target: Target, reach: Reach) -> Finding:
        """Look at the key and at every bucket; evidence of a violation: the calls that are left."""
        lacks = [f"{operation} {subject}" for operation, subject, _ in _lacks(target, _archive(target, reach))]
        buckets = sorted(bucket_policies(_foundation(target), target.trusted))
        return self.finding(
            target, "violated" if lacks else "compliant", GetBucketPolicy=buckets, **({"lacks": lacks} if lacks else {})
        )

    def enforce(self, target: Target, reach: Reach) -> list[Change]:
        """Make what is missing: first the key, without which no bucket is encrypted."""
        changes = []
        for operation, subject, act in _lacks(target, _archive(target, reach)):
            act()
            changes.append(self.change(operation, subject))
        return changes

    def planned(self, target: Target, reach: Reach) -> list[PlannedChange]:  # noqa: ARG002  every control is called alike
        """Make the key, and each bucket with all that it has."""
        foundation = _foundation(target)
        calls = [("kms:CreateKey", ALIAS), ("kms:EnableKeyRotation", ALIAS), ("kms:CreateAlias", ALIAS)]
        for name in bucket_policies(foundation, target.trusted):
            calls += [(f"s3:{call}", name) for call in _BUCKET_CALLS]
        lock = ("s3:PutBucketObjectLockConfiguration", foundation.trail_bucket)
        return [PlannedChange(action, subject) for action, subject in (*calls, lock)]


def _foundation(target: Target) -> Foundation:
    """Return the foundation with this account as its log archive: while it is vended, nobody else says so."""
    return target.foundation.model_copy(update={"log_archive_account_id": target.account.id})


def _archive(target: Target, reach: Reach) -> LogArchive:
    home = target.foundation.home_region
    return LogArchive(reach.member(home), home, target.account.id)


def _lacks(target: Target, archive: LogArchive) -> list[Lack]:
    foundation = _foundation(target)
    key, users = archive.key(), key_policy(foundation, target.trusted)
    lacks: list[Lack] = []
    if key is None:
        lacks.append(("CreateKey", ALIAS, partial(_create_key, archive, users)))
    else:
        if not is_same(archive.key_policy(key), users):
            lacks.append(("PutKeyPolicy", ALIAS, partial(archive.put_key_policy, key, users)))
        if not archive.is_rotated(key):
            lacks.append(("EnableKeyRotation", ALIAS, partial(archive.rotate, key)))
    for name, policy in bucket_policies(foundation, target.trusted).items():
        found = archive.bucket(name)
        lacks += _bucket_lacks(archive, name, policy, key, found)
        if name == foundation.trail_bucket:
            lacks += _lock_lacks(archive, name, target.catalog.organization.log_archive.object_lock, found)
    return lacks


def _bucket_lacks(
    archive: LogArchive, name: str, policy: Document, key: str | None, found: Bucket | None
) -> list[Lack]:
    lacks: list[Lack] = []
    if found is None:
        lacks.append(("CreateBucket", name, partial(archive.create, name)))
    bucket = found or Bucket(is_versioned=False, key=None, policy=None, lock=None)
    if not bucket.is_versioned:
        lacks.append(("PutBucketVersioning", name, partial(archive.put_versioning, name)))
    if key is None or bucket.key != key:
        lacks.append(("PutBucketEncryption", name, partial(_encrypt, archive, name)))
    if bucket.policy is None or not is_same(bucket.policy, policy):
        lacks.append(("PutBucketPolicy", name, partial(archive.put_policy, name, policy)))
    return lacks


def _lock_lacks(archive: LogArchive, name: str, lock: ObjectLockSettings, found: Bucket | None) -> list[Lack]:
    """Return what locks the bucket, with the warning where that cannot be undone; after its versioning is on."""
    if found is not None and found.lock == lock:
        return []
    subject = f"{name}: {lock.mode} for {lock.days} days" + (f" ({lock.warning})" if lock.warning else "")
    return [("PutObjectLockConfiguration", subject, partial(archive.put_lock, name, lock))]


def _create_key(archive: LogArchive, policy: Document) -> None:
    archive.rotate(archive.create_key(policy))


def _encrypt(archive: LogArchive, name: str) -> None:
    archive.put_encryption(name, str(archive.key()))
