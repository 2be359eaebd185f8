"""The protocol of custom resources: a function is invoked, and puts its answer to a presigned URL.

Source: CloudFormation user guide, "Custom resources" and "Custom resource request and response reference": the function
is invoked asynchronously, in the stack's role; an answer has 4,096 bytes at most and is waited for ``ServiceTimeout``
seconds (an hour by default).
"""

from __future__ import annotations

import contextlib
import json
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from moto.awslambda.models import lambda_backends
from werkzeug import Request, Response

from avm_emulator.authorization.services import role_may
from avm_emulator.clock_threads import ClockEvent
from avm_emulator.delivery.attempts import SERVICE_ERRORS
from avm_emulator.duplicates import twice

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from avm_emulator.cloudformation.state import Resource, Stack
    from avm_emulator.context import Emulator

BUCKET = "cloudformation-custom-resource-response-"
"""Followed by the Region without hyphens: AWS's own, to which answers are put."""
LONGEST_ANSWER = 4096
DEFAULT_TIMEOUT = 3600


@dataclass(frozen=True)
class Outcome:
    """How a request about a resource has ended; ``physical_id`` None: nobody has named the resource."""

    reason: str | None
    """Why it has failed; None where it has succeeded."""
    physical_id: str | None = None
    attributes: Mapping[str, Any] | None = None


class _Waiting:
    """A request whose answer is waited for."""

    def __init__(self, emulator: Emulator, path: str) -> None:
        self.path = path
        self.arrived = ClockEvent(emulator.clock)
        self.answer = b""


class CustomResources:
    """Asks functions, and takes their answers."""

    def __init__(self, emulator: Emulator) -> None:
        """Begin with nothing waited for."""
        self._emulator = emulator
        self._waiting: dict[str, _Waiting] = {}
        self._mount(emulator.region)

    def ask(
        self, stack: Stack, resource: Resource, kind: str, properties: Mapping[str, Any], old: Mapping[str, Any] | None
    ) -> Outcome:
        """Make a request about a resource and wait for its end; the caller has an activity of the clock.

        ``kind``: Create, Update or Delete; ``old``: properties before an update.
        """
        request_id, signature = str(uuid.uuid4()), secrets.token_hex(32)
        url = self._address(stack, resource, request_id, signature)
        event = {
            "RequestType": kind,
            "ServiceToken": properties["ServiceToken"],
            "ResponseURL": url,
            "StackId": stack.id,
            "RequestId": request_id,
            "LogicalResourceId": resource.logical_id,
            "ResourceType": resource.kind,
            "ResourceProperties": properties,
        }
        if resource.physical_id is not None:
            event["PhysicalResourceId"] = resource.physical_id
        if old is not None:
            event["OldResourceProperties"] = old
        waiting = self._waiting[signature]
        trouble = self._invoke(stack, str(properties["ServiceToken"]), event)
        if trouble is not None:
            return Outcome(trouble)
        if not waiting.arrived.wait(float(properties.get("ServiceTimeout", DEFAULT_TIMEOUT)), kind="timeout"):
            sentence = "CloudFormation did not receive a response from your Custom Resource. Please check your logs for"
            return Outcome(f"{sentence} requestId [{request_id}].")
        return _outcome(waiting.answer, event)

    def _address(self, stack: Stack, resource: Resource, request_id: str, signature: str) -> str:
        bucket = self._mount(stack.region)
        path = f"/{stack.id}|{resource.logical_id}|{request_id}"
        self._waiting[signature] = _Waiting(self._emulator, bucket + path)
        return f"{self._emulator.endpoint_url}{bucket}{quote(path, safe='/')}?X-Amz-Signature={signature}"

    def _mount(self, region: str) -> str:
        """Serve the bucket of a Region, and return its path."""
        bucket = f"/{BUCKET}{region.replace('-', '')}"
        self._emulator.mounts.setdefault(bucket, self._bucket(bucket))
        return bucket

    def _bucket(self, bucket: str) -> WSGIApplication:
        @Request.application
        def put(request: Request) -> Response:
            """Take an answer, as S3 takes an object by a presigned URL: its signature is for no content type."""
            waiting = self._waiting.get(request.args.get("X-Amz-Signature", ""))
            known = waiting is not None and waiting.path == bucket + request.path
            if not known or request.method != "PUT" or request.headers.get("Content-Type"):
                return Response("<Error><Code>SignatureDoesNotMatch</Code></Error>", HTTPStatus.FORBIDDEN)
            assert waiting is not None  # noqa: S101  known
            if not waiting.arrived.is_set():
                waiting.answer = request.get_data()
                waiting.arrived.set()
            return Response("", HTTPStatus.OK)

        return put

    def _invoke(self, stack: Stack, function_arn: str, event: Mapping[str, Any]) -> str | None:
        """Invoke a function; return why that cannot be."""
        asked = ("lambda:InvokeFunction", function_arn)
        if not role_may(stack.role_arn, "servicecatalog", stack.region, asked, {}):
            return f"{stack.role_arn} is not authorized to perform: {asked[0]} on resource: {function_arn}"
        try:
            function = lambda_backends[stack.account][stack.region].get_function(function_arn)
        except SERVICE_ERRORS as error:
            return f"Lambda has no function {function_arn}: {error}"
        with twice() if stack.duplicated else contextlib.nullcontext():
            function.invoke(json.dumps(event), {"x-amz-invocation-type": "Event"}, {})
        return None


def _outcome(answer: bytes, event: Mapping[str, Any]) -> Outcome:
    """Return what an answer means; CloudFormation takes one for a failure that it cannot read."""
    if len(answer) > LONGEST_ANSWER:
        return Outcome("Response object is too long.")
    try:
        told: dict[str, Any] = json.loads(answer)
        verbatim = all(told[name] == event[name] for name in ("StackId", "RequestId", "LogicalResourceId"))
        physical_id, status = str(told["PhysicalResourceId"]), told["Status"]
    except (ValueError, KeyError, TypeError):
        return Outcome("Invalid response object.")
    if not verbatim or not physical_id or status not in {"SUCCESS", "FAILED"}:
        return Outcome("Invalid response object.", physical_id or None)
    if status == "FAILED":
        message = f"Message returned: {told.get('Reason', '')} (RequestId: {event['RequestId']})"
        return Outcome(f"Received response status [FAILED] from custom resource. {message}", physical_id)
    return Outcome(None, physical_id, told.get("Data", {}))
