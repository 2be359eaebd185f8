"""From what went wrong in a task to the error and the cause that the state machine sees."""

from __future__ import annotations

import logging
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.component.common.error_name.custom_error_name import CustomErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.error_name import ErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEvent, FailureEventException
from moto.stepfunctions.parser.asl.component.state.exec.state_task.state_task import StateTask
from moto.stepfunctions.parser.asl.component.state.exec.state_task.state_task_lambda import StateTaskLambda
from moto.stepfunctions.parser.asl.eval.callback.callback import CallbackOutcomeFailureError, HeartbeatTimeoutError
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails

from avm_emulator.workflows.failures import RUNTIME, TASK_FAILED, TIMEOUT, HeartbeatTimeoutName, failure
from avm_emulator.workflows.patching import replace
from avm_emulator.workflows.tasks.clients import RoleNotAssumableError
from avm_emulator.workflows.tasks.integrations import Integration, integration_of
from avm_emulator.workflows.tasks.lambda_tasks import FunctionFailedError
from avm_emulator.workflows.tasks.service_names import exception_name
from avm_emulator.workflows.tasks.service_tasks import SERVICE_TASKS, FailedEntryError

log = logging.getLogger(__name__)


def failure_of(task: StateTask, env: Any, ex: Exception) -> FailureEvent:
    """Return the failure of a task; an error of the interpreter itself becomes States.Runtime and is logged."""
    if isinstance(ex, FailureEventException):
        return ex.failure_event
    if isinstance(ex, TimeoutError):
        name = HeartbeatTimeoutName() if isinstance(ex, HeartbeatTimeoutError) else CustomErrorName(TIMEOUT)
        return _event(task, env, name, None, timed_out=True)
    error, cause = _error_and_cause(task, ex)
    if error == RUNTIME:
        log.error("task %s", env.next_state_name, exc_info=ex)
        return failure(env, RUNTIME, cause or "").failure_event
    return _event(task, env, CustomErrorName(error), cause)


def _error_and_cause(task: StateTask, ex: Exception) -> tuple[str | None, str | None]:
    integration = None if isinstance(task, StateTaskLambda) else integration_of(task.resource)
    match ex:
        case CallbackOutcomeFailureError():
            outcome = ex.callback_outcome_failure
            found = outcome.error, outcome.cause
        case FunctionFailedError():
            found = ex.error, ex.cause
        case FailedEntryError():
            found = "EventBridge.FailedEntry", str(ex)
        case RoleNotAssumableError():
            found = TASK_FAILED, str(ex)
        case ClientError():
            found = _service_error(integration, ex)
        case BotoCoreError():
            prefix = integration.prefix if integration else "Lambda"
            found = f"{prefix}.SdkClientException", f"Unable to execute HTTP request: {ex}"
        case _:
            found = RUNTIME, f"{type(ex).__name__}({ex})"
    return found


def _service_error(integration: Integration | None, ex: ClientError) -> tuple[str, str]:
    """Name an error that a service answered: by the model's exception, else by the service's base exception."""
    code, message = ex.response["Error"].get("Code", ""), ex.response["Error"].get("Message", "")
    metadata = ex.response["ResponseMetadata"]
    status, request_id = metadata["HTTPStatusCode"], metadata.get("RequestId")
    prefix, base, title = "Lambda", "AWSLambdaException", "AWSLambda"
    if integration:
        prefix, base, title = integration.prefix, integration.base_error, integration.title
    modelled = type(ex).__name__
    if integration and integration.sdk:
        error = f"{prefix}.{base if modelled == 'ClientError' else exception_name(modelled)}"
        return error, f"{message} (Service: {title}, Status Code: {status}, Request ID: {request_id})"
    name = base if modelled == "ClientError" else modelled
    error = f"{prefix}.{name if name.endswith('Exception') else f'{name}Exception'}"
    details = f"Service: {title}; Status Code: {status}; Error Code: {code}; Request ID: {request_id}; Proxy: null"
    return error, f"{message} ({details})"


def _event(task: StateTask, env: Any, name: ErrorName, cause: str | None, *, timed_out: bool = False) -> FailureEvent:
    outcome = "TimedOut" if timed_out else "Failed"
    details = {key: value for key, value in (("error", name.error_name), ("cause", cause)) if value is not None}
    kind = "LambdaFunction" if isinstance(task, StateTaskLambda) else "Task"
    if kind == "Task":
        details |= {"resource": task._get_sfn_resource(), "resourceType": task._get_sfn_resource_type()}
    key = f"{kind[0].lower()}{kind[1:]}{outcome}EventDetails"
    return FailureEvent(env, name, HistoryEventType(f"{kind}{outcome}"), EventDetails(**{key: details}))


def apply() -> None:
    """Replace moto's naming of errors, one per service, each with gaps."""
    for task in (*SERVICE_TASKS, StateTaskLambda):
        replace(task, "_from_error", failure_of)
