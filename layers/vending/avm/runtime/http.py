"""What the API function needs of HTTP: problem documents (RFC 9457), who asks, and reading a body."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent

from avm.contracts.json_document import json_document, not_json
from avm.domain.account_request import Requester
from avm.domain.errors import (
    AccountNotAdoptable,
    AccountNotFound,
    ApprovalNotPending,
    ConcurrentChange,
    DeadLetterNotFound,
    EmailTaken,
    InvalidCursor,
    InvalidRequest,
    NameTaken,
    NotYetVisible,
    ReportNotFound,
    RequestConflict,
    RequestNotCancellable,
    RequestNotFound,
    RequestNotRetryable,
    RequestTooLarge,
    ServiceUnavailable,
    Throttled,
    VendingError,
)
from avm.domain.time import from_epoch_ms

RETRY_AFTER_SECONDS = 5

_STATUS: Mapping[type[VendingError], HTTPStatus] = {
    InvalidRequest: HTTPStatus.BAD_REQUEST,
    InvalidCursor: HTTPStatus.BAD_REQUEST,
    RequestNotFound: HTTPStatus.NOT_FOUND,
    AccountNotFound: HTTPStatus.NOT_FOUND,
    DeadLetterNotFound: HTTPStatus.NOT_FOUND,
    ReportNotFound: HTTPStatus.NOT_FOUND,
    RequestConflict: HTTPStatus.CONFLICT,
    AccountNotAdoptable: HTTPStatus.CONFLICT,
    NameTaken: HTTPStatus.CONFLICT,
    EmailTaken: HTTPStatus.CONFLICT,
    ApprovalNotPending: HTTPStatus.CONFLICT,
    RequestNotCancellable: HTTPStatus.CONFLICT,
    RequestNotRetryable: HTTPStatus.CONFLICT,
    RequestTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Throttled: HTTPStatus.TOO_MANY_REQUESTS,
    ConcurrentChange: HTTPStatus.SERVICE_UNAVAILABLE,
    NotYetVisible: HTTPStatus.SERVICE_UNAVAILABLE,
    ServiceUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}


def respond(body: object, status: HTTPStatus = HTTPStatus.OK) -> Response[str]:
    """Return ``body`` as JSON."""
    return Response(status_code=status.value, content_type="application/json", body=json.dumps(body))


def problem(
    status: HTTPStatus, code: str, detail: str, hint: str, *, headers: Mapping[str, str] | None = None, **more: Any
) -> Response[str]:
    """Return ``application/problem+json`` with ``type title status detail code hint`` and what ``more`` there is."""
    document = {
        "type": f"urn:avm:problem:{code}",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
        "code": code,
        "hint": hint,
        **more,
    }
    return Response(
        status_code=status.value,
        content_type="application/problem+json",
        body=json.dumps(document),
        headers=dict(headers or {}),
    )


def problem_of(error: VendingError, request_id: str) -> Response[str]:
    """Return the problem document of a domain error; ``request_id``: of the HTTP request, for the log."""
    status = _STATUS.get(type(error), HTTPStatus.INTERNAL_SERVER_ERROR)
    more: dict[str, Any] = {"errors": error.errors()} if isinstance(error, InvalidRequest) else {}
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        more["instance"] = f"urn:uuid:{request_id}"
    again = status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS)} if again else {}
    return problem(status, error.code, str(error), error.hint, headers=headers, **more)


def requester_of(event: APIGatewayProxyEvent) -> Requester:
    """Return who asks, from the signature that API Gateway has verified.

    A session of an Identity Center role (``AWSReservedSSO_…``) is named after its user: on behalf of that user.
    """
    principal = event.request_context.identity.user_arn or "unknown"
    parts = principal.rpartition(":")[2].split("/")
    is_person = parts[:1] == ["assumed-role"] and parts[1].startswith("AWSReservedSSO_")
    return Requester(door="api", principal=principal, on_behalf_of=parts[-1] if is_person else None)


def time_of(event: APIGatewayProxyEvent) -> str:
    """Return when API Gateway got the request, ISO 8601."""
    return from_epoch_ms(event.request_context.request_time_epoch)


def json_body(event: APIGatewayProxyEvent) -> object:
    """Return the decoded body; raises RequestTooLarge, and InvalidRequest for what is not one plain JSON document."""
    return json_document(_text(event))


def optional_json_body(event: APIGatewayProxyEvent) -> object:
    """Return the decoded body, that of a call without one being an empty object; raises what ``json_body`` does."""
    text = _text(event)
    return json_document(text) if text else {}


def _text(event: APIGatewayProxyEvent) -> str:
    try:
        return event.decoded_body or ""
    except ValueError as error:
        raise not_json("it is not text in UTF-8") from error
