"""The AWS clients of tasks: they act in the role of the state machine, or in the role that the task names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError
from moto.stepfunctions.parser.asl.component.state.exec.state_task.credentials import StateCredentials
from moto.stepfunctions.parser.asl.component.state.exec.state_task.state_task import StateTask
from moto.stepfunctions.parser.asl.utils import boto_client

from avm_emulator.workflows import running
from avm_emulator.workflows.patching import replace, replace_everywhere

_NOT_IN_SESSION_NAMES = re.compile(r"[^\w+=,.@-]", re.ASCII)
_SHORTEST_SESSION_NAME = 2


class RoleNotAssumableError(Exception):
    """The role of a task cannot be assumed; the message is the cause that Step Functions reports."""


@dataclass
class TaskCredentials(StateCredentials):
    """Who a task is: ``role_arn``, assumed out of ``source_role_arn`` when the task has ``Credentials``."""

    session_name: str
    source_role_arn: str | None


def credentials_of(task: StateTask, env: Any) -> TaskCredentials:
    """Return who ``task`` is in this execution: the state machine's role, or the one its ``Credentials`` name.

    AWS gives the session an opaque name; here it is the state machine's, so that a record of calls can be read.
    """
    machine_role = env.aws_execution_details.role_arn
    machine = env.states.context_object.context_object_data["StateMachine"]["Name"]
    session_name = _NOT_IN_SESSION_NAMES.sub("-", machine).ljust(_SHORTEST_SESSION_NAME, "-")
    if not task.credentials:
        return TaskCredentials(machine_role, session_name, None)
    task.credentials.eval(env=env)
    return TaskCredentials(env.stack.pop().role_arn, session_name, machine_role)


def client_for(region: str, service: str, state_credentials: StateCredentials) -> Any:
    """Return the cached boto3 client of ``service`` for a task; raise ``RoleNotAssumableError``."""
    if not isinstance(state_credentials, TaskCredentials):
        state_credentials = TaskCredentials(state_credentials.role_arn, "ItemReader", None)
    try:
        return running.emulator().clients.client(
            service,
            region,
            role_arn=state_credentials.role_arn,
            session_name=state_credentials.session_name,
            source_role_arn=state_credentials.source_role_arn,
        )
    except ClientError as error:
        source = state_credentials.source_role_arn
        message = (
            f"The role {source} is not authorized to assume the task state's role, {state_credentials.role_arn}."
            if source
            else f"The role {state_credentials.role_arn} cannot be assumed by Step Functions: {error}"
        )
        raise RoleNotAssumableError(message) from error


def apply() -> None:
    """Repair moto's client factory: it makes a client per task, with fixed keys, and ignores the task's role."""
    replace_everywhere(boto_client.boto_client_for, client_for)
    replace(StateTask, "_eval_state_credentials", credentials_of)
