"""Answers and errors in the wire format of each service's protocol, written and read with botocore's models."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

import moto.core.errors
from botocore import parsers
from moto.core.model import OperationModel, ServiceModel
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request, determine_request_protocol
from moto.core.serialize import SerializationContext, get_serializer_class
from werkzeug import Response

from avm_emulator.boundary.services import Operation
from avm_emulator.errors import NOT_IMPLEMENTED, AwsError

_ERROR = 301
"""botocore takes any status from here on for an error."""

# Errors that every service answers without naming them in its model, with their status.
# https://docs.aws.amazon.com/organizations/latest/APIReference/CommonErrors.html (the same page in every API reference)
_COMMON_STATUS: Mapping[str, int] = {
    "AccessDenied": 403,
    "ExpiredToken": 403,
    "InternalFailure": 500,
    "InvalidClientTokenId": 403,
    "MissingAuthenticationToken": 403,
    "OptInRequired": 403,
    "RegionDisabledException": 403,
    "ServiceUnavailable": 503,
    "SignatureDoesNotMatch": 403,
    "SubscriptionRequiredException": 403,
    "UnauthorizedOperation": 403,
    "UnrecognizedClientException": 403,
    NOT_IMPLEMENTED: 501,  # no status that SDKs retry (botocore: 500, 502, 503, 504)
}
_XML_REQUEST_ID = re.compile(r"(<(?:RequestId|requestId|RequestID)>)[^<]*(</)")
_OWN_HEADERS = ("x-amzn-requestid", "x-amz-request-id", "x-amz-id-2", "server")


def protocol_of(request: Request, model: ServiceModel) -> str:
    """Return the protocol of a request: ``json``, ``query``, ``ec2``, ``rest-json`` or ``rest-xml``."""
    return determine_request_protocol(model, request.content_type)


def parse(request: Request, operation: Operation, protocol: str) -> dict[str, Any]:
    """Return the parameters of a request by botocore's model; raise AwsError when they cannot be read."""
    try:
        parsed: dict[str, Any] = PROTOCOL_PARSERS[protocol](operation.model).parse(
            {
                "method": request.method,
                "values": request.values,
                "headers": request.headers,
                "body": request.data,
                "url_path": request.path,
                "url_params": dict(operation.uri_parameters),
            }
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        code = "SerializationException" if "json" in protocol else "MalformedInput"
        message = f"The request of {operation.model.name} cannot be read: {error}"
        raise AwsError(code, message) from error
    return parsed


def serialize(result: Any, model: OperationModel, protocol: str, request_id: str) -> Response:
    """Return the answer of an operation: a result in the form of boto3's answers, or an ``AwsError``."""
    if isinstance(result, AwsError) and result.code not in moto.core.errors.COMMON_ERROR_CODES:
        # moto warns of codes that are neither in the service's model nor in its list of common ones.
        moto.core.errors.COMMON_ERROR_CODES.append(result.code)
    serializer = get_serializer_class(model.service_model.service_name, protocol)
    answer = serializer(model, SerializationContext(request_id)).serialize(result)
    status = answer["status_code"]
    if isinstance(result, AwsError):
        status = result.status or _COMMON_STATUS.get(result.code, status)
    return Response(answer["body"], status, answer["headers"])


def serialize_error_without_model(error: AwsError, *, as_json: bool, request_id: str) -> Response:
    """Return an error to a request that belongs to no known operation."""
    status = error.status or _COMMON_STATUS.get(error.code, 400)
    headers = {"x-amzn-RequestId": request_id, "x-amzn-ErrorType": error.code}
    if as_json:
        body = json.dumps({"__type": error.code, "message": error.message})
        return Response(body, status, headers, content_type="application/x-amz-json-1.1")
    body = (
        f"<ErrorResponse><Error><Type>Sender</Type><Code>{escape(error.code)}</Code>"
        f"<Message>{escape(error.message)}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>"
    )
    return Response(body, status, headers, content_type="text/xml")


def identify(response: Response, service: str, protocol: str, request_id: str) -> None:
    """Give an answer its request id, in the header and, where the protocol has it there, in the body.

    moto answers 8 to 52 characters, fixed examples and literals such as ``request-id`` instead.
    """
    for name in _OWN_HEADERS:
        response.headers.pop(name, None)
    if service == "s3":
        response.headers["x-amz-request-id"] = request_id
        response.headers["x-amz-id-2"] = request_id
    else:
        response.headers["x-amzn-RequestId"] = request_id
    in_body = protocol in ("query", "ec2") or (protocol == "rest-xml" and response.status_code >= _ERROR)
    if in_body and response.data:
        response.set_data(_XML_REQUEST_ID.sub(rf"\g<1>{request_id}\g<2>", response.get_data(as_text=True)))


def error_code(response: Response, model: OperationModel, protocol: str) -> str | None:
    """Return the AWS error code of an answer as an SDK reads it; None when the answer is no error."""
    if response.status_code < _ERROR:
        return None
    answer = {
        "status_code": response.status_code,
        "headers": {name.lower(): value for name, value in response.headers.items()},
        "body": response.get_data(),
    }
    parsed = parsers.create_parser(protocol).parse(answer, model.output_shape)
    code = parsed.get("Error", {}).get("Code")
    return str(code or response.status_code)
