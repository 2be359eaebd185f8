"""log-archive-stores."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from avm.aws.log_archive import ALIAS
from avm.controls.log_archive_stores import LogArchiveStores
from tests.unit.controls.conftest import Place

CONTROL = LogArchiveStores()


def bucket(place: Place, kind: str) -> str:
    return f"avm-{kind}-{place.account_id}-eu-west-1"


def test_all_stores_are_made_and_then_none_is_missing(place: Place) -> None:
    assert CONTROL.observe(place.target(), place).status == "violated"
    made = [change.operation for change in CONTROL.enforce(place.target(), place)]
    assert (made[0], made.count("CreateBucket"), made.count("PutBucketPolicy")) == ("CreateKey", 3, 3)
    assert CONTROL.observe(place.target(), place).status == "compliant"
    since = place.last_call()
    assert CONTROL.enforce(place.target(), place) == []
    assert place.mutating_calls(since) == []


def open_up(place: Place, s3: Any, _: Any) -> None:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:PutObject", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": statement})
    s3.put_bucket_policy(Bucket=bucket(place, "config"), Policy=policy)


def forget(place: Place, s3: Any, _: Any) -> None:
    s3.put_bucket_versioning(Bucket=bucket(place, "cloudtrail"), VersioningConfiguration={"Status": "Suspended"})


def bare(place: Place, s3: Any, _: Any) -> None:
    s3.delete_bucket_encryption(Bucket=bucket(place, "flow-logs"))


def lend(place: Place, _: Any, kms: Any) -> None:
    key = kms.describe_key(KeyId=ALIAS)["KeyMetadata"]["Arn"]
    statement = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=policy)


BREAKERS: Mapping[str, tuple[str, Callable[[Place, Any, Any], None]]] = {
    "a bucket is opened": ("PutBucketPolicy", open_up),
    "versions are not kept": ("PutBucketVersioning", forget),
    "a bucket is not encrypted by the key": ("PutBucketEncryption", bare),
    "the key is lent to anybody": ("PutKeyPolicy", lend),
}


@pytest.mark.parametrize("what", BREAKERS)
def test_what_is_broken_is_found_and_mended(place: Place, what: str) -> None:
    operation, break_it = BREAKERS[what]
    CONTROL.enforce(place.target(), place)
    break_it(place, place.member().client("s3"), place.member().client("kms"))
    assert CONTROL.observe(place.target(), place).status == "violated"
    assert [change.operation for change in CONTROL.enforce(place.target(), place)] == [operation]
    assert CONTROL.observe(place.target(), place).status == "compliant"


def test_nobody_deletes_a_log(place: Place) -> None:
    CONTROL.enforce(place.target(), place)
    s3 = place.member().client("s3")
    for kind in ("cloudtrail", "config", "flow-logs"):
        policy = json.loads(s3.get_bucket_policy(Bucket=bucket(place, kind))["Policy"])
        denied = {action for each in policy["Statement"] if each["Effect"] == "Deny" for action in each["Action"]}
        assert {"s3:DeleteObject", "s3:DeleteObjectVersion", "s3:DeleteBucket"} <= denied
