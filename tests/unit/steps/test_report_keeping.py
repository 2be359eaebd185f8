"""Reports are signed, kept with their signature, and put into the log archive."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from avm.aws.kms import ReportKey
from avm.contracts.report import Report
from avm.contracts.report_page import page_of
from avm.contracts.signed_report import Signature, SignedReport, key_file
from avm.domain.errors import (
    RecordInconsistent,
    ReportNotArchived,
    ReportNotFound,
    ReportNotSigned,
    ServiceUnavailable,
    Throttled,
)
from avm.domain.foundation import Foundation
from avm.steps import verify_account
from avm.steps.gateways import Gateways
from avm.steps.report_keeping import archive, keep
from tests.emulator.members import inside
from tests.unit.steps.conftest import World
from tests.unit.steps.planted import Plant, Planted, plant

__all__ = ["plant"]

ACCOUNT = "111122223333"
KEY = {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}


def report(observation_id: str = "o-1", **facts: Any) -> Report:
    return Report.model_validate(
        {
            "account_id": ACCOUNT,
            "request_id": "R1",
            "catalog_version": "0",
            "time": "2026-11-26T10:00:00Z",
            "observation_id": observation_id,
            "ready": True,
            "controls": [],
            **facts,
        }
    )


@pytest.fixture
def foundation(world: World) -> Foundation:
    organization = world.emulator.clients.client("organizations")
    (log_archive,) = (each["Id"] for each in organization.list_accounts()["Accounts"] if each["Name"] == "log-archive")
    return Foundation(
        partition="aws",
        organization_id=organization.describe_organization()["Organization"]["Id"],
        home_region="eu-west-1",
        management_account_id=world.emulator.management_account_id,
        log_archive_account_id=log_archive,
    )


class Bucket:
    """The log archive's bucket for reports, from inside."""

    def __init__(self, world: World, foundation: Foundation) -> None:
        self.s3 = inside(world.emulator, "s3", str(foundation.log_archive_account_id))
        self.name = foundation.reports_bucket

    def keys(self, prefix: str) -> list[str]:
        return [each["Key"] for each in self.s3.list_objects_v2(Bucket=self.name, Prefix=prefix).get("Contents", [])]

    def text(self, key: str) -> str:
        return str(self.s3.get_object(Bucket=self.name, Key=key)["Body"].read().decode())


@pytest.fixture
def bucket(world: World, foundation: Foundation) -> Bucket:
    return Bucket(world, foundation)


@pytest.fixture
def policy(bucket: Bucket) -> Iterator[Callable[[dict[str, Any]], None]]:
    """Return what gives the bucket another policy, for this test."""
    before = bucket.s3.get_bucket_policy(Bucket=bucket.name)["Policy"]
    yield lambda document: bucket.s3.put_bucket_policy(Bucket=bucket.name, Policy=json.dumps(document))
    bucket.s3.put_bucket_policy(Bucket=bucket.name, Policy=before)


NOBODY = {
    "Version": "2012-10-17",
    "Statement": {"Sid": "TakesNothing", "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "*"},
}


def nothing_on(name: str) -> dict[str, Any]:
    return {**NOBODY, "Statement": {**NOBODY["Statement"], "Resource": f"arn:aws:s3:::{name}/*"}}  # type: ignore[dict-item]


def verify(text: str, signature: Signature, public_key: str) -> None:
    key = load_pem_public_key(public_key.encode())
    assert isinstance(key, ec.EllipticCurvePublicKey)
    key.verify(b64decode(signature.signature), text.encode(), ec.ECDSA(hashes.SHA256()))


def test_the_signature_is_of_the_reports_bytes_and_of_no_others(world: World) -> None:
    signed = keep(report(), world.gateways)
    assert signed.report == report().model_dump_json()
    assert signed.signature.key_id == world.report_key
    verify(signed.report, signed.signature, signed.public_key)
    for at in range(0, len(signed.report), 7):
        changed = signed.report[:at] + chr(ord(signed.report[at]) ^ 1) + signed.report[at + 1 :]
        with pytest.raises(InvalidSignature):
            verify(changed, signed.signature, signed.public_key)


def test_a_report_is_found_as_it_was_signed_by_its_run_and_as_the_latest(world: World) -> None:
    first, second = keep(report("o-1"), world.gateways), keep(report("o-2"), world.gateways)
    assert world.gateways.reports.signed(ACCOUNT) == second
    assert world.gateways.reports.signed(ACCOUNT, "o-1") == first
    assert world.gateways.reports.of_run(ACCOUNT, "o-1") == report("o-1")


def test_a_step_that_is_run_again_signs_again_and_what_is_kept_belongs_together(world: World) -> None:
    first = keep(report(), world.gateways)
    again = keep(report(), world.gateways)
    assert again.signature.digest == first.signature.digest
    assert again.signature.signature != first.signature.signature, "ECDSA draws a number for each"
    kept = world.gateways.reports.signed(ACCOUNT)
    assert kept == again
    verify(kept.report, kept.signature, kept.public_key)
    verify(kept.report, first.signature, first.public_key)


def test_a_process_asks_once_for_the_public_key_and_writes_it_once(world: World) -> None:
    keep(report("o-1"), world.gateways)
    since = world.last_call()
    keep(report("o-2"), world.gateways)
    assert world.calls(since) == ["Sign", "PutObject", "PutObject"]


def test_another_key_signs_on_and_what_the_first_has_signed_is_still_verified(
    world: World, foundation: Foundation, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = keep(report("o-1"), world.gateways)
    archive(first, foundation, world.gateways)
    kms = world.emulator.clients.client("kms")
    other = kms.create_key(**KEY)["KeyMetadata"]["Arn"]
    monkeypatch.setattr(world.gateways, "report_key", ReportKey(world.gateways._clients.client("kms"), other))
    second = keep(report("o-2"), world.gateways)
    archive(second, foundation, world.gateways)
    kms.disable_key(KeyId=world.report_key.rpartition("/")[2])
    for signed, key in ((first, world.report_key), (second, other)):
        found = world.gateways.reports.signed(ACCOUNT, signed.observation_id)
        assert found.signature.key_id == key
        verify(found.report, found.signature, found.public_key)
        assert bucket.text(f"keys/{key_file(key)}") == signed.public_key
    with pytest.raises(InvalidSignature):
        verify(first.report, first.signature, second.public_key)


def test_a_public_key_that_is_kept_is_never_written_again(world: World) -> None:
    signed = keep(report(), world.gateways)
    forged = signed.model_copy(update={"public_key": "another"})
    type(world.gateways.reports)(world.gateways._clients.client("s3"), f"reports-{world.number}").put(forged)
    assert world.gateways.reports.signed(ACCOUNT).public_key == signed.public_key


def test_a_key_that_does_not_sign_is_named_and_nothing_is_kept(world: World) -> None:
    client = world.gateways._clients.client("kms")

    def disable(http_response: Any, parsed: dict[str, Any], **_: Any) -> None:
        http_response.status_code = 400
        parsed["Error"] = {"Code": "DisabledException", "Message": f"{world.report_key} is disabled."}

    client.meta.events.register("after-call.kms.Sign", disable, unique_id="disable")
    try:
        with pytest.raises(ReportNotSigned, match=r"Sign: DisabledException: .* is disabled"):
            keep(report(), world.gateways)
    finally:
        client.meta.events.unregister("after-call.kms.Sign", disable, unique_id="disable")
    with pytest.raises(ReportNotFound):
        world.gateways.reports.latest(ACCOUNT)
    assert "ReportKeyArn" in ReportNotSigned.hint


def test_a_report_from_before_there_were_signatures_is_not_shown_as_signed(world: World) -> None:
    s3, name = world.emulator.clients.client("s3"), f"reports-{world.number}"
    body = report().model_dump_json().encode()
    s3.put_object(Bucket=name, Key=f"accounts/{ACCOUNT}/report.json", Body=body)
    assert world.gateways.reports.latest(ACCOUNT) == report()
    with pytest.raises(ReportNotFound, match="before reports were signed"):
        world.gateways.reports.signed(ACCOUNT)
    s3.put_object(Bucket=name, Key=f"accounts/{ACCOUNT}/report.json", Body=body, Metadata={"signature": "{}"})
    with pytest.raises(RecordInconsistent, match="signature of the report on account"):
        world.gateways.reports.signed(ACCOUNT)


def test_the_archive_has_report_signature_page_and_key(world: World, foundation: Foundation, bucket: Bucket) -> None:
    signed = keep(report("o-archived"), world.gateways)
    since = world.last_call()
    archive(signed, foundation, world.gateways)
    stem = f"accounts/{ACCOUNT}/o-archived/{signed.signature.digest}"
    assert bucket.keys(f"accounts/{ACCOUNT}/o-archived/") == [f"{stem}.html", f"{stem}.json", f"{stem}.sig.json"]
    assert bucket.text(f"{stem}.json") == signed.report
    assert bucket.text(f"{stem}.html") == page_of(signed.report, signed.signature)
    signature = Signature.model_validate_json(bucket.text(f"{stem}.sig.json"))
    verify(bucket.text(f"{stem}.json"), signature, bucket.text(f"keys/{key_file(signature.key_id)}"))
    written = [call for call in world.emulator.calls.select(since=since) if call.mutating]
    assert [(call.operation, call.error, call.own) for call in written] == [("PutObject", None, True)] * 4


def test_what_breaks_off_leaves_no_report_without_its_signature(
    world: World, foundation: Foundation, bucket: Bucket
) -> None:
    for nth, there in ((2, []), (3, ["sig.json"]), (4, ["html", "sig.json"])):
        signed = keep(report(f"o-broken-{nth}"), world.gateways)
        gateways = Gateways(
            world.gateways._clients, report_bucket=f"reports-{world.number}", report_key_arn=world.report_key
        )
        client = gateways._clients.client("s3")
        count = iter(range(1, 10))

        def kill(nth: int = nth, count: Iterator[int] = count, **_: Any) -> None:
            if next(count) == nth:
                message = "the function was killed"
                raise KeyboardInterrupt(message)

        client.meta.events.register("before-call.s3.PutObject", kill, unique_id="kill")
        try:
            with pytest.raises(KeyboardInterrupt):
                archive(signed, foundation, gateways)
        finally:
            client.meta.events.unregister("before-call.s3.PutObject", kill, unique_id="kill")
        stem = f"accounts/{ACCOUNT}/o-broken-{nth}/"
        assert [key.partition(".")[2] for key in bucket.keys(stem)] == there
        archive(signed, foundation, gateways)
        assert [key.partition(".")[2] for key in bucket.keys(stem)] == ["html", "json", "sig.json"]


def test_without_a_log_archive_a_report_is_kept_by_the_machine_alone(world: World, foundation: Foundation) -> None:
    signed = keep(report(), world.gateways)
    since = world.last_call()
    archive(signed, foundation.model_copy(update={"log_archive_account_id": None}), world.gateways)
    archive(signed, None, world.gateways)
    assert world.calls(since) == []


def test_an_archive_that_does_not_take_it_is_named(
    world: World, foundation: Foundation, bucket: Bucket, policy: Callable[[dict[str, Any]], None]
) -> None:
    policy(nothing_on(bucket.name))
    signed = keep(report("o-refused"), world.gateways)
    with pytest.raises(ReportNotArchived, match=rf"o-refused on account {ACCOUNT}.*{bucket.name}.*AccessDenied"):
        archive(signed, foundation, world.gateways)
    elsewhere = foundation.model_copy(update={"bucket_suffix": "gone"})
    with pytest.raises(ReportNotArchived, match="NoSuchBucket"):
        archive(signed, elsewhere, world.gateways)
    assert "log-archive-stores" in ReportNotArchived.hint


def test_a_bucket_of_somebody_elses_gets_no_report(world: World, foundation: Foundation) -> None:
    elsewhere = foundation.model_copy(update={"bucket_suffix": f"theirs{world.number}"})
    name = elsewhere.reports_bucket
    theirs = world.emulator.clients.client("s3")
    theirs.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    with pytest.raises(ReportNotArchived, match="AccessDenied"):
        archive(keep(report(), world.gateways), elsewhere, world.gateways)
    assert "Contents" not in theirs.list_objects_v2(Bucket=name)


def test_nobody_but_the_machine_writes_there_not_even_the_account_itself(bucket: Bucket) -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        bucket.s3.put_object(Bucket=bucket.name, Key=f"accounts/{ACCOUNT}/o-1/forged.json", Body=b"{}")
    with pytest.raises(ClientError, match="AccessDenied"):
        bucket.s3.put_object(Bucket=bucket.name, Key="keys/forged.pem", Body=b"")


def test_a_verification_whose_report_is_not_archived_says_so_beside_what_it_has_found(
    world: World, plant: Plant, foundation: Foundation, bucket: Bucket, policy: Callable[[dict[str, Any]], None]
) -> None:
    policy(nothing_on(bucket.name))
    plant(Planted("true", "compliant"), Planted("untrue", "violated"))
    record, account_id = world.created(type="sandbox")
    given: dict[str, Any] = {"account_id": account_id, "observation_id": "o-1", "foundation": foundation.model_dump()}
    output = world.run(verify_account, record, **given)
    assert (output.status, [(each.control, each.error) for each in output.failures]) == (
        "FAILED",
        [("untrue", "VerificationFailed"), ("readiness-report", "ReportNotArchived")],
    )
    assert [row.status for row in world.gateways.reports.latest(account_id).controls] == ["compliant", "violated"]


def test_what_passes_is_tried_again(
    world: World, plant: Plant, foundation: Foundation, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(Planted("true", "compliant"))
    record, account_id = world.created(type="sandbox")
    for error in (Throttled("SlowDown"), ServiceUnavailable("PutObject: no answer")):

        def fail(*_: object, error: Exception = error) -> None:
            raise error

        monkeypatch.setattr(verify_account, "archive", fail)
        given: dict[str, Any] = {
            "account_id": account_id,
            "observation_id": "o-1",
            "foundation": foundation.model_dump(),
        }
        with pytest.raises(type(error)):
            world.run(verify_account, record, **given)


def test_what_the_api_shows_is_the_same_to_the_byte(world: World) -> None:
    signed = keep(report(request_id="R-ä-\u2028-\U0001f511"), world.gateways)
    shown = json.loads(json.dumps(world.gateways.reports.signed(ACCOUNT).model_dump(mode="json")))
    found = SignedReport.model_validate(shown)
    verify(found.report, found.signature, found.public_key)
    assert found == signed
