"""Serves deployed REST APIs over HTTP: ``/_aws/execute-api/<api id>/<stage>/<path>``."""

from __future__ import annotations

import base64
import logging
import secrets
import uuid
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from werkzeug import Response

from avm_emulator.context import Emulator
from avm_emulator.front import access, credentials, integration, proxy, routing, sigv4
from avm_emulator.front.errors import FORBIDDEN, MISSING_TOKEN, REQUEST_TOO_LARGE, GatewayError, render
from avm_emulator.front.request import Request
from avm_emulator.front.rest_apis import GatewayResponse, StagedApi, find_api, stage_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from _typeshed.wsgi import StartResponse, WSGIEnvironment
    from moto.apigateway.models import RestAPI

log = logging.getLogger(__name__)

PREFIX = "/_aws/execute-api"
MAXIMUM_PAYLOAD = 10 * 1024 * 1024
"""Bytes of a request's body (API Gateway quotas)."""


@dataclass
class _Call:
    """One request while it is answered."""

    request_id: str
    extended_id: str
    time: float
    """When it arrived: AWS epoch seconds."""
    signer: credentials.Credentials | None = None
    error: str | None = None
    """Type of the error that API Gateway answers by itself."""


class ExecuteApi:
    """The WSGI application that answers for every REST API of the emulator."""

    def __init__(self, emulator: Emulator) -> None:
        """Serve what is deployed in ``emulator``."""
        self._emulator = emulator

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request. The caller holds an activity of the clock."""
        return self._answer(Request.of(environ))(environ, start_response)

    def _answer(self, request: Request) -> Response:
        call = _Call(str(uuid.uuid4()), base64.b64encode(secrets.token_bytes(11)).decode(), self._emulator.clock.now())
        api_id, _, rest = request.path.partition(PREFIX)[2].lstrip("/").partition("/")
        stage_name, slash, path = rest.partition("/")
        api = find_api(api_id)
        staged = stage_of(api, stage_name) if api is not None else None
        responses: Mapping[str, GatewayResponse] = {}
        try:
            if staged is None:
                raise _nobody(api)
            responses = staged.deployed.gateway_responses
            status, headers, body = self._serve(request, staged, slash + path or "/", call)
        except GatewayError as error:
            call.error = error.kind.code
            context = {
                "requestId": call.request_id,
                "extendedRequestId": call.extended_id,
                "apiId": api_id,
                "stage": stage_name,
                "httpMethod": request.http_method,
                "path": f"/{rest}",
                "identity.sourceIp": request.source_ip,
                "identity.userAgent": request.headers.get("User-Agent", ""),
            }
            status, given, body = render(error, responses, context)
            headers = list(given.items())
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            self._emulator.stuck.failed()
        self._record(request, call, f"/{rest}", staged)
        headers += [("x-amzn-RequestId", call.request_id), ("x-amz-apigw-id", call.extended_id)]
        return Response(b"" if request.http_method == "HEAD" else body, status, headers)

    def _serve(
        self, request: Request, api: StagedApi, path: str, call: _Call
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        match = routing.find(api.deployed.methods, request.http_method, path)
        if match is None:
            # a REST API tells an unknown route and an unsigned request alike
            raise GatewayError(MISSING_TOKEN, "Missing Authentication Token")
        asker = None
        if match.method.authorization == "AWS_IAM":
            call.signer = sigv4.verify(request, api.region, partial(credentials.find, self._emulator))
            asker = access.asker_of(self._emulator, call.signer, request, api.region, call.time)
            access.check(self._emulator, asker, api, request.http_method, path)
        else:
            access.check_anybody(api, request, request.http_method, path)
        if len(request.body) > MAXIMUM_PAYLOAD:
            raise GatewayError(REQUEST_TOO_LARGE, "Request Too Long")
        exchange = proxy.Exchange(request, api, match, path, call.signer, call.time, call.request_id, call.extended_id)
        payload = integration.invoke(self._emulator, exchange, asker, proxy.event(exchange))
        return proxy.response(payload, exchange)

    def _record(self, request: Request, call: _Call, path: str, api: StagedApi | None) -> None:
        self._emulator.calls.append(
            time=call.time,
            service="execute-api",
            operation=f"{request.http_method} {path}",
            account=call.signer.account_id if call.signer else "anonymous",
            region=api.region if api else self._emulator.region,
            principal=call.signer.user_arn if call.signer else "anonymous",
            request_id=call.request_id,
            error=call.error,
            mutating=False,  # what it leads to is recorded by itself
            own=False,
            source=request.headers.get("User-Agent", "unknown").split("/")[0],
        )


def _nobody(api: RestAPI | None) -> GatewayError:
    if api is None:
        # on AWS the host name of an unknown API does not even resolve
        return GatewayError(MISSING_TOKEN, "Missing Authentication Token")
    return GatewayError(FORBIDDEN, "Forbidden")
