"""Signatures of webhooks: HMAC-SHA256 with a secret that both sides know.

``hmac-timestamp``: ``X-Avm-Timestamp`` has the time in seconds since 1970, ``X-Avm-Signature`` is ``sha256=`` and the
HMAC, in hex, of the time, a full stop and the body. ``x-hub-signature``: ``X-Hub-Signature`` is ``sha256=`` and that of
the body (WebSub, section 8; Atlassian, "Webhooks", Secure admin webhooks).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from avm.domain.errors import SignatureInvalid
from avm.domain.webhook import WebhookSource

TIMESTAMP_HEADER = "X-Avm-Timestamp"
SIGNATURE_HEADER = "X-Avm-Signature"
HUB_HEADER = "X-Hub-Signature"
WINDOW_SECONDS = 300
"""How far the time of a signature may be from ours, either way."""


def signed(body: bytes, secret: str, now: datetime) -> dict[str, str]:
    """Return the headers that sign a body as ``hmac-timestamp`` does."""
    timestamp = str(int(now.timestamp()))
    return {TIMESTAMP_HEADER: timestamp, SIGNATURE_HEADER: _hmac(_timed(timestamp, body), secret)}


def claim_of(source: WebhookSource, headers: Mapping[str, str], body: bytes, now: datetime) -> tuple[bytes, str]:
    """Return the bytes that were signed, and the signature that they claim to have; no secret is needed for that.

    Raises SignatureInvalid where nothing is signed, or its time is not ours.
    """
    if source.signature == "x-hub-signature":
        return body, _given(headers, HUB_HEADER)
    timestamp, claimed = _given(headers, TIMESTAMP_HEADER), _given(headers, SIGNATURE_HEADER)
    if not re.fullmatch(r"[0-9]{1,12}", timestamp, re.ASCII):
        raise SignatureInvalid(f"{TIMESTAMP_HEADER} is not a time in seconds since 1970")
    away = abs(int(timestamp) - now.timestamp())
    if away > WINDOW_SECONDS:
        when = f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        message = f"{TIMESTAMP_HEADER} is {int(away)} s away from {when}, at most {WINDOW_SECONDS} s are taken"
        raise SignatureInvalid(message)
    return _timed(timestamp, body), claimed


def check(content: bytes, claimed: str, secrets: Iterable[str]) -> None:
    """Raise SignatureInvalid unless one of the secrets has made the signature; how long that takes tells nothing."""
    fits = [
        hmac.compare_digest(_hmac(content, secret).encode(), claimed.encode(errors="replace")) for secret in secrets
    ]
    if not any(fits):
        raise SignatureInvalid("the signature is not the source's")


def _given(headers: Mapping[str, str], name: str) -> str:
    value = headers.get(name)
    if not value:
        raise SignatureInvalid(f"there is no header {name}")
    return value.strip()


def _timed(timestamp: str, body: bytes) -> bytes:
    return timestamp.encode() + b"." + body


def _hmac(content: bytes, secret: str) -> str:
    return "sha256=" + hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()
