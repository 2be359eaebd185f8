"""How a task waits for what it has started: ``.waitForTaskToken``, ``.sync`` and ``.sync:2``."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from typing import Any

from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.resource import ResourceCondition
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service import StateTaskService
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_callback import (
    StateTaskServiceCallback,
)

from avm_emulator.clock_threads import ClockEvent
from avm_emulator.workflows import running
from avm_emulator.workflows.encoding import to_json
from avm_emulator.workflows.execution import execution_by_arn
from avm_emulator.workflows.failures import TASK_FAILED, failure
from avm_emulator.workflows.patching import replace
from avm_emulator.workflows.tasks.casing import response_of
from avm_emulator.workflows.tasks.clients import client_for
from avm_emulator.workflows.tasks.tokens import TaskEndedError

_original_execution = StateTaskService._eval_execution


def _execute(task: StateTaskService, env: Any) -> None:
    """Make the task's token, a new one for every attempt, then execute it."""
    if task.resource.condition == ResourceCondition.WaitForTaskToken:
        env.callback_pool_manager.add(env.states.context_object.update_task_token())
    _original_execution(task, env)


def _await(
    task: StateTaskServiceCallback,
    env: Any,
    resource_runtime_part: Any,
    normalised_parameters: Any,  # noqa: ARG001  moto's signature
    state_credentials: Any,
) -> None:
    """Replace the answer of the started call on the stack by the result of what it has started."""
    started = env.stack.pop()
    if task.resource.condition == ResourceCondition.WaitForTaskToken:
        token = env.states.context_object.context_object_data["Task"]["Token"]
        heartbeat_seconds = _heartbeat_seconds(task, env)
        with _waiting(env):
            result = env.callback_pool_manager.get(token).wait(env, heartbeat_seconds)
    else:
        client = client_for(resource_runtime_part.region, "stepfunctions", state_credentials)
        result = _await_execution(task, env, client, started["ExecutionArn"])
    env.stack.append(result)


def _heartbeat_seconds(task: StateTaskServiceCallback, env: Any) -> int | None:
    if task.heartbeat is None:
        return None
    task.heartbeat.eval(env=env)
    seconds: int = env.stack.pop()
    return seconds


def _await_execution(task: StateTaskServiceCallback, env: Any, client: Any, arn: str) -> Any:
    """Wait until a nested execution has ended, without polling, so that the clock can see that nothing happens."""
    ended = ClockEvent(running.clock())
    env.program_state_event.also_set(ended)
    execution_by_arn(arn).ended.also_set(ended)
    with _waiting(env, arn):
        ended.wait()
    if not env.is_running():
        # AWS stops the nested execution together with its parent (developer guide, "Run a job (.sync)").
        client.stop_execution(executionArn=arn)
        raise TaskEndedError
    described = response_of(client, "describe_execution", client.describe_execution(executionArn=arn))
    if described["Status"] != "SUCCEEDED":
        raise failure(env, TASK_FAILED, to_json(described))
    if task.resource.condition == ResourceCondition.Sync2:
        for member in ("Input", "Output"):
            described[member] = json.loads(described[member])
    return described


def _waiting(env: Any, nested_arn: str | None = None) -> AbstractContextManager[None]:
    """Note that the state waits, for the answer to its token or the end of a nested execution, and no clock ends it."""
    context = env.states.context_object.context_object_data
    state = context["State"]
    return running.emulator().stuck.waiting(context["Execution"]["Id"], state["Name"], state["EnteredTime"], nested_arn)


def apply() -> None:
    """Repair moto's patterns: they poll twice a second for ever, in real time, and outlive their state."""
    replace(StateTaskService, "_eval_execution", _execute)
    replace(StateTaskServiceCallback, "_eval_integration_pattern", _await)
    # moto makes the token once per state there, and takes it away before a catcher could read it.
    del StateTaskServiceCallback._eval_body
