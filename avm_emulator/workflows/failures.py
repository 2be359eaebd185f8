"""Failures of a state: how they are made, what their cause says, and which ``ErrorEquals`` matches them."""

from __future__ import annotations

from typing import Any

from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.component.common.error_name.custom_error_name import CustomErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.error_equals_decl import ErrorEqualsDecl
from moto.stepfunctions.parser.asl.component.common.error_name.error_name import ErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEvent, FailureEventException
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails

from avm_emulator.workflows.patching import replace

QUERY_EVALUATION_ERROR = "States.QueryEvaluationError"
RUNTIME = "States.Runtime"
DATA_LIMIT_EXCEEDED = "States.DataLimitExceeded"
TASK_FAILED = "States.TaskFailed"
TIMEOUT = "States.Timeout"
HEARTBEAT_TIMEOUT = "States.HeartbeatTimeout"
_ALL = "States.ALL"
_PLACE = "An error occurred while executing the state"


class HeartbeatTimeoutName(ErrorName):
    """A missed heartbeat: reported as ``States.Timeout``, caught under ``States.HeartbeatTimeout`` as well."""

    def __init__(self) -> None:
        """Take the name that AWS reports."""
        super().__init__(error_name=TIMEOUT)


def failure(
    env: Any, error: str, cause: str, event_type: HistoryEventType = HistoryEventType.TaskFailed
) -> FailureEventException:
    """Return the exception that ends a state with ``error``; errors of the interpreter say where they happened."""
    cause = located(env, cause) if error in (QUERY_EVALUATION_ERROR, RUNTIME) else cause
    details = EventDetails(taskFailedEventDetails={"error": error, "cause": cause})
    return FailureEventException(FailureEvent(env, CustomErrorName(error), event_type, details))


def query_failure(env: Any, cause: str, field: str) -> FailureEventException:
    """Return the failure of an expression in ``field`` and write it to the history (EvaluationFailed)."""
    cause = located(env, cause)
    details: Any = {"error": QUERY_EVALUATION_ERROR, "cause": cause, "location": field, "state": env.next_state_name}
    event_details = EventDetails(evaluationFailedEventDetails=details)
    event_type = HistoryEventType.EvaluationFailed
    env.event_manager.add_event(env.event_history_context, event_type, event_details)
    return FailureEventException(FailureEvent(env, CustomErrorName(QUERY_EVALUATION_ERROR), event_type, event_details))


def located(env: Any, cause: str) -> str:
    """Return ``cause`` with the state in front, as AWS writes it for errors of the interpreter itself."""
    return _located(env.next_state_name, env.states.entered_event_id, cause)


def _located(state: str, entered: int, cause: str) -> str:
    return f"{_PLACE} '{state}' (entered at the event id #{entered}). {cause}"


def error_and_cause(failed: FailureEvent) -> tuple[str | None, str | None]:
    """Return what ``DescribeExecution`` or a catcher is told of a failure."""
    details: dict[str, Any] = next(iter((failed.event_details or {}).values()), {})
    return details.get("error"), details.get("cause")


def matches(error_names: list[ErrorName], error: ErrorName | None) -> bool:
    """Say whether an ``ErrorEquals`` matches an error.

    States.ALL does not match States.DataLimitExceeded and States.Runtime; States.TaskFailed matches what States.ALL
    matches but States.Timeout; nothing matches States.Runtime (developer guide, "Handling errors").
    """
    name = error.error_name if error else None
    if name == RUNTIME:
        return False
    wanted = {candidate.error_name for candidate in error_names}
    if name in wanted or (isinstance(error, HeartbeatTimeoutName) and HEARTBEAT_TIMEOUT in wanted):
        return True
    if name == DATA_LIMIT_EXCEEDED:
        return False
    return _ALL in wanted or (TASK_FAILED in wanted and name != TIMEOUT)


def _error_equals(declaration: ErrorEqualsDecl, env: Any) -> None:
    env.stack.append(matches(declaration.error_names, env.stack.pop()))


def _execution_failed_details(exception: FailureEventException) -> dict[str, str]:
    failed = exception.failure_event
    error, cause = error_and_cause(failed)
    if error == RUNTIME and cause is not None and not cause.startswith(_PLACE):
        cause = _located(failed.state_name, failed.entered_event_id, cause)  # one of moto's own
    return {key: value for key, value in (("error", error), ("cause", cause)) if value is not None}


_original_init = FailureEvent.__init__


def _init(failed: FailureEvent, env: Any, *args: Any, **kwargs: Any) -> None:
    _original_init(failed, env, *args, **kwargs)
    failed.entered_event_id = env.states.entered_event_id


def _any_name(name: CustomErrorName, error_name: str | None) -> None:
    ErrorName.__init__(name, error_name=error_name)


def apply() -> None:
    """Repair moto's matching of errors.

    Its States.ALL catches what AWS lets nobody catch; its names refuse ``States.*`` where a Fail state, a branch or
    SendTaskFailure hands one on, which ended the execution with States.Runtime; and it put the place of an error into
    the cause of the execution only, never into what a catcher gets.
    """
    replace(ErrorEqualsDecl, "_eval_body", _error_equals)
    replace(FailureEvent, "__init__", _init)
    replace(FailureEventException, "get_execution_failed_event_details", _execution_failed_details)
    replace(CustomErrorName, "__init__", _any_name)
