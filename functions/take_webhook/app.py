"""Take signed webhooks of ticketing systems as requests.

Trigger: API Gateway (``POST /v1/webhooks/{source}``), where the stack's ``EnableWebhooks`` is true: the one call that
has no SigV4. Input and output: docs/api.md. Errors: ``application/problem+json``; a defect is logged with the
request's id and answered with 500.
"""

from functools import cache
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from avm.runtime.http import raw_body, respond, time_of
from avm.runtime.observability import logger
from avm.runtime.rest import rest_api
from avm.runtime.wiring import build_gateways
from avm.steps.gateways import Gateways
from avm.steps.take_webhook import take_webhook

app = rest_api()


@cache
def gateways() -> Gateways:
    """Return the process's gateways."""
    return build_gateways("take_webhook")


@app.post("/webhooks/<source>")
def post_webhook(source: str) -> Response[str]:
    """Accept what a ticketing system asks for: 202, the same again as well."""
    event = app.current_event
    answer = take_webhook(source, raw_body(event), event.headers, now=time_of(event), gateways=gateways())
    logger.info("webhook of %s: request %s", source, answer.request_id)
    return respond(answer.model_dump(), HTTPStatus.ACCEPTED)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Handle one HTTP request."""
    logger.structure_logs(append=False, function="take_webhook", function_request_id=context.aws_request_id)
    return app.resolve(event, context)
