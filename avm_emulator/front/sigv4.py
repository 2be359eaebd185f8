"""Signature Version 4 of a request, verified as API Gateway does for AWS_IAM.

botocore's own signer recomputes the signature from what was received.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-signing-elements.html
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import botocore.credentials
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.compat import HTTPHeaders

from avm_emulator.front.credentials import Credentials
from avm_emulator.front.errors import (
    EXPIRED_TOKEN,
    INCOMPLETE_SIGNATURE,
    INVALID_SIGNATURE,
    MISSING_TOKEN,
    UNKNOWN_CLIENT,
    GatewayError,
)
from avm_emulator.front.request import Request

_SERVICE = "execute-api"
_ALGORITHM = "AWS4-HMAC-SHA256"
_TIMESTAMP = "%Y%m%dT%H%M%SZ"
_TOLERANCE = timedelta(minutes=5)
_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
    "and signing method. Consult the service documentation for details."
)


@dataclass(frozen=True)
class _Signature:
    """What a request says about its signature, in its header or its query."""

    access_key_id: str
    date: str
    region: str
    service: str
    signed_headers: tuple[str, ...]
    signature: str
    timestamp: str
    session_token: str | None
    expires: int | None
    """Seconds of validity of a presigned URL; None for a header."""


def verify(request: Request, region: str, find: Callable[[str, str | None], Credentials | None]) -> Credentials:
    """Return the credentials that signed the request.

    Raises:
        GatewayError: the request is unsigned, or its signature is incomplete, unknown, expired or wrong.

    """
    given = _presigned(request) if "X-Amz-Algorithm" in request.query_values else _header(request)
    credentials = find(given.access_key_id, given.session_token)
    if credentials is None:
        raise GatewayError(UNKNOWN_CLIENT, "The security token included in the request is invalid.")
    # real time: signatures and the expiry of credentials are never scaled (interfaces.md, Emulator)
    now = datetime.fromtimestamp(time.time(), UTC)
    if credentials.expires is not None and credentials.expires < now:
        raise GatewayError(EXPIRED_TOKEN, "The security token included in the request is expired")
    _check_scope(given, region)
    _check_time(given, now)
    _check_signature(request, given, credentials)
    return credentials


def _header(request: Request) -> _Signature:
    authorization = request.headers.get("Authorization")
    if authorization is None:
        raise GatewayError(MISSING_TOKEN, "Missing Authentication Token")
    algorithm, _, rest = authorization.partition(" ")
    if algorithm != _ALGORITHM:
        message = f"Authorization header requires the algorithm {_ALGORITHM}. Authorization={algorithm}"
        raise GatewayError(INCOMPLETE_SIGNATURE, message)
    parts = dict(part.strip().partition("=")[::2] for part in rest.split(","))
    missing = [name for name in ("Credential", "Signature", "SignedHeaders") if not parts.get(name)]
    problems = [f"Authorization header requires '{name}' parameter." for name in missing]
    timestamp = request.headers.get("X-Amz-Date")
    if timestamp is None:
        problems.append("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
    if problems:
        raise GatewayError(INCOMPLETE_SIGNATURE, " ".join(problems))
    return _signature(
        credential=parts["Credential"],
        signed_headers=parts["SignedHeaders"],
        signature=parts["Signature"],
        timestamp=timestamp or "",
        session_token=request.headers.get("X-Amz-Security-Token"),
        expires=None,
    )


def _presigned(request: Request) -> _Signature:
    query = request.query_values
    needed = ("X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders", "X-Amz-Signature")
    missing = [name for name in needed if name not in query]
    if missing or query["X-Amz-Algorithm"][0] != _ALGORITHM or not query["X-Amz-Expires"][0].isdigit():
        message = f"AWS query-string parameters must include {', '.join(missing) or 'valid values'}."
        raise GatewayError(INCOMPLETE_SIGNATURE, message)
    return _signature(
        credential=query["X-Amz-Credential"][0],
        signed_headers=query["X-Amz-SignedHeaders"][0],
        signature=query["X-Amz-Signature"][0],
        timestamp=query["X-Amz-Date"][0],
        session_token=query.get("X-Amz-Security-Token", [None])[0],
        expires=int(query["X-Amz-Expires"][0]),
    )


def _signature(*, credential: str, signed_headers: str, **values: Any) -> _Signature:
    scope = credential.split("/")
    if len(scope) != 5 or scope[4] != "aws4_request":  # noqa: PLR2004  key/date/region/service/aws4_request
        form = "exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term"
        message = f"Credential must have {form}, got '{credential}'"
        raise GatewayError(INCOMPLETE_SIGNATURE, message)
    access_key_id, date, region, service, _ = scope
    names = tuple(name for name in signed_headers.lower().split(";") if name)
    return _Signature(access_key_id, date, region, service, names, **values)


def _check_scope(given: _Signature, region: str) -> None:
    if given.region != region:
        raise GatewayError(INVALID_SIGNATURE, f"Credential should be scoped to a valid region, not '{given.region}'. ")
    if given.service != _SERVICE:
        raise GatewayError(INVALID_SIGNATURE, f"Credential should be scoped to correct service: '{_SERVICE}'. ")
    if not given.timestamp.startswith(given.date):
        message = (
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
            f"'{given.date}' != '{given.timestamp[:8]}', from '{given.timestamp}'."
        )
        raise GatewayError(INVALID_SIGNATURE, message)
    if "host" not in given.signed_headers:
        message = "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
        raise GatewayError(INVALID_SIGNATURE, message)


def _check_time(given: _Signature, now: datetime) -> None:
    try:
        signed_at = datetime.strptime(given.timestamp, _TIMESTAMP).replace(tzinfo=UTC)
    except ValueError as error:
        message = f"Date must be in ISO-8601 'basic format'. Got '{given.timestamp}'."
        raise GatewayError(INCOMPLETE_SIGNATURE, message) from error
    valid_for = _TOLERANCE if given.expires is None else timedelta(seconds=given.expires)
    bound = "5 min." if given.expires is None else f"{given.expires} s"
    problem = None
    if signed_at < now - valid_for:
        problem = f"expired: {given.timestamp} is now earlier than {_stamp(now - valid_for)} ({_stamp(now)} - {bound})"
    if signed_at > now + _TOLERANCE:
        limit = f"{_stamp(now + _TOLERANCE)} ({_stamp(now)} + 5 min.)"
        problem = f"not yet current: {given.timestamp} is still later than {limit}"
    if problem is not None:
        raise GatewayError(INVALID_SIGNATURE, f"Signature {problem}")


def _stamp(moment: datetime) -> str:
    return moment.strftime(_TIMESTAMP)


def _check_signature(request: Request, given: _Signature, credentials: Credentials) -> None:
    signer = _Received(credentials, given)
    received = AWSRequest(request.http_method, _signed_url(request, given), data=request.body)
    for name, value in request.header_items:
        received.headers.add_header(name, value)
    received.context["timestamp"] = given.timestamp
    canonical = signer.canonical_request(received)
    string_to_sign = signer.string_to_sign(received, canonical)
    digest = request.headers.get("X-Amz-Content-Sha256")
    body_is_signed = digest is None or digest == hashlib.sha256(request.body).hexdigest()
    if body_is_signed and hmac.compare_digest(signer.signature(string_to_sign, received), given.signature):
        return
    message = (
        f"{_MISMATCH}\n\nThe Canonical String for this request should have been\n'{canonical}'\n\n"
        f"The String-to-Sign should have been\n'{string_to_sign}'\n"
    )
    raise GatewayError(INVALID_SIGNATURE, message)


def _signed_url(request: Request, given: _Signature) -> str:
    """Return the URL as it was when it was signed: a presigned one without its signature."""
    if given.expires is None:
        return request.url
    parts = urlsplit(request.url)
    kept = [(name, value) for name, value in parse_qsl(parts.query, True) if name != "X-Amz-Signature"]  # noqa: FBT003
    return urlunsplit(parts._replace(query=urlencode(kept).replace("+", "%20")))


class _Received(SigV4Auth):
    """botocore's signer, for a request that somebody else has signed."""

    def __init__(self, credentials: Credentials, given: _Signature) -> None:
        secret = botocore.credentials.Credentials(credentials.access_key_id, credentials.secret_access_key)
        super().__init__(secret, given.service, given.region)
        self._signed_headers = given.signed_headers

    def headers_to_sign(self, request: AWSRequest) -> HTTPHeaders:
        """Return those headers that the client has signed, not those that botocore would sign."""
        headers = HTTPHeaders()
        for name in self._signed_headers:
            for value in request.headers.get_all(name, []):
                headers[name] = value
        return headers
