"""What the API function needs of HTTP: problem documents (RFC 9457), who asks, and reading a body."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Collection, Mapping
from http import HTTPStatus
from typing import Any, get_args

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEvent

from avm.contracts.json_document import json_document, not_json
from avm.domain.access import user_of
from avm.domain.account_request import Requester, Status
from avm.domain.errors import (
    AccountNotAdoptable,
    AccountNotFound,
    ApprovalNotPending,
    CallNotAllowed,
    ConcurrentChange,
    DeadLetterNotFound,
    EmailTaken,
    FieldProblem,
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
    SignatureInvalid,
    Throttled,
    VendingError,
)
from avm.domain.time import from_epoch_ms

RETRY_AFTER_SECONDS = 5
_RUN = re.compile(r"[A-Za-z0-9._-]{1,80}")
"""What an execution may be called by this machine, and nothing that leads to another key."""
DEFAULT_LIMIT = 50
MAX_LIMIT = 100
STATUSES: tuple[str, ...] = get_args(Status)

STATUS: Mapping[type[VendingError], HTTPStatus] = {
    InvalidRequest: HTTPStatus.BAD_REQUEST,
    InvalidCursor: HTTPStatus.BAD_REQUEST,
    CallNotAllowed: HTTPStatus.FORBIDDEN,
    SignatureInvalid: HTTPStatus.FORBIDDEN,
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
    status = STATUS.get(type(error), HTTPStatus.INTERNAL_SERVER_ERROR)
    more: dict[str, Any] = {"errors": error.errors()} if isinstance(error, InvalidRequest) else {}
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        more["instance"] = f"urn:uuid:{request_id}"
    again = status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS)} if again else {}
    return problem(status, error.code, str(error), error.hint, headers=headers, **more)


def no_such_call(event: APIGatewayProxyEvent) -> Response[str]:
    """Return the answer to a path or method that the API does not have."""
    detail = f"there is no {event.http_method} {event.path}"
    return problem(HTTPStatus.NOT_FOUND, "NoSuchCall", detail, "docs/api.md lists the calls")


def requester_of(event: APIGatewayProxyEvent) -> Requester:
    """Return who asks, from the signature that API Gateway has verified; of Identity Center: on behalf of its user."""
    principal = event.request_context.identity.user_arn or "unknown"
    return Requester(door="api", principal=principal, on_behalf_of=user_of(principal))


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


def raw_body(event: APIGatewayProxyEvent) -> bytes:
    """Return the bytes of the body, as they were sent; what API Gateway could not read as text never gets here."""
    body = event.body or ""
    return base64.b64decode(body) if event.is_base64_encoded else body.encode(errors="replace")


def query_of(event: APIGatewayProxyEvent, allowed: Collection[str]) -> Mapping[str, str]:
    """Return the parameters of the query; raises InvalidRequest for one that the call does not have, or a bad value."""
    query = event.query_string_parameters or {}
    problems = [
        FieldProblem(name, "is not a parameter of this call", f"one of: {', '.join(sorted(allowed))}")
        for name in sorted(set(query) - set(allowed))
    ]
    if "status" in query and query["status"] not in STATUSES:
        problems.append(FieldProblem("status", "is not a status", f"one of: {', '.join(STATUSES)}"))
    limit = query.get("limit", "1")
    if not (limit.isascii() and limit.isdigit() and 1 <= int(limit) <= MAX_LIMIT):
        problems.append(FieldProblem("limit", "is out of range", f"a whole number from 1 to {MAX_LIMIT}"))
    if problems:
        raise InvalidRequest(problems)
    return query


def run_of(event: APIGatewayProxyEvent) -> str | None:
    """Return which run is asked about, None: the latest; raises InvalidRequest for what is no id, or no parameter."""
    run = query_of(event, {"observation_id"}).get("observation_id")
    if run is not None and not _RUN.fullmatch(run):
        problem = FieldProblem("observation_id", "is not the id of a run", "as the call that began the run answered")
        raise InvalidRequest([problem])
    return run


def limit_of(query: Mapping[str, str]) -> int:
    """Return how many items a page has."""
    return int(query.get("limit", DEFAULT_LIMIT))


def _text(event: APIGatewayProxyEvent) -> str:
    try:
        return event.decoded_body or ""
    except ValueError as error:
        raise not_json("it is not text in UTF-8") from error
