"""The API as an OpenAPI document: made from the models that read bodies and write answers, and from the errors' table.

``docs/openapi.json`` is this document, and ``GET /openapi.json`` answers it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from avm.contracts.account_plan import AccountPlan
from avm.contracts.answers import (
    Account,
    AccountPage,
    AccountRun,
    AccountTypes,
    Adoption,
    Audit,
    BreakerState,
    DeadLetterPage,
    DeadLetterView,
    DecidedProposal,
    ExceptionEnd,
    ExceptionPage,
    GatewayMessage,
    Health,
    PlanRun,
    Preflight,
    Problem,
    ProposalPage,
    RequestPage,
    Run,
    Sweep,
    SweepRun,
)
from avm.contracts.approval import Decision
from avm.contracts.exemption import BreakerBody, ExemptionBody
from avm.contracts.foundation_report import FoundationReport
from avm.contracts.json_document import MAX_BODY_BYTES
from avm.contracts.repair import Repair
from avm.contracts.report import Report
from avm.contracts.request_view import RequestView
from avm.contracts.signed_report import SignedReport
from avm.contracts.webhook import WebhookAnswer
from avm.domain import errors
from avm.domain.account_request import REQUEST_ID_PATTERN, AccountRequest
from avm.domain.errors import VendingError
from avm.domain.exemption import Exemption
from avm.runtime.http import DEFAULT_LIMIT, MAX_LIMIT, STATUS, STATUSES

_SCHEMAS = "#/components/schemas/"
_EVERYWHERE: tuple[type[VendingError], ...] = (
    errors.Throttled,
    errors.ConcurrentChange,
    errors.NotYetVisible,
    errors.ServiceUnavailable,
)
_OF_A_BODY = (errors.InvalidRequest, errors.RequestTooLarge)
_OF_A_PAGE = (errors.InvalidRequest, errors.InvalidCursor)
_TAKEN = (errors.RequestConflict, errors.NameTaken, errors.EmailTaken)
_GATEWAYS_OWN = {HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.REQUEST_ENTITY_TOO_LARGE}
"""Statuses that API Gateway answers by itself as well, before the API is asked."""


@dataclass(frozen=True)
class Call:
    """One call of the API."""

    method: str
    path: str
    summary: str
    answers: Mapping[HTTPStatus, type[BaseModel]]
    body: type[BaseModel] | str | None = None
    """A model, or the name of a schema that is made of one."""
    query: Sequence[str] = ()
    with_key: bool = False
    """Whether it takes the header Idempotency-Key."""
    errors: Iterable[type[VendingError]] = field(default_factory=tuple)
    for_all: bool = False
    """Whether everybody whom IAM admits may call it."""
    is_signed: bool = True
    """Whether it is signed with SigV4; a webhook's body has a signature of its own."""


_OK, _ACCEPTED = HTTPStatus.OK, HTTPStatus.ACCEPTED
_NO_REQUEST, _NO_ACCOUNT, _NO_REPORT = errors.RequestNotFound, errors.AccountNotFound, errors.ReportNotFound
_ADOPTION = "AdoptionRequest"
_PAYLOAD = "WebhookPayload"
_ADOPTABLE = (*_OF_A_BODY, _NO_ACCOUNT, errors.AccountNotAdoptable)

CALLS = (
    Call(
        *("POST", "/requests", "Ask for an account; the same again is the same request (200)."),
        {_OK: RequestView, _ACCEPTED: RequestView},
        body=AccountRequest,
        with_key=True,
        errors=(*_OF_A_BODY, *_TAKEN),
    ),
    Call(
        *("POST", "/requests/preflight", "Check a request as if it were posted; nothing is accepted."),
        {_OK: Preflight},
        body=AccountRequest,
        with_key=True,
        errors=(*_OF_A_BODY, *_TAKEN),
    ),
    Call(
        *("POST", "/plans", "Work out what the vend of a request would do, and why it would be refused."),
        {_ACCEPTED: PlanRun},
        body=AccountRequest,
        errors=_OF_A_BODY,
    ),
    Call("GET", "/plans/{plan_id}", "Show a plan.", {_OK: AccountPlan}, errors=(_NO_REPORT,)),
    Call(
        *("GET", "/requests", "List requests, newest first."),
        {_OK: RequestPage},
        query=("status", "type", "owner", "limit", "cursor"),
        errors=_OF_A_PAGE,
    ),
    Call("GET", "/requests/{request_id}", "Show a request.", {_OK: RequestView}, errors=(_NO_REQUEST,)),
    Call("GET", "/requests/{request_id}/audit", "Who did what, when.", {_OK: Audit}, errors=(_NO_REQUEST,)),
    Call(
        *("POST", "/requests/{request_id}/approval", "Decide about a request that waits for it."),
        {_OK: RequestView},
        body=Decision,
        errors=(*_OF_A_BODY, _NO_REQUEST, errors.ApprovalNotPending),
    ),
    Call(
        *("POST", "/requests/{request_id}/cancel", "Cancel a request before its account is created."),
        {_OK: RequestView},
        errors=(_NO_REQUEST, errors.RequestNotCancellable),
    ),
    Call(
        *("POST", "/requests/{request_id}/retry", "Try a parked or rejected request again."),
        {_ACCEPTED: RequestView},
        errors=(_NO_REQUEST, errors.RequestNotRetryable, errors.NameTaken, errors.EmailTaken),
    ),
    Call(
        *("GET", "/accounts", "List accounts, newest first."),
        {_OK: AccountPage},
        query=("limit", "cursor"),
        errors=_OF_A_PAGE,
    ),
    Call("GET", "/accounts/{account_id}", "Show an account.", {_OK: Account}, errors=(_NO_ACCOUNT, _NO_REQUEST)),
    Call(
        *("GET", "/accounts/{account_id}/report", "What each control was last found to be."),
        {_OK: Report},
        query=("observation_id",),
        errors=(errors.InvalidRequest, _NO_ACCOUNT, _NO_REQUEST, _NO_REPORT),
    ),
    Call(
        *("GET", "/accounts/{account_id}/signed-report", "The report as it was signed, with what verifies it."),
        {_OK: SignedReport},
        query=("observation_id",),
        errors=(errors.InvalidRequest, _NO_ACCOUNT, _NO_REQUEST, _NO_REPORT),
    ),
    Call(
        *("GET", "/accounts/{account_id}/drift", "Which controls were last found untrue."),
        {_OK: Report},
        query=("observation_id",),
        errors=(errors.InvalidRequest, _NO_ACCOUNT, _NO_REQUEST, _NO_REPORT),
    ),
    Call(
        *("POST", "/accounts/{account_id}/observations", "Look at all controls of an account."),
        {_ACCEPTED: AccountRun},
        errors=(*_OF_A_BODY, _NO_ACCOUNT),
    ),
    Call(
        *("POST", "/accounts/{account_id}/repair", "Make controls of an account true."),
        {_ACCEPTED: AccountRun},
        body=Repair,
        errors=(*_OF_A_BODY, _NO_ACCOUNT),
    ),
    Call(
        *("POST", "/accounts/{account_id}/adoption", "Bring an account of the organization under the machine."),
        {_OK: RequestView, _ACCEPTED: RequestView},
        body=_ADOPTION,
        with_key=True,
        errors=(*_ADOPTABLE, *_TAKEN),
    ),
    Call(
        *("POST", "/accounts/{account_id}/adoption/plan", "Work out what an adoption would change."),
        {_ACCEPTED: AccountRun},
        body=_ADOPTION,
        errors=_ADOPTABLE,
    ),
    Call(
        *("GET", "/accounts/{account_id}/adoption", "The request that adopts an account, and the latest plan."),
        {_OK: Adoption},
        errors=(_NO_REPORT,),
    ),
    Call(
        *("GET", "/accounts/{account_id}/exceptions", "Which controls of an account may be untrue."),
        {_OK: ExceptionPage},
        errors=(_NO_ACCOUNT,),
    ),
    Call(
        *("POST", "/accounts/{account_id}/exceptions", "Let a control of an account be untrue for a while."),
        {_OK: Exemption},
        body=ExemptionBody,
        errors=(*_OF_A_BODY, _NO_ACCOUNT),
    ),
    Call(
        *("DELETE", "/accounts/{account_id}/exceptions/{control}", "End an exception."),
        {_OK: ExceptionEnd},
        errors=(_NO_ACCOUNT,),
    ),
    Call("POST", "/sweeps", "Look at every control of all accounts.", {_ACCEPTED: SweepRun}, errors=_OF_A_BODY),
    Call(
        *("GET", "/sweeps/{sweep_id}", "What a sweep has found; `latest`: the one that ended last."),
        {_OK: Sweep},
        errors=(_NO_REPORT,),
    ),
    Call("GET", "/proposals", "Proposed repairs that wait for a decision.", {_OK: ProposalPage}),
    Call(
        *("POST", "/proposals/{observation_id}/approval", "Decide about a proposed repair."),
        {_OK: DecidedProposal},
        body=Decision,
        errors=(*_OF_A_BODY, errors.ApprovalNotPending),
    ),
    Call("GET", "/breaker", "Which repairs are stopped.", {_OK: BreakerState}),
    Call("POST", "/breaker/stop", "Stop repairs.", {_OK: BreakerState}, body=BreakerBody, errors=_OF_A_BODY),
    Call("POST", "/breaker/reset", "Let repairs go on.", {_OK: BreakerState}, body=BreakerBody, errors=_OF_A_BODY),
    Call(
        *("GET", "/foundation", "What the foundation was last found to be."),
        {_OK: FoundationReport},
        query=("observation_id",),
        errors=(errors.InvalidRequest, _NO_REPORT),
    ),
    Call("POST", "/foundation/plan", "Work out what an apply would do.", {_ACCEPTED: Run}),
    Call("POST", "/foundation/apply", "Bring the foundation up to the catalog.", {_ACCEPTED: Run}),
    Call(
        *("GET", "/dead-letters", "Messages that could not be taken, newest first; 500 at most."),
        {_OK: DeadLetterPage},
        errors=(errors.InvalidRequest,),
    ),
    Call(
        *("POST", "/dead-letters/{message_id}/replay", "Send a message back to its queue."),
        {_ACCEPTED: DeadLetterView},
        errors=(errors.DeadLetterNotFound,),
    ),
    Call(
        *("POST", "/webhooks/{source}", "A ticketing system asks for an account, where EnableWebhooks is true."),
        {_ACCEPTED: WebhookAnswer},
        body=_PAYLOAD,
        errors=(*_OF_A_BODY, *_TAKEN, errors.SignatureInvalid),
        for_all=True,
        is_signed=False,
    ),
    Call("GET", "/account-types", "What can be asked for.", {_OK: AccountTypes}, for_all=True),
    Call("GET", "/health", "Whether the API can do its work.", {_OK: Health}, for_all=True),
    Call("GET", "/openapi.json", "This document.", {}, for_all=True),
)
"""Every call; a test compares them with the routes."""


def openapi_document() -> dict[str, Any]:
    """Return the document, OpenAPI 3.1."""
    paths: dict[str, dict[str, Any]] = {}
    for call in CALLS:
        paths.setdefault(call.path, {})[call.method.lower()] = _operation(call)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Account vending machine",
            "version": "1",
            "description": "Calls are signed with SigV4 for execute-api, webhooks as the catalog says. Bodies have "
            f"{MAX_BODY_BYTES} bytes at most. docs/api.md says what the fields mean and who may call what.",
        },
        "servers": [{"url": "/v1"}],
        "security": [{"sigv4": []}],
        "paths": paths,
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {
                "sigv4": {
                    "type": "apiKey",
                    "name": "Authorization",
                    "in": "header",
                    "x-amazon-apigateway-authtype": "awsSigv4",
                }
            },
        },
    }


def _operation(call: Call) -> dict[str, Any]:
    operation: dict[str, Any] = {"operationId": _operation_id(call), "summary": call.summary}
    if parameters := [*_path_parameters(call.path), *map(_query_parameter, call.query), *_key(call)]:
        operation["parameters"] = parameters
    if call.body is not None:
        name = call.body if isinstance(call.body, str) else call.body.__name__
        content = {"application/json": {"schema": {"$ref": _SCHEMAS + name}}}
        operation["requestBody"] = {"required": True, "content": content}
    if not call.is_signed:
        operation["security"] = []
    answers = {str(status.value): _answer(status, model) for status, model in call.answers.items()}
    if not call.answers:
        answers["200"] = {"description": "OK", "content": {"application/json": {"schema": {"type": "object"}}}}
    operation["responses"] = {**answers, **_refusals(call)}
    return operation


def _operation_id(call: Call) -> str:
    words = [part.strip("{}").replace("-", "_").removesuffix(".json") for part in call.path.split("/") if part]
    return "_".join((call.method.lower(), *(f"by_{word}" if word.endswith("_id") else word for word in words)))


def _path_parameters(path: str) -> list[dict[str, Any]]:
    names = [part.strip("{}") for part in path.split("/") if part.startswith("{")]
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]


def _query_parameter(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    if name == "limit":
        schema = {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}
    elif name == "status":
        schema = {"enum": list(STATUSES)}
    return {"name": name, "in": "query", "schema": schema}


def _key(call: Call) -> list[dict[str, Any]]:
    schema = {"type": "string", "pattern": REQUEST_ID_PATTERN}
    return [{"name": "Idempotency-Key", "in": "header", "schema": schema}] if call.with_key else []


def _answer(status: HTTPStatus, model: type[BaseModel]) -> dict[str, Any]:
    schema = {"$ref": _SCHEMAS + model.__name__}
    return {"description": status.phrase, "content": {"application/json": {"schema": schema}}}


def _refusals(call: Call) -> dict[str, Any]:
    """Return the problems of each status, with the codes that can come, and those of API Gateway."""
    codes: dict[HTTPStatus, set[str]] = {HTTPStatus.FORBIDDEN: set(), HTTPStatus.TOO_MANY_REQUESTS: set()}
    allowed = () if call.for_all else (errors.CallNotAllowed,)
    for error in (*allowed, *_EVERYWHERE, *call.errors):
        codes.setdefault(STATUS[error], set()).add(error.__name__)
    found = {str(status.value): _refusal(status, codes[status]) for status in sorted(codes)}
    found["500"] = {"description": "A defect, or something for an operator.", "content": _problem({})}
    message = {"application/json": {"schema": {"$ref": _SCHEMAS + GatewayMessage.__name__}}}
    for status in (HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT):
        found[str(status.value)] = {"description": f"API Gateway: {status.phrase}", "content": message}
    return found


def _refusal(status: HTTPStatus, codes: set[str]) -> dict[str, Any]:
    content: dict[str, Any] = {}
    if codes:
        limits = {"status": {"const": status.value}, "code": {"enum": sorted(codes)}}
        content |= _problem({"properties": limits})
    if status in _GATEWAYS_OWN:
        content["application/json"] = {"schema": {"$ref": _SCHEMAS + GatewayMessage.__name__}}
    answer: dict[str, Any] = {"description": status.phrase, "content": content}
    if status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
        schema = {"type": "integer"}
        answer["headers"] = {"Retry-After": {"description": "Seconds to wait.", "required": True, "schema": schema}}
    return answer


def _problem(limits: Mapping[str, Any]) -> dict[str, Any]:
    return {"application/problem+json": {"schema": {"$ref": _SCHEMAS + Problem.__name__, **limits}}}


def _schemas() -> dict[str, Any]:
    answers: dict[str, type[BaseModel]] = {model.__name__: model for model in (Problem, GatewayMessage)}
    answers |= {model.__name__: model for call in CALLS for model in call.answers.values()}
    bodies = {call.body.__name__: call.body for call in CALLS if isinstance(call.body, type)}
    pairs: list[Any] = [(model, "serialization") for _, model in sorted(answers.items())]
    pairs += [(model, "validation") for _, model in sorted(bodies.items())]
    _, made = models_json_schema(pairs, ref_template=_SCHEMAS + "{model}")
    schemas: dict[str, Any] = made["$defs"]
    adoption = {**schemas[AccountRequest.__name__], "title": _ADOPTION}
    own = {"name", "email"}
    adoption["properties"] = {name: each for name, each in adoption["properties"].items() if name not in own}
    adoption["required"] = [name for name in adoption["required"] if name not in own]
    payload = {"title": _PAYLOAD, "description": "What the source sends; its file in the catalog says what it means."}
    return dict(sorted({**schemas, _ADOPTION: adoption, _PAYLOAD: payload}.items()))
