"""Runs the function behind a method, in process, by the path that ``lambda:Invoke`` takes."""

from __future__ import annotations

import json
import logging
from concurrent.futures import Future
from typing import Any

from moto.awslambda.models import lambda_backends
from moto.core.exceptions import JsonRESTError
from moto.utilities.utils import get_partition

from avm_emulator.authorization.judge import Asker, request_of
from avm_emulator.authorization.resource_policies import owner_of, policy_of
from avm_emulator.authorization.services import role_may, service_may
from avm_emulator.context import Emulator
from avm_emulator.errors import AwsError
from avm_emulator.front.errors import CONFIGURATION, MALFORMED_RESPONSE, REQUEST_TOO_LARGE, TIMEOUT, GatewayError
from avm_emulator.front.proxy import Exchange

log = logging.getLogger(__name__)

_CALLER = "arn:aws:iam::*:user/*"
"""As credentials of an integration: those of the caller (what SAM writes for AWS_IAM unless InvokeRole says NONE)."""
_PRINCIPAL = "apigateway.amazonaws.com"
_INVOKE = "lambda:InvokeFunction"
_SESSION = "BackplaneAssumeRoleSession"


def invoke(emulator: Emulator, exchange: Exchange, asker: Asker | None, event: dict[str, Any]) -> bytes:
    """Return what the function answers; ``asker``: who signed, None for a method without authorization.

    Raises:
        GatewayError: 500 the function is missing, may not be invoked or is throttled; 502 it failed; 504 it takes too
            long; 413 the event is larger than Lambda takes.

    """
    function = _function(emulator, exchange, asker)
    payload = json.dumps(event).encode()
    result: Future[tuple[bytes, bool]] = Future()

    def run() -> None:
        headers: dict[str, str] = {}
        try:
            answer = function.invoke(payload, {"x-amz-invocation-type": "RequestResponse"}, headers)
        except Exception as error:  # noqa: BLE001  handed to the thread that waits
            result.set_exception(error)
        else:
            result.set_result((answer, "x-amz-function-error" in headers))

    name = f"{exchange.request.http_method} {exchange.path}"
    emulator.clock.submit(run, name=name, waiter=emulator.clock.activity_here)
    try:
        answer, failed = result.result(exchange.match.method.timeout)
    except TimeoutError as error:
        raise GatewayError(TIMEOUT, "Endpoint request timed out") from error
    except AwsError as error:
        log.warning("%s was not invoked: %s", exchange.match.method.function_arn, error)
        if error.code == "RequestTooLargeException":
            raise GatewayError(REQUEST_TOO_LARGE, "Request Too Long") from error
        raise _misconfigured() from error
    if failed:
        raise GatewayError(MALFORMED_RESPONSE, "Internal server error")
    return answer


def _function(emulator: Emulator, exchange: Exchange, asker: Asker | None) -> Any:
    arn = exchange.match.method.function_arn
    _, _, _, region, account_id, _, name, *qualifier = arn.split(":")
    backend = lambda_backends[account_id][region]
    try:
        function = backend.get_function(name, qualifier[0] if qualifier else None)
    except JsonRESTError as error:
        log.warning("%s %s: %s", exchange.api.api_id, exchange.match.method.resource_path, error)
        raise _misconfigured() from error
    if not _is_permitted(emulator, exchange, asker, arn):
        log.warning("API %s has no permission to invoke %s", exchange.api.api_id, arn)
        raise _misconfigured()
    return function


def _is_permitted(emulator: Emulator, exchange: Exchange, asker: Asker | None, arn: str) -> bool:
    credentials, api = exchange.match.method.credentials, exchange.api
    if credentials == _CALLER:
        if asker is None:
            return False
        wanted = request_of(asker, _INVOKE, arn, owner_of(arn, asker.account), {})
        return emulator.judge.decide(asker, wanted, policy_of(_INVOKE, arn)).allowed
    if credentials is not None:
        is_assumable = service_may(_PRINCIPAL, "sts:AssumeRole", credentials)
        return is_assumable and role_may(credentials, _SESSION, api.region, (_INVOKE, arn), {})
    source = (
        f"arn:{get_partition(api.region)}:execute-api:{api.region}:{api.account_id}:{api.api_id}/{api.stage}/"
        f"{exchange.request.http_method}{exchange.match.method.resource_path}"
    )
    return service_may(_PRINCIPAL, _INVOKE, arn, {"aws:SourceArn": source, "aws:SourceAccount": api.account_id})


def _misconfigured() -> GatewayError:
    # "Execution failed due to configuration error" in API Gateway's log, a bare 500 to the client
    return GatewayError(CONFIGURATION, "Internal server error")
