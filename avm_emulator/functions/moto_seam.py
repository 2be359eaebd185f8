"""What of moto's Lambda is replaced so that its functions really run; each patch names the fact that it repairs.

moto's class is the seam: Invoke, SNS, S3, log subscriptions and Step Functions all pass ``LambdaFunction.invoke``.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from moto.awslambda.models import EventInvokeConfig, LambdaBackend, LambdaFunction

from avm_emulator.authorization.services import service_may
from avm_emulator.errors import AwsError

if TYPE_CHECKING:
    from avm_emulator.functions.asynchronous import AsynchronousInvocations
    from avm_emulator.functions.service import Functions

_initialize: Callable[..., None] = LambdaFunction.__init__
_get_configuration: Callable[..., dict[str, Any]] = LambdaFunction.get_configuration
_update_configuration: Callable[..., dict[str, Any]] = LambdaFunction.update_configuration
_create_function: Callable[..., Any] = LambdaBackend.create_function

_LOG_TAIL = 4096
"""Bytes of log in the answer of an invocation with LogType Tail."""
_RESERVED_VARIABLES = re.compile(
    r"_HANDLER|_X_AMZN_TRACE_ID|AWS_(DEFAULT_)?REGION|AWS_EXECUTION_ENV|AWS_(ACCESS_KEY(_ID)?|SECRET_ACCESS_KEY|"
    r"SESSION_TOKEN)|AWS_LAMBDA_(FUNCTION_(NAME|MEMORY_SIZE|VERSION)|INITIALIZATION_TYPE|LOG_(GROUP|STREAM)_NAME|"
    r"RUNTIME_API)|LAMBDA_(TASK_ROOT|RUNTIME_DIR)|AWS_XRAY_(CONTEXT_MISSING|DAEMON_ADDRESS)"
)
"""Variables that Lambda sets itself and refuses to take (developer guide, "Defined runtime environment variables")."""


def install(functions: Functions, asynchronous: AsynchronousInvocations) -> None:
    """Put moto's Lambda on the pool of ``functions``; the last call wins."""

    def _invoke_lambda(self: Any, event: Any = None) -> tuple[str, bool, str]:
        # moto runs functions in Docker only.
        outcome = functions.invoke(self, json.dumps({} if event is None else event).encode())
        return outcome.payload.decode(), outcome.is_error, "\n".join(outcome.log)

    def invoke(self: Any, body: Any, request_headers: Any, response_headers: Any) -> bytes | str:
        # moto runs an invocation of type Event at once and waits for it; it says "Handled" for every error and hands
        # an empty payload over as the string "{}".
        payload = _payload(body)
        # moto's own services (SNS, S3, Logs) hand no headers over; on AWS they invoke asynchronously.
        kind = (request_headers.get("x-amz-invocation-type") or "RequestResponse") if request_headers else "Event"
        if kind == "DryRun":
            return ""
        if kind == "Event":
            asynchronous.accept(self, payload)
            return ""
        outcome = functions.invoke(self, payload)
        if outcome.is_error:
            response_headers["x-amz-function-error"] = "Unhandled"
        log = "\n".join(outcome.log).encode()[-_LOG_TAIL:]
        response_headers["x-amz-log-result"] = base64.b64encode(log).decode()
        response_headers["x-amz-executed-version"] = str(self.version)
        return outcome.payload

    LambdaFunction._invoke_lambda = _invoke_lambda
    LambdaFunction.invoke = invoke
    LambdaFunction.__init__ = _initialize_function
    LambdaFunction.get_configuration = _configuration
    LambdaFunction.update_configuration = _update
    LambdaBackend.create_function = _create
    LambdaBackend.put_function_event_invoke_config = _put_event_invoke_config
    LambdaBackend.update_function_event_invoke_config = _update_event_invoke_config


def _payload(body: Any) -> bytes:
    if not body:
        return b"{}"
    payload: bytes = body if isinstance(body, bytes) else body.encode()
    try:
        json.loads(payload)
    except ValueError as error:
        message = f"Could not parse request body into json: {error}"
        raise AwsError("InvalidRequestContentException", message, Type="User") from error
    return payload


def _initialize_function(self: Any, *args: Any, **kwargs: Any) -> None:
    # moto drops DeadLetterConfig and LoggingConfig.
    spec = kwargs["spec"]
    self.dead_letter_config = spec.get("DeadLetterConfig") or {}
    self.logging_config = spec.get("LoggingConfig") or {}
    _initialize(self, *args, **kwargs)
    self.logs_group_name = self.logging_config.get("LogGroup") or self.logs_group_name


def _configuration(self: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    configuration = _get_configuration(self, *args, **kwargs)
    if self.dead_letter_config:
        configuration["DeadLetterConfig"] = self.dead_letter_config
    configuration["LoggingConfig"] = {"LogFormat": "Text", "LogGroup": self.logs_group_name, **self.logging_config}
    return configuration


def _update(self: Any, config_updates: dict[str, Any]) -> dict[str, Any]:
    # moto ignores these three in UpdateFunctionConfiguration.
    _refuse_reserved_variables(config_updates)
    if "DeadLetterConfig" in config_updates:
        self.dead_letter_config = config_updates["DeadLetterConfig"]
    if "LoggingConfig" in config_updates:
        self.logging_config = config_updates["LoggingConfig"]
        self.logs_group_name = self.logging_config.get("LogGroup") or f"/aws/lambda/{self.function_name}"
    if "TracingConfig" in config_updates:
        self.tracing_config = config_updates["TracingConfig"]
    return _update_configuration(self, config_updates)


def _create(self: Any, spec: dict[str, Any]) -> Any:
    # moto takes variables that Lambda refuses, and a role with any trust policy.
    _refuse_reserved_variables(spec)
    if not service_may("lambda.amazonaws.com", "sts:AssumeRole", spec["Role"]):
        message = "The role defined for the function cannot be assumed by Lambda."
        raise AwsError("InvalidParameterValueException", message, Type="User")
    return _create_function(self, spec)


def _refuse_reserved_variables(spec: dict[str, Any]) -> None:
    reserved = [
        name for name in spec.get("Environment", {}).get("Variables", {}) if _RESERVED_VARIABLES.fullmatch(name)
    ]
    if reserved:
        message = (
            "Lambda was unable to configure your environment variables because the environment variables you have "
            "provided contains reserved keys that are currently not supported for modification. Reserved keys used in "
            f"this request: {', '.join(reserved)}"
        )
        raise AwsError("InvalidParameterValueException", message, Type="User")


def _put_event_invoke_config(self: Any, function_name: str, config: dict[str, Any]) -> dict[str, Any]:
    # moto appends and keeps reading the first one.
    function = self.get_function(function_name)
    made = EventInvokeConfig(function.function_arn, function.last_modified, config)
    function.event_invoke_config = [made]
    return made.response()


def _update_event_invoke_config(self: Any, function_name: str, config: dict[str, Any]) -> dict[str, Any]:
    # moto forgets what an update does not name.
    function = self.get_function(function_name)
    known = function.event_invoke_config[0].config if function.event_invoke_config else {}
    return _put_event_invoke_config(self, function_name, {**known, **config})
