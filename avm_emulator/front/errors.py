"""What API Gateway answers by itself: its error types and the gateway responses that shape them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from avm_emulator.front.rest_apis import GatewayResponse

_VARIABLE = re.compile(r"\$(?:context\.([A-Za-z.]+)|\{context\.([A-Za-z.]+)\})")
_DEFAULT_TEMPLATE = '{"message":$context.error.messageString}'


@dataclass(frozen=True)
class ErrorType:
    """A type of gateway response, with its default status and the header ``x-amzn-errortype``.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
    """

    name: str
    status: int
    code: str


MISSING_TOKEN = ErrorType("MISSING_AUTHENTICATION_TOKEN", 403, "MissingAuthenticationTokenException")
INVALID_SIGNATURE = ErrorType("INVALID_SIGNATURE", 403, "InvalidSignatureException")
INCOMPLETE_SIGNATURE = ErrorType("INVALID_SIGNATURE", 403, "IncompleteSignatureException")
EXPIRED_TOKEN = ErrorType("EXPIRED_TOKEN", 403, "ExpiredTokenException")
UNKNOWN_CLIENT = ErrorType("DEFAULT_4XX", 403, "UnrecognizedClientException")
ACCESS_DENIED = ErrorType("ACCESS_DENIED", 403, "AccessDeniedException")
FORBIDDEN = ErrorType("ACCESS_DENIED", 403, "ForbiddenException")
REQUEST_TOO_LARGE = ErrorType("REQUEST_TOO_LARGE", 413, "RequestTooLargeException")
CONFIGURATION = ErrorType("API_CONFIGURATION_ERROR", 500, "InternalServerErrorException")
MALFORMED_RESPONSE = ErrorType("DEFAULT_5XX", 502, "InternalServerErrorException")
TIMEOUT = ErrorType("INTEGRATION_TIMEOUT", 504, "InternalServerErrorException")


class GatewayError(Exception):
    """API Gateway answers by itself instead of with what a function returns."""

    def __init__(self, kind: ErrorType, message: str) -> None:
        """``message``: what the client reads."""
        super().__init__(message)
        self.kind = kind
        self.message = message


def render(
    error: GatewayError, configured: Mapping[str, GatewayResponse], context: Mapping[str, str]
) -> tuple[int, dict[str, str], bytes]:
    """Return status, headers and body of an error, shaped by the API's gateway responses.

    ``context``: values of ``$context`` by name. Without a response of its own type an error falls back to
    DEFAULT_4XX or DEFAULT_5XX.
    """
    kind = error.kind
    fallback = configured.get("DEFAULT_5XX" if kind.status >= 500 else "DEFAULT_4XX", GatewayResponse())  # noqa: PLR2004
    response = configured.get(kind.name, fallback)
    values = {
        **context,
        "error.message": error.message,
        "error.messageString": json.dumps(error.message),
        "error.responseType": kind.name,
    }
    content_type, template = next(iter(response.templates.items()), ("application/json", _DEFAULT_TEMPLATE))
    headers = {"x-amzn-errortype": kind.code, "content-type": content_type}
    for name, value in response.parameters.items():
        header = name.removeprefix("gatewayresponse.header.")
        headers[header] = value[1:-1] if value.startswith("'") else values.get(value.removeprefix("context."), "")
    if kind is ACCESS_DENIED and not response.templates:
        # IAM's refusal is the one answer whose key is "Message"
        template = template.replace('"message"', '"Message"')
    body = _VARIABLE.sub(lambda match: values.get(match.group(1) or match.group(2), ""), template)
    return response.status or kind.status, headers, body.encode()
