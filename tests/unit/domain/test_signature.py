"""Signatures of webhooks, held against HMACs that were made without this code."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from avm.domain.catalog import Catalog
from avm.domain.errors import SignatureInvalid
from avm.domain.signature import WINDOW_SECONDS, check, claim_of, signed
from tests.payloads import OLD_SECRET, SECRET, hub, timed

NOW = datetime(2026, 11, 25, 9, 31, 2, 500_000, UTC)
SECONDS = int(NOW.timestamp())
BODY = json.dumps({"name": "Zoë"}).encode()


def test_a_signature_of_ours_is_the_one_that_others_make() -> None:
    assert signed(BODY, SECRET, NOW) == timed(BODY, SECRET, SECONDS)
    # openssl dgst -sha256 -hmac key, over "0.body"
    epoch = signed(b"body", "key", datetime.fromtimestamp(0, UTC))
    assert epoch["X-Avm-Signature"] == "sha256=e0af04d5c83b24373ff89f540d0c8fd9a4e097e2b3ee8318ab5541047697626d"


@pytest.mark.parametrize("secrets", [(SECRET,), (OLD_SECRET, SECRET), (SECRET, OLD_SECRET)])
def test_any_secret_that_counts_will_do(catalog: Catalog, secrets: tuple[str, ...]) -> None:
    check(*claim_of(catalog.webhooks["servicenow"], timed(BODY, SECRET, SECONDS), BODY, NOW), secrets)
    check(*claim_of(catalog.webhooks["jira"], hub(BODY, SECRET), BODY, NOW), secrets)


@pytest.mark.parametrize("claimed", ["", "sha256=", "sha256=" + "0" * 64, "sha1=0", "é", "\ud800"])
def test_any_other_signature_is_refused(claimed: str) -> None:
    with pytest.raises(SignatureInvalid, match="not the source's"):
        check(BODY, claimed, (SECRET, OLD_SECRET))


def test_without_a_secret_nothing_is_signed_right() -> None:
    with pytest.raises(SignatureInvalid):
        check(BODY, hub(BODY, "")["X-Hub-Signature"], ())


@pytest.mark.parametrize(("away", "is_fresh"), [(WINDOW_SECONDS - 1, True), (WINDOW_SECONDS + 2, False)])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_time_counts_for_five_minutes(catalog: Catalog, away: int, sign: int, *, is_fresh: bool) -> None:
    headers, now = timed(BODY, SECRET, SECONDS), NOW + timedelta(seconds=sign * away)
    if is_fresh:
        claim_of(catalog.webhooks["servicenow"], headers, BODY, now)
    else:
        with pytest.raises(SignatureInvalid, match=f"at most {WINDOW_SECONDS} s"):
            claim_of(catalog.webhooks["servicenow"], headers, BODY, now)


@pytest.mark.parametrize("timestamp", ["now", "-1", "1e9", "١٢٣", "9" * 13, "1.5"])
def test_what_is_no_time_is_refused(catalog: Catalog, timestamp: str) -> None:
    headers = {**timed(BODY, SECRET, SECONDS), "X-Avm-Timestamp": timestamp}
    with pytest.raises(SignatureInvalid, match="not a time"):
        claim_of(catalog.webhooks["servicenow"], headers, BODY, NOW)


@pytest.mark.parametrize("missing", ["X-Avm-Timestamp", "X-Avm-Signature"])
def test_a_header_that_is_missing_is_named(catalog: Catalog, missing: str) -> None:
    headers = {name: value for name, value in timed(BODY, SECRET, SECONDS).items() if name != missing}
    with pytest.raises(SignatureInvalid, match=missing):
        claim_of(catalog.webhooks["servicenow"], headers, BODY, NOW)
