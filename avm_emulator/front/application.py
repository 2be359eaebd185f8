"""Serves deployed REST APIs over HTTP: ``/_aws/execute-api/<api id>/<stage>/<path>``."""

from __future__ import annotations

import base64
import logging
import secrets
import uuid
from functools import partial
from typing import TYPE_CHECKING

from werkzeug import Response

from avm_emulator.context import Emulator
from avm_emulator.front import credentials, integration, proxy, routing, sigv4
from avm_emulator.front.errors import ACCESS_DENIED, FORBIDDEN, MISSING_TOKEN, REQUEST_TOO_LARGE, GatewayError, render
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


class ExecuteApi:
    """The WSGI application that answers for every REST API of the emulator."""

    def __init__(self, emulator: Emulator) -> None:
        """Serve what is deployed in ``emulator``."""
        self._emulator = emulator
        self._apis: dict[str, RestAPI] = {}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request; the emulated clock stands meanwhile."""
        with self._emulator.clock.activity():
            return self._answer(Request.of(environ))(environ, start_response)

    def _answer(self, request: Request) -> Response:
        request_id, extended_id = str(uuid.uuid4()), base64.b64encode(secrets.token_bytes(11)).decode()
        api_id, _, rest = request.path.partition(PREFIX)[2].lstrip("/").partition("/")
        stage_name, slash, path = rest.partition("/")
        api = self._api(api_id)
        staged = stage_of(api, stage_name) if api is not None else None
        responses: Mapping[str, GatewayResponse] = {}
        try:
            if staged is None:
                raise _nobody(api)
            responses = staged.deployed.gateway_responses
            status, headers, body = self._serve(request, staged, slash + path or "/", request_id, extended_id)
        except GatewayError as error:
            context = {"requestId": request_id, "extendedRequestId": extended_id, "stage": stage_name}
            status, given, body = render(error, responses, context)
            headers = list(given.items())
        headers += [("x-amzn-RequestId", request_id), ("x-amz-apigw-id", extended_id)]
        return Response(b"" if request.http_method == "HEAD" else body, status, headers)

    def _serve(
        self, request: Request, api: StagedApi, path: str, request_id: str, extended_id: str
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        match = routing.find(api.deployed.methods, request.http_method, path)
        if match is None:
            # a REST API tells an unknown route and an unsigned request alike
            raise GatewayError(MISSING_TOKEN, "Missing Authentication Token")
        signer = None
        if match.method.authorization == "AWS_IAM":
            signer = sigv4.verify(request, api.region, partial(credentials.find, self._emulator))
            _check_account(signer, api, request.http_method, path)
        if len(request.body) > MAXIMUM_PAYLOAD:
            raise GatewayError(REQUEST_TOO_LARGE, "Request Too Long")
        now = self._emulator.clock.now()
        exchange = proxy.Exchange(request, api, match, path, signer, now, request_id, extended_id)
        payload = integration.invoke(self._emulator, exchange, proxy.event(exchange))
        return proxy.response(payload, exchange)

    def _api(self, api_id: str) -> RestAPI | None:
        known = self._apis.get(api_id)
        if known is None:
            known = find_api(api_id)
            if known is not None:
                self._apis[api_id] = known
        return known


def _nobody(api: RestAPI | None) -> GatewayError:
    if api is None:
        # on AWS the host name of an unknown API does not even resolve
        return GatewayError(MISSING_TOKEN, "Missing Authentication Token")
    return GatewayError(FORBIDDEN, "Forbidden")


def _check_account(signer: credentials.Credentials, api: StagedApi, http_method: str, path: str) -> None:
    """Refuse callers of other accounts: without a resource policy on the API they have no access."""
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
    if signer.account_id == api.account_id:
        return
    hidden = f"********{api.account_id[-4:]}"
    resource = f"arn:aws:execute-api:{api.region}:{hidden}:{api.api_id}/{api.stage}/{http_method}{path}"
    message = f"User: {signer.user_arn} is not authorized to perform: execute-api:Invoke on resource: {resource}"
    raise GatewayError(ACCESS_DENIED, message)
