"""The boundary: one WSGI middleware in front of moto that every AWS call passes, S3 included.

It says what a request is (service, operation, parameters, account, principal), lets the interceptors and then moto
answer it, gives the answer its request id, and records it. (moto's own hook, ``call_action``, misses S3.)
"""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from moto.core.request import Request
from werkzeug import Response

from avm_emulator.boundary import protocol
from avm_emulator.boundary.call import Call
from avm_emulator.boundary.effects import is_mutating
from avm_emulator.boundary.identity import Principal, Principals
from avm_emulator.boundary.moto_app import MotoApp
from avm_emulator.boundary.moto_gaps import identify_root, refuse_confused_s3
from avm_emulator.boundary.ownership import OwnResources
from avm_emulator.boundary.services import Operation, Scope, operation_of, scope_of, services_of
from avm_emulator.context import Emulator
from avm_emulator.errors import NOT_IMPLEMENTED, AwsError, NoAnswerError

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

Interceptor = Callable[[Call], Response | None]
"""Answers a call, raises AwsError, or returns None so that the next one (at last moto) answers it."""
Wrapper = Callable[[Call, Callable[[], Response]], Response]
"""Stands around a call: has it answered by its second argument (or not); returns an answer or raises NoAnswerError."""


@dataclass(frozen=True)
class _Arrival:
    """A request of which it is known who makes it, but not yet what it asks."""

    request: Request
    scope: Scope | None
    principal: Principal
    source: str
    region: str
    request_id: str
    time: float


class Boundary:
    """Answers every AWS call of one emulator."""

    def __init__(self, emulator: Emulator) -> None:
        """Begin with what moto lacks at the boundary itself; parts append their interceptors."""
        self.interceptors: list[Interceptor] = [identify_root, refuse_confused_s3]
        self.wrappers: list[Wrapper] = []
        """Each stands around those before it, the first around the interceptors and moto."""
        self._emulator = emulator
        self.principals = Principals(emulator)
        self.own_resources = OwnResources(emulator)
        self._moto = MotoApp()

    def respond(self, environ: WSGIEnvironment) -> Response:
        """Answer a WSGI request. The caller holds an activity of the clock.

        Raises:
            NoAnswerError: the connection is to be closed without an answer.
        """
        body: bytes = environ["wsgi.input"].read()
        arrival = self._arrival(Request({**environ, "wsgi.input": io.BytesIO(body)}, populate_request=False))
        services = services_of(arrival.request, arrival.scope)
        operation = operation_of(arrival.request, services)
        if operation is None:
            return self._refuse(arrival, services)
        wire = protocol.protocol_of(arrival.request, operation.service_model)
        refusal = None
        parameters: dict[str, Any] = {}
        try:
            parameters = protocol.parse(arrival.request, operation, wire)
        except AwsError as error:
            refusal = error
        call = self._call(arrival, operation, wire, parameters, environ)
        try:
            response = call.answer(refusal) if refusal else self._answer(call, body)
        except NoAnswerError as lost:
            self._record_call(arrival, call, lost.code)
            raise
        protocol.identify(response, call.service, wire, call.request_id)
        self._record_call(arrival, call, protocol.error_code(response, operation.model, wire))
        return response

    def _answer(self, call: Call, body: bytes) -> Response:
        proceed: Callable[[], Response] = partial(self._serve, call, body)
        for wrap in self.wrappers:
            proceed = partial(wrap, call, proceed)
        return proceed()

    def _serve(self, call: Call, body: bytes) -> Response:
        try:
            for intercept in self.interceptors:
                response = intercept(call)
                if response is not None:
                    return response
            return self._moto.answer(call, body)
        except AwsError as error:
            return call.answer(error)

    def _arrival(self, request: Request) -> _Arrival:
        scope = scope_of(request)
        principal = self.principals.of(scope.access_key) if scope else self.principals.anonymous
        function = self._emulator.function_sessions.get(scope.access_key) if scope else None
        product = request.headers.get("User-Agent", "").partition(" ")[0]
        return _Arrival(
            request=request,
            scope=scope,
            principal=principal,
            source=function or f"{principal.name} {product}".rstrip(),
            region=(scope.region if scope else None) or self._emulator.region,
            request_id=str(uuid.uuid4()),
            time=self._emulator.clock.now(),
        )

    def _call(
        self, arrival: _Arrival, operation: Operation, wire: str, parameters: dict[str, Any], environ: WSGIEnvironment
    ) -> Call:
        service, name = operation.service_model.service_name, operation.model.name
        return Call(
            service=service,
            operation=name,
            parameters=parameters,
            principal=arrival.principal,
            region=arrival.region,
            access_key=arrival.scope.access_key if arrival.scope else None,
            source=arrival.source,
            request_id=arrival.request_id,
            time=arrival.time,
            mutating=is_mutating(service, name, parameters),
            own=self.own_resources.addressed(service, name, arrival.principal.account, parameters),
            protocol=wire,
            model=operation.model,
            environ=environ,
        )

    def _refuse(self, arrival: _Arrival, services: Sequence[str]) -> Response:
        """Answer a request that belongs to no operation of AWS."""
        request = arrival.request
        target = request.headers.get("X-Amz-Target")
        asked = target or request.form.get("Action") or f"{request.method} {request.path}"
        if services:
            service = services[0]
            code = "UnknownOperationException" if target or "Action" not in request.form else "InvalidAction"
            error = AwsError(code, f"{service} has no operation {asked} in botocore's models")
        elif arrival.scope:
            service = arrival.scope.service
            error = AwsError(NOT_IMPLEMENTED, f"No AWS service that is signed as {service} takes {asked}")
        else:
            service = "unknown"
            error = AwsError("MissingAuthenticationToken", f"Request is missing Authentication Token: {asked}")
        response = protocol.serialize_error_without_model(
            error, as_json=target is not None or request.is_json, request_id=arrival.request_id
        )
        operation = asked.rpartition(".")[2] if target else asked
        self._record(arrival, service=service, operation=operation, error=error.code, mutating=False, own=False)
        return response

    def _record_call(self, arrival: _Arrival, call: Call, error: str | None) -> None:
        self._record(
            arrival,
            service=call.service,
            operation=call.operation,
            error=error,
            mutating=call.mutating,
            own=call.own,
            fault=call.faults[-1] if call.faults else None,
        )

    def _record(self, arrival: _Arrival, **values: Any) -> None:
        self._emulator.calls.append(
            time=arrival.time,
            account=arrival.principal.account,
            region=arrival.region,
            principal=arrival.principal.arn,
            request_id=arrival.request_id,
            source=arrival.source,
            **values,
        )
