"""S3 Object Lock: what keeps a version of an object until its time is over.

moto protects versions from deletion, lets everybody shorten their retention all the same, and refuses Object Lock for a
bucket that holds something.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from moto.s3.models import S3Backend, s3_backends

from avm_emulator.errors import AwsError
from avm_emulator.moto_classes import restore_on_stop

if TYPE_CHECKING:
    from werkzeug import Response

    from avm_emulator.boundary import Call
    from avm_emulator.context import Emulator


def install(emulator: Emulator) -> None:
    """Hold buckets and objects to their locks until ``emulator`` stops."""
    restore_on_stop(emulator, S3Backend)
    S3Backend.put_object_lock_configuration = _put_configuration
    # in front of what refuses the operations that moto takes for others
    emulator.boundary.interceptors[:0] = [_get_configuration, _get_retention, _check]


def _put_configuration(s3: S3Backend, bucket_name: str, *lock: Any) -> None:
    """Lock what comes from now on; the bucket must be versioned, and may hold objects (user guide).

    ``lock``: whether it is on, then mode, days and years of the default retention, as moto gives them.
    """
    is_on, mode, days, years = lock
    bucket = s3.get_bucket(bucket_name)
    if not bucket.is_versioned:
        sentence = "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration"
        raise AwsError("InvalidBucketState", sentence, 409)
    bucket.object_lock_enabled = bucket.object_lock_enabled or is_on
    bucket.default_lock_mode, bucket.default_lock_days, bucket.default_lock_years = mode, days or 0, years or 0


def _get_configuration(call: Call) -> Response | None:
    """Answer GetObjectLockConfiguration (an interceptor); moto tells days and years, where only one can be given."""
    bucket = _bucket(call) if (call.service, call.operation) == ("s3", "GetObjectLockConfiguration") else None
    if bucket is None or not bucket.object_lock_enabled:
        return None
    configuration: dict[str, Any] = {"ObjectLockEnabled": "Enabled"}
    if bucket.default_lock_mode:
        periods = {"Days": bucket.default_lock_days, "Years": bucket.default_lock_years}
        given = {unit: int(period) for unit, period in periods.items() if period}
        configuration["Rule"] = {"DefaultRetention": {"Mode": bucket.default_lock_mode, **given}}
    return call.answer({"ObjectLockConfiguration": configuration})


def _get_retention(call: Call) -> Response | None:
    """Answer GetObjectRetention (an interceptor), which moto takes for GetObject."""
    if (call.service, call.operation) != ("s3", "GetObjectRetention"):
        return None
    key = _version(call)
    if key is None:
        raise AwsError("NoSuchKey", "The specified key does not exist.", 404)
    if not key.lock_mode:
        sentence = "The specified object does not have a ObjectLock configuration"
        raise AwsError("NoSuchObjectLockConfiguration", sentence, 404)
    return call.answer({"Retention": {"Mode": key.lock_mode, "RetainUntilDate": _time(key.lock_until)}})


def _check(call: Call) -> None:
    """Raise AwsError for what a lock forbids and moto does not (an interceptor)."""
    if call.service != "s3":
        return
    if call.operation == "PutBucketVersioning":
        bucket = _bucket(call)
        wanted = call.parameters.get("VersioningConfiguration", {}).get("Status")
        if bucket is not None and bucket.object_lock_enabled and wanted != "Enabled":
            sentence = (
                "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed."
            )
            raise AwsError("InvalidBucketState", sentence, 409)
    elif call.operation == "PutObjectRetention" and _is_weaker(call):
        raise AwsError("AccessDenied", "Access Denied because object protected by object lock.", 403)


def _is_weaker(call: Call) -> bool:
    """Say whether a retention would end a present one earlier than that allows.

    COMPLIANCE can only be prolonged; GOVERNANCE can be changed by who bypasses it (user guide, "Retention modes").
    """
    key = _version(call)
    if key is None or not key.lock_mode or _time(key.lock_until).timestamp() <= call.time:
        return False
    retention = call.parameters.get("Retention") or {}
    until = retention.get("RetainUntilDate")
    shortens = until is None or _time(until) < _time(key.lock_until)
    if key.lock_mode == "COMPLIANCE":
        return shortens or retention.get("Mode") != "COMPLIANCE"
    return (shortens or not retention.get("Mode")) and not call.parameters.get("BypassGovernanceRetention")


def _bucket(call: Call) -> Any:
    """Return moto's bucket; None where there is none, which moto says."""
    name = call.parameters.get("Bucket")
    if name not in s3_backends.bucket_accounts:
        return None
    partition, owner = s3_backends.bucket_accounts[name]
    return s3_backends[owner][partition].buckets[name]


def _version(call: Call) -> Any:
    """Return the version of the object that the call is about, the newest where it names none."""
    bucket = _bucket(call)
    versions = bucket.keys.getlist(call.parameters["Key"]) if bucket is not None else []
    wanted = call.parameters.get("VersionId")
    found = [key for key in versions or [] if hasattr(key, "lock_mode") and wanted in (None, str(key.version_id))]
    return found[-1] if found else None


def _time(text: Any) -> datetime:
    time = text if isinstance(text, datetime) else datetime.fromisoformat(str(text))
    return time if time.tzinfo is not None else time.replace(tzinfo=UTC)
