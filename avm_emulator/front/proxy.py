"""Lambda proxy integration, payload format 1.0: the event of a request, and the response of what a function returns.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from avm_emulator.front.credentials import Credentials
from avm_emulator.front.errors import CONFIGURATION, MALFORMED_RESPONSE, GatewayError
from avm_emulator.front.request import Request
from avm_emulator.front.rest_apis import StagedApi
from avm_emulator.front.routing import Match

_RESPONSE_FIELDS = {"statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"}
# "Important notes" of the developer guide: Authorization is dropped if AWS_IAM is used; the others are hop-by-hop or
# answered by API Gateway itself
_DROPPED_REQUEST_HEADERS = {"authorization", "connection", "content-length", "transfer-encoding"}
_DROPPED_RESPONSE_HEADERS = {"content-length", "transfer-encoding"}
_REMAPPED_RESPONSE_HEADERS = {"authorization", "connection", "date", "server", "www-authenticate"}


@dataclass(frozen=True)
class Exchange:
    """One request on its way through an API."""

    request: Request
    api: StagedApi
    match: Match
    path: str
    """Without the stage."""
    credentials: Credentials | None
    """Who signed; None for a method without authorization."""
    time: float
    """AWS epoch seconds."""
    request_id: str
    extended_request_id: str


def event(exchange: Exchange) -> dict[str, Any]:
    """Return the event that the function gets."""
    request, binary = exchange.request, exchange.api.deployed.binary_media_types
    headers = [(name, value) for name, value in _request_headers(request) if value is not None]
    is_binary = bool(request.body) and _matches(request.headers.get("Content-Type"), binary)
    body = base64.b64encode(request.body).decode() if is_binary else request.body.decode("utf-8", "replace")
    query = {name: values for name, values in request.query_values.items() if not _is_presigning(name)}
    multi_headers: dict[str, list[str]] = {}
    for name, value in headers:
        multi_headers.setdefault(name, []).append(value)
    return {
        "resource": exchange.match.method.resource_path,
        "path": exchange.path,
        "httpMethod": request.http_method,
        "headers": {name: values[-1] for name, values in multi_headers.items()} or None,
        "multiValueHeaders": multi_headers or None,
        "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
        "multiValueQueryStringParameters": query or None,
        "pathParameters": exchange.match.path_parameters or None,
        "stageVariables": dict(exchange.api.variables) or None,
        "requestContext": request_context(exchange),
        "body": body or None,
        "isBase64Encoded": is_binary,
    }


def request_context(exchange: Exchange) -> dict[str, Any]:
    """Return the event's ``requestContext``."""
    request, api, method = exchange.request, exchange.api, exchange.match.method
    moment = datetime.fromtimestamp(exchange.time, UTC)
    domain = f"{api.api_id}.execute-api.{api.region}.amazonaws.com"
    return {
        "resourceId": method.resource_id,
        "resourcePath": method.resource_path,
        "httpMethod": request.http_method,
        "extendedRequestId": exchange.extended_request_id,
        "requestTime": moment.strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "path": f"/{api.stage}{exchange.path}",
        "accountId": api.account_id,
        "protocol": request.protocol,
        "stage": api.stage,
        "domainPrefix": api.api_id,
        "requestTimeEpoch": int(exchange.time * 1000),
        "requestId": exchange.request_id,
        "identity": _identity(request, exchange.credentials),
        "domainName": domain,
        "deploymentId": api.deployment_id,
        "apiId": api.api_id,
    }


def response(payload: bytes, exchange: Exchange) -> tuple[int, list[tuple[str, str]], bytes]:
    """Return status, headers and body that the function's result means.

    Raises:
        GatewayError: 502, the result is not of the form that API Gateway takes.

    """
    answer = _parsed(payload)
    status = _status(answer.get("statusCode"))
    body = answer.get("body")
    if not isinstance(body, str | None):
        raise _malformed()
    content = (body or "").encode()
    if answer.get("isBase64Encoded") and _accepts_binary(exchange):
        try:
            content = base64.b64decode(content, validate=True)
        except binascii.Error as error:
            raise GatewayError(CONFIGURATION, "Internal server error") from error
    headers = _response_headers(answer)
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("Content-Type", "application/json"))
    return status, headers, content


def _request_headers(request: Request) -> Iterable[tuple[str, str | None]]:
    yield from ((name, value) for name, value in request.header_items if name.lower() not in _DROPPED_REQUEST_HEADERS)
    yield "X-Forwarded-For", request.source_ip
    yield "X-Forwarded-Port", "443"
    yield "X-Forwarded-Proto", "https"


def _identity(request: Request, credentials: Credentials | None) -> dict[str, Any]:
    return {
        "cognitoIdentityPoolId": None,
        "cognitoIdentityId": None,
        "cognitoAuthenticationType": None,
        "cognitoAuthenticationProvider": None,
        "principalOrgId": None,
        "accountId": credentials and credentials.account_id,
        "accessKey": credentials and credentials.access_key_id,
        "caller": credentials and credentials.user_id,
        "user": credentials and credentials.user_id,
        "userArn": credentials and credentials.user_arn,
        "sourceIp": request.source_ip,
        "userAgent": request.headers.get("User-Agent"),
    }


def _is_presigning(name: str) -> bool:
    return name.startswith("X-Amz-") and name[6:] in (
        "Algorithm",
        "Credential",
        "Date",
        "Expires",
        "SignedHeaders",
        "Signature",
        "Security-Token",
    )


def _matches(content_type: str | None, media_types: Iterable[str]) -> bool:
    plain = (content_type or "").split(";")[0].strip().lower()
    kind = plain.partition("/")[0]
    return any(one.lower() in (plain, f"{kind}/*", "*/*") for one in media_types)


def _accepts_binary(exchange: Exchange) -> bool:
    # only the first media type of Accept counts ("Return binary media from a Lambda proxy integration")
    first = exchange.request.headers.get("Accept", "").split(",")[0]
    return _matches(first, exchange.api.deployed.binary_media_types)


def _parsed(payload: bytes) -> Mapping[str, Any]:
    try:
        answer = json.loads(payload)
    except ValueError as error:
        raise _malformed() from error
    # no field is mandatory, but there can be no other
    if not isinstance(answer, dict) or not set(answer) <= _RESPONSE_FIELDS:
        raise _malformed()
    return answer


def _status(given: Any) -> int:
    try:
        status = int(given if given is not None else 200)
    except (TypeError, ValueError) as error:
        raise _malformed() from error
    if not 100 <= status < 600:  # noqa: PLR2004  what HTTP knows
        raise _malformed()
    return status


def _response_headers(answer: Mapping[str, Any]) -> list[tuple[str, str]]:
    single, multi = answer.get("headers") or {}, answer.get("multiValueHeaders") or {}
    if not isinstance(single, dict) or not isinstance(multi, dict):
        raise _malformed()
    # both are merged; where both have a name, the list counts
    merged = {**{name: [value] for name, value in single.items()}, **multi}
    headers = []
    for name, values in merged.items():
        if not isinstance(values, list):
            raise _malformed()
        if name.lower() in _DROPPED_RESPONSE_HEADERS:
            continue
        shown = f"x-amzn-Remapped-{name}" if name.lower() in _REMAPPED_RESPONSE_HEADERS else name
        headers += [(shown, _header_text(value)) for value in values]
    return headers


def _header_text(value: Any) -> str:
    if isinstance(value, dict | list):
        raise _malformed()
    return str(value).lower() if isinstance(value, bool) else str(value)


def _malformed() -> GatewayError:
    return GatewayError(MALFORMED_RESPONSE, "Internal server error")
