"""Whose bucket a call expects (``ExpectedBucketOwner``), which moto does not ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moto.s3.models import s3_backends

from avm_emulator.errors import AwsError

if TYPE_CHECKING:
    from avm_emulator.boundary import Call
    from avm_emulator.context import Emulator


def install(emulator: Emulator) -> None:
    """Refuse calls to buckets of other owners than the expected ones until ``emulator`` stops."""
    emulator.boundary.interceptors.insert(0, _check)  # in front of what answers for moto


def _check(call: Call) -> None:
    """Raise AwsError where a bucket is not the expected account's (an interceptor)."""
    expected = call.parameters.get("ExpectedBucketOwner") if call.service == "s3" else None
    bucket = call.parameters.get("Bucket")
    if (
        expected is not None
        and bucket in s3_backends.bucket_accounts
        and s3_backends.bucket_accounts[bucket][1] != expected
    ):
        raise AwsError("AccessDenied", "Access Denied", 403)
