"""Runs the function behind a method, in process, by the path that ``lambda:Invoke`` takes."""

from __future__ import annotations

import json
import logging
from concurrent.futures import Future
from typing import Any

from moto.awslambda.models import lambda_backends
from moto.core.exceptions import JsonRESTError
from moto.iam.models import iam_backends
from moto.utilities.utils import get_partition

from avm_emulator.context import Emulator
from avm_emulator.errors import AwsError
from avm_emulator.front.errors import CONFIGURATION, MALFORMED_RESPONSE, REQUEST_TOO_LARGE, TIMEOUT, GatewayError
from avm_emulator.front.proxy import Exchange
from avm_emulator.functions.permissions import Request, allows

log = logging.getLogger(__name__)

_CALLER = "arn:aws:iam::*:user/*"
"""As credentials of an integration: those of the caller (what SAM writes for AWS_IAM unless InvokeRole says NONE)."""
_PRINCIPAL = "apigateway.amazonaws.com"


def invoke(emulator: Emulator, exchange: Exchange, event: dict[str, Any]) -> bytes:
    """Return what the function answers.

    Raises:
        GatewayError: 500 the function is missing, may not be invoked or is throttled; 502 it failed; 504 it takes too
            long; 413 the event is larger than Lambda takes.

    """
    function = _function(exchange)
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


def _function(exchange: Exchange) -> Any:
    arn = exchange.match.method.function_arn
    _, _, _, region, account_id, _, name, *qualifier = arn.split(":")
    backend = lambda_backends[account_id][region]
    try:
        function = backend.get_function(name, qualifier[0] if qualifier else None)
    except JsonRESTError as error:
        log.warning("%s %s: %s", exchange.api.api_id, exchange.match.method.resource_path, error)
        raise _misconfigured() from error
    if not _is_permitted(exchange, arn, function.policy.statements):
        log.warning("API %s has no permission to invoke %s", exchange.api.api_id, arn)
        raise _misconfigured()
    return function


def _is_permitted(exchange: Exchange, arn: str, statements: list[dict[str, Any]]) -> bool:
    credentials, api = exchange.match.method.credentials, exchange.api
    partition = get_partition(api.region)
    if credentials == _CALLER:
        return True  # the caller's own identity policies decide, which are not evaluated here
    if credentials is not None:
        role = iam_backends[api.account_id][partition].get_role_by_arn(credentials)
        trust = json.loads(role.assume_role_policy_document)
        return allows(trust, Request(_PRINCIPAL, "sts:AssumeRole", credentials))
    source = (
        f"arn:{partition}:execute-api:{api.region}:{api.account_id}:{api.api_id}/{api.stage}/"
        f"{exchange.request.http_method}{exchange.match.method.resource_path}"
    )
    context = {"aws:SourceArn": source, "aws:SourceAccount": api.account_id}
    return allows({"Statement": statements}, Request(_PRINCIPAL, "lambda:InvokeFunction", arn, context))


def _misconfigured() -> GatewayError:
    # "Execution failed due to configuration error" in API Gateway's log, a bare 500 to the client
    return GatewayError(CONFIGURATION, "Internal server error")
