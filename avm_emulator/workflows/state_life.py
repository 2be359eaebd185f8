"""The life of a state: entered, evaluated, retried or caught, its variables assigned, exited."""

from __future__ import annotations

import logging
from typing import Any, Final

from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.component.common.assign.assign_decl import AssignDecl
from moto.stepfunctions.parser.asl.component.common.catch.catch_outcome import CatchOutcome
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEvent, FailureEventException
from moto.stepfunctions.parser.asl.component.common.retry.retry_outcome import RetryOutcome
from moto.stepfunctions.parser.asl.component.common.timeouts.timeout import EvalTimeoutError
from moto.stepfunctions.parser.asl.component.eval_component import EvalComponent
from moto.stepfunctions.parser.asl.component.program.program import Program
from moto.stepfunctions.parser.asl.component.state.exec.execute_state import ExecutionState
from moto.stepfunctions.parser.asl.component.state.exec.state_map.state_map import StateMap
from moto.stepfunctions.parser.asl.component.state.exec.state_parallel.state_parallel import StateParallel
from moto.stepfunctions.parser.asl.component.state.state import CommonStateField
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails
from moto.stepfunctions.parser.asl.eval.states import States
from moto.stepfunctions.parser.asl.eval.variable_store import VariableStore
from moto.stepfunctions.parser.asl.utils.json_path import NoSuchJsonPathError

from avm_emulator.clock_threads import ClockEvent, ClockThread
from avm_emulator.workflows import running
from avm_emulator.workflows.encoding import to_json
from avm_emulator.workflows.failures import RUNTIME, error_and_cause, failure
from avm_emulator.workflows.history import silence
from avm_emulator.workflows.jsonata.queries import to_plain_copy
from avm_emulator.workflows.patching import replace

log = logging.getLogger(__name__)

# In the heap of an environment, which moto empties after every state.
_ASSIGNED: Final = "avm:assigned"
_CAUGHT: Final = "avm:caught"


def run_program(program: Program, env: Any) -> None:
    """Run a program in this thread until it has ended; its outcome is the program state of ``env``."""
    try:
        env.next_state_name = program.start_at.start_at_name
        while env.is_running():
            program._get_state(env.next_state_name).eval(env)
            env.stack.clear()
            env.heap.clear()
    except Exception as error:
        if not env.is_running():
            return  # it was stopped, and what happened in the meantime is nobody's business any more
        if isinstance(error, FailureEventException):
            env.set_error(error=error.get_execution_failed_event_details())
        else:
            log.exception("the interpreter failed in state %s", env.next_state_name)
            env.set_error(error={"error": RUNTIME, "cause": f"{type(error).__name__}({error})"})


def _evaluate(component: EvalComponent, env: Any) -> None:
    """Evaluate a component; moto's own way logs the whole component at each level above a failure."""
    if env.is_running():
        field_name = component._field_name()
        if field_name is not None:
            env.next_field_name = field_name
        component._eval_body(env)


def _evaluate_state(state: CommonStateField, env: Any) -> None:
    states = env.states
    states.entered_event_id = _record(
        env, state.state_entered_event_type, "stateEntered", state._get_state_entered_event_details(env)
    )
    context = states.context_object.context_object_data
    context["State"] = {"EnteredTime": running.iso8601(running.now()), "Name": state.name, "RetryCount": 0}
    try:
        state._eval_state_input(env=env)
        state._eval_state(env)
        if not env.is_running():
            return
        state._eval_state_output(env=env)
    except NoSuchJsonPathError as error:
        raise _missing_path(env, error) from error
    state._verify_size_quota(env=env, value=states.get_input())
    # Expressions see the variables as they were when the state was entered (developer guide, "Passing data between
    # states with variables"), so they change only now.
    for name, value in env.heap.pop(_ASSIGNED, {}).items():
        env.variable_store.set(variable_identifier=name, variable_value=value)
    if not env.heap.pop(_CAUGHT, False):
        state._set_next(env)
    context.pop("Task", None)
    if state.state_exited_event_type is not None:
        _record(env, state.state_exited_event_type, "stateExited", state._get_state_exited_event_details(env))


def _record(env: Any, event_type: HistoryEventType, kind: str = "", details: Any = None) -> int:
    event_details = EventDetails(**{f"{kind}EventDetails": details}) if kind else None
    event_id: int = env.event_manager.add_event(env.event_history_context, event_type, event_details)
    return event_id


def _missing_path(env: Any, error: NoSuchJsonPathError) -> FailureEventException:
    cause = (
        f"The JSONPath '{error.json_path}' specified for the field '{env.next_field_name}' could not be found in the "
        f"input '{to_json(error.data)}'"
    )
    return failure(env, RUNTIME, cause)


def _evaluate_execution_state(state: ExecutionState, env: Any) -> None:
    """Try a Task, Map or Parallel state until it succeeds, is caught, or has used up its retries."""
    depth = len(env.stack)
    while env.is_running():
        try:
            _attempt(state, env)
        except Exception as error:  # noqa: BLE001  whatever it is, it becomes the state's failure
            if not env.is_running():
                return
            failed: FailureEvent = state._from_error(env=env, ex=error)
        else:
            return
        _record_failure(state, env, failed)
        name, cause = error_and_cause(failed)
        env.states.set_error_output({"Error": name or "", "Cause": cause or ""})
        env.heap.pop(_ASSIGNED, None)
        del env.stack[depth:]
        if state.retry and state._handle_retry(env=env, failure_event=failed) == RetryOutcome.CanRetry:
            continue
        _record_end_of_attempts(state, env, failed)
        if state.catch:
            state._handle_catch(env=env, failure_event=failed)
            if env.stack.pop() == CatchOutcome.Caught:
                env.heap[_CAUGHT] = True
                return
        raise FailureEventException(failure_event=failed)


def _attempt(state: ExecutionState, env: Any) -> None:
    """Execute a state once and make its output; Output and Assign count, so that Retry and Catch see their errors."""
    result = _execute(state, env)
    if not env.is_running():
        return
    env.stack.append(result)
    jsonata = not state._is_language_query_jsonpath()
    if jsonata:
        env.states.set_result(result)
    if state.assign_decl:
        state.assign_decl.eval(env=env)
    if jsonata and state.output:
        state.output.eval(env=env)
    elif jsonata:
        env.states.reset(input_value=env.stack.pop())
    else:
        if state.result_selector:
            state.result_selector.eval(env=env)
        state.result_path.eval(env)


def _execute(state: ExecutionState, env: Any) -> Any:
    """Execute a state in a frame of its own and return its result; raise ``EvalTimeoutError`` when it is late."""
    state.timeout.eval(env=env)
    seconds = env.stack.pop()
    frame = env.open_frame()
    frame.states.reset(input_value=env.states.get_input())
    frame.stack = to_plain_copy(env.stack)
    try:
        if state.timeout.is_default_value():
            return _result(state, frame)
        return _result_in_time(state, frame, seconds)
    finally:
        frame.set_ended()
        env.close_frame(frame)


def _result(state: ExecutionState, frame: Any) -> Any:
    try:
        state._eval_execution(frame)
    except NoSuchJsonPathError as error:
        raise _missing_path(frame, error) from error
    return frame.stack.pop()


def _result_in_time(state: ExecutionState, frame: Any, seconds: float) -> Any:
    """Execute in another thread, because a call cannot be interrupted: after the limit nobody waits for it."""
    done = ClockEvent(running.clock())
    results: list[Any] = []
    errors: list[Exception] = []

    def execute() -> None:
        try:
            results.append(_result(state, frame))
        except Exception as error:  # noqa: BLE001  handed to the thread that waits
            errors.append(error)
        finally:
            done.set()

    ClockThread(running.clock(), target=execute, name=f"state {state.name}", daemon=True).start()
    done.wait(seconds, kind="timeout")
    if errors:
        raise errors[0]
    if results:
        return results[0]
    silence(frame)
    raise EvalTimeoutError


def _record_failure(state: ExecutionState, env: Any, failed: FailureEvent) -> None:
    """Write a failed attempt to the history: of a Task its own event, of Map and Parallel none."""
    error, _ = error_and_cause(failed)
    written_where_it_happened = failed.event_type == HistoryEventType.EvaluationFailed
    if not isinstance(state, StateMap | StateParallel) and not written_where_it_happened and error != RUNTIME:
        env.event_manager.add_event(env.event_history_context, failed.event_type, failed.event_details)


def _record_end_of_attempts(state: ExecutionState, env: Any, failed: FailureEvent) -> None:
    if isinstance(state, StateParallel):
        _record(env, HistoryEventType.ParallelStateFailed)
    elif isinstance(state, StateMap) and failed.event_type != HistoryEventType.ExecutionFailed:
        _record(env, HistoryEventType.MapStateFailed)


def _execution_state_output(state: ExecutionState, env: Any) -> None:
    if state._is_language_query_jsonpath() and not env.heap.get(_CAUGHT):
        CommonStateField._eval_state_output(state, env)


def _assign(declaration: AssignDecl, env: Any) -> None:
    assigned: dict[str, Any] = {}
    for binding in declaration.declaration_bindings:
        binding.eval(env=env)
        assigned.update(env.stack.pop())
    env.heap[_ASSIGNED] = assigned


def _assigned_variables(store: VariableStore) -> dict[str, str]:
    return {name: to_json(store.get(name)) for name in store._declaration_tracing}


_original_frame = Environment.as_inner_frame_of.__func__


def _frame(cls: type[Environment], env: Any, *args: Any, **kwargs: Any) -> Any:
    frame = _original_frame(cls, env, *args, **kwargs)
    frame.states.entered_event_id = env.states.entered_event_id
    item = env.states.context_object.context_object_data.get("Map")
    if item is not None:
        frame.states.context_object.context_object_data["Map"] = item
    return frame


def apply() -> None:
    """Repair the life of states.

    moto assigned variables before it evaluated Output, let nobody retry or catch errors of Output, took a Catch that
    leads back to its own state for success, ran each state in two threads in real time, hid ``Map.Item`` from tasks,
    and wrote times of the machine's clock.
    """
    replace(Program, "eval", run_program)
    replace(EvalComponent, "eval", _evaluate)
    replace(CommonStateField, "_eval_body", _evaluate_state)
    for state_class in (ExecutionState, StateMap, StateParallel):
        replace(state_class, "_eval_state", _evaluate_execution_state)
    replace(ExecutionState, "_eval_state_output", _execution_state_output)
    replace(AssignDecl, "_eval_body", _assign)
    replace(VariableStore, "get_assigned_variables", _assigned_variables)
    States.entered_event_id = 0
    replace(Environment, "as_inner_frame_of", classmethod(_frame))
