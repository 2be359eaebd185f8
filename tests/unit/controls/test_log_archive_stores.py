"""log-archive-stores."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from avm.aws.log_archive import ALIAS
from avm.controls.control import Target
from avm.controls.log_archive_stores import LogArchiveStores
from avm.domain.errors import AccessDenied, BucketNameTaken
from avm.domain.organization import LogArchiveSettings
from tests.unit.controls.conftest import ORGANIZATION_ID, Place

CONTROL = LogArchiveStores()


def bucket(place: Place, kind: str) -> str:
    return f"avm-{kind}-{place.account_id}-eu-west-1"


def test_all_stores_are_made_and_then_none_is_missing(place: Place) -> None:
    assert CONTROL.observe(place.target(), place).status == "violated"
    made = [change.operation for change in CONTROL.enforce(place.target(), place)]
    assert (made[0], made.count("CreateBucket"), made.count("PutBucketPolicy")) == ("CreateKey", 4, 4)
    assert CONTROL.observe(place.target(), place).status == "compliant"
    since = place.last_call()
    assert CONTROL.enforce(place.target(), place) == []
    assert place.mutating_calls(since) == []


def open_up(place: Place, s3: Any, _: Any) -> None:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:PutObject", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": statement})
    s3.put_bucket_policy(Bucket=bucket(place, "config"), Policy=policy)


def forget(place: Place, s3: Any, _: Any) -> None:
    s3.put_bucket_versioning(Bucket=bucket(place, "reports"), VersioningConfiguration={"Status": "Suspended"})


def unlock(place: Place, s3: Any, _: Any) -> None:
    s3.put_object_lock_configuration(
        Bucket=bucket(place, "cloudtrail"), ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"}
    )


def shorten(place: Place, s3: Any, _: Any) -> None:
    s3.put_object_lock_configuration(
        Bucket=bucket(place, "cloudtrail"), ObjectLockConfiguration=lock_of("GOVERNANCE", Days=1)
    )


def count_in_years(place: Place, s3: Any, _: Any) -> None:
    s3.put_object_lock_configuration(
        Bucket=bucket(place, "cloudtrail"), ObjectLockConfiguration=lock_of("GOVERNANCE", Years=1)
    )


def lock_of(mode: str, **period: int) -> dict[str, Any]:
    return {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": mode, **period}}}


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
    "what the trail delivers is not locked": ("PutObjectLockConfiguration", unlock),
    "what the trail delivers is locked for less": ("PutObjectLockConfiguration", shorten),
    "what the trail delivers is locked for years": ("PutObjectLockConfiguration", count_in_years),
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


def documents(place: Place) -> dict[str, Any]:
    s3 = place.member().client("s3")
    kinds = ("cloudtrail", "config", "flow-logs", "reports")
    return {kind: json.loads(s3.get_bucket_policy(Bucket=bucket(place, kind))["Policy"]) for kind in kinds}


def test_nobody_deletes_a_log_and_nothing_goes_in_the_clear(place: Place) -> None:
    CONTROL.enforce(place.target(), place)
    for policy in documents(place).values():
        denials = [each for each in policy["Statement"] if each["Effect"] == "Deny" and each["Principal"] == "*"]
        denied = {action for each in denials if "Condition" not in each for action in each["Action"]}
        assert {"s3:DeleteObject", "s3:DeleteObjectVersion", "s3:DeleteBucket"} <= denied
        in_the_clear = [each["Action"] for each in denials if "aws:SecureTransport" in str(each.get("Condition"))]
        assert in_the_clear == ["s3:*"]


def test_only_services_are_admitted_and_only_for_the_organization(place: Place) -> None:
    CONTROL.enforce(place.target(), place)
    trail = f"arn:aws:cloudtrail:eu-west-1:{place.emulator.management_account_id}:trail/avm-organization-trail"
    logs = {kind: policy for kind, policy in documents(place).items() if kind != "reports"}
    for policy in logs.values():
        admitted = [each for each in policy["Statement"] if each["Effect"] == "Allow"]
        assert {name for each in admitted for name in each["Principal"]} == {"Service"}
        for each in admitted:
            equals = each["Condition"]["StringEquals"]
            assert equals.get("aws:SourceOrgID") == ORGANIZATION_ID or equals.get("aws:SourceArn") == trail


def test_reports_are_written_by_the_machine_alone(place: Place) -> None:
    CONTROL.enforce(place.target(), place)
    statements = {each["Sid"]: each for each in documents(place)["reports"]["Statement"]}
    (admitted,) = (each for each in statements.values() if each["Effect"] == "Allow")
    assert admitted == {
        "Sid": "MachineWrites",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{place.emulator.management_account_id}:root"},
        "Action": "s3:PutObject",
        "Resource": [f"arn:aws:s3:::{bucket(place, 'reports')}/{folder}/*" for folder in ("accounts", "keys")],
        "Condition": {
            "StringEquals": {"aws:PrincipalOrgID": ORGANIZATION_ID},
            "ArnLike": {"aws:PrincipalArn": f"{place.target().trusted.function_roles}*reports/*"},
        },
    }
    denied = statements["NobodyElseWrites"]
    assert (denied["Effect"], denied["Principal"], denied["Action"]) == ("Deny", "*", "s3:PutObject")
    assert denied["Condition"] == {"ArnNotLike": admitted["Condition"]["ArnLike"]}


def test_the_trails_logs_are_locked_as_the_catalog_says_and_those_of_config_never(place: Place) -> None:
    CONTROL.enforce(place.target(), place)
    s3 = place.member().client("s3")
    found = s3.get_object_lock_configuration(Bucket=bucket(place, "cloudtrail"))["ObjectLockConfiguration"]
    assert found == lock_of("GOVERNANCE", Days=365)
    with pytest.raises(ClientError, match="ObjectLockConfigurationNotFound"):
        s3.get_object_lock_configuration(Bucket=bucket(place, "config"))


def test_compliance_is_named_with_its_warning_before_it_is_switched_on(place: Place) -> None:
    CONTROL.enforce(place.target(), place)
    target = asking(place, {"object_lock": {"mode": "COMPLIANCE", "days": 7}})
    (lack,) = CONTROL.observe(target, place).evidence["lacks"]
    assert lack.startswith(f"PutObjectLockConfiguration {bucket(place, 'cloudtrail')}: COMPLIANCE for 7 days")
    assert "cannot be undone" in lack
    (change,) = CONTROL.enforce(target, place)
    assert "cannot be undone" in change.resource
    assert CONTROL.observe(target, place).status == "compliant"


def asking(place: Place, log_archive: dict[str, Any]) -> Target:
    """Return the account where the catalog says something of the log archive; ``bucket_suffix`` as it comes to be."""
    settings = LogArchiveSettings.model_validate(log_archive)
    organization = place.catalog.organization.model_copy(update={"log_archive": settings})
    target = place.target(bucket_suffix=settings.bucket_suffix)
    return replace(target, catalog=place.catalog.model_copy(update={"organization": organization}))


@pytest.mark.parametrize("is_opened", [False, True], ids=["closed", "opened for everybody"])
def test_a_name_that_somebody_else_has_is_told_before_anything_changes(place: Place, *, is_opened: bool) -> None:
    name = bucket(place, "reports")
    others = place.emulator.clients.client("s3")
    others.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    if is_opened:  # to have the logs
        statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": f"arn:aws:s3:::{name}"}
        others.put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": statement}))
    since = place.last_call()
    for way in (CONTROL.observe, CONTROL.enforce):
        with pytest.raises(BucketNameTaken, match=name):
            way(place.target(), place)
    assert place.mutating_calls(since) == []
    assert "bucket_suffix" in BucketNameTaken.hint
    target = asking(place, {"bucket_suffix": "x7"})
    CONTROL.enforce(target, place)
    assert CONTROL.observe(target, place).evidence["GetBucketPolicy"] == sorted(
        f"{bucket(place, kind)}-x7" for kind in ("cloudtrail", "config", "flow-logs", "reports")
    )


def test_a_bucket_of_ours_that_may_not_be_looked_at_is_not_somebody_elses(place: Place) -> None:
    CONTROL.enforce(place.target(), place)
    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetBucketVersioning", "Resource": "*"}
    name = bucket(place, "config")
    policy = {"Version": "2012-10-17", "Statement": {**statement, "Resource": f"arn:aws:s3:::{name}"}}
    place.member().client("s3").put_bucket_policy(Bucket=name, Policy=json.dumps(policy))
    with pytest.raises(AccessDenied):
        CONTROL.observe(place.target(), place)
