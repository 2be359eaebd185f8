"""How executions of state machines are started, by state machine, version or alias."""

from __future__ import annotations

import json
import threading
import uuid
from typing import Any

from moto.moto_api._internal import mock_random
from moto.stepfunctions.exceptions import StateMachineDoesNotExist
from moto.stepfunctions.models import StateMachine, StateMachineVersion, StepFunctionBackend
from moto.stepfunctions.parser.models import StepFunctionsParserBackend, stepfunctions_parser_backends

from avm_emulator.errors import AwsError
from avm_emulator.workflows import running
from avm_emulator.workflows.definitions.parsing import require_valid
from avm_emulator.workflows.execution import WorkflowExecution
from avm_emulator.workflows.limits import require_state_data
from avm_emulator.workflows.patching import replace

_starting = threading.Lock()
_COLONS_WITH_ALIAS = 7
"""In arn:aws:states:REGION:ACCOUNT:stateMachine:NAME:ALIAS."""


class _Snapshot:
    """A state machine as it is when an execution starts: later updates do not concern it."""

    def __init__(self, machine: StateMachine, version: StateMachineVersion | None) -> None:
        source = version or machine
        self.arn = machine.arn
        self.name = machine.name
        self.sm_type = machine.sm_type
        self.definition = source.definition
        self.role_arn = source.roleArn


def start(
    backend: StepFunctionBackend,
    state_machine_arn: str,
    name: str | None = None,
    execution_input: str | None = None,
    trace_header: str | None = None,
) -> WorkflowExecution:
    """Start an execution, or return the running one of the same name and input.

    Args:
        backend: of the account and Region.
        state_machine_arn: of a state machine, a version or an alias.
        name: unique for the state machine; a UUID when None.
        execution_input: JSON text; ``{}`` when None.
        trace_header: kept with the execution.

    Raises:
        AwsError: ExecutionAlreadyExists, InvalidExecutionInput, ValidationException.
    """
    machine, version, alias_arn = _resolve(backend, state_machine_arn)
    text = "{}" if execution_input is None else execution_input
    _require_valid_input(text)
    if name is not None:
        backend._validate_name(name)
    with _starting:
        existing = next((execution for execution in machine.executions if execution.name == name), None)
        if existing is not None:
            if existing.status == "RUNNING" and existing.execution_input == text:
                return existing
            raise AwsError("ExecutionAlreadyExists", f"Execution Already Exists: '{existing.execution_arn}'")
        execution = _execution(backend, _Snapshot(machine, version), name or str(uuid.uuid4()), text)
        execution.trace_header = trace_header
        execution.version_arn = version.arn if version else None
        execution.alias_arn = alias_arn
        execution.prepare()
        machine.executions.append(execution)
    execution.start()
    return execution


def _execution(backend: StepFunctionBackend, machine: _Snapshot, name: str, text: str) -> WorkflowExecution:
    arn = machine.arn.replace(":stateMachine:", ":execution:", 1)
    return WorkflowExecution(
        name=name,
        sm_type=machine.sm_type,
        role_arn=machine.role_arn,
        exec_arn=f"{arn}:{name}",
        account_id=backend.account_id,
        region_name=backend.region_name,
        state_machine=machine,
        start_date=running.now(),
        cloud_watch_logging_session=None,
        input_data=text,
        activity_store={},
    )


def _require_valid_input(text: str) -> None:
    require_state_data("input", text)
    try:
        json.loads(text)
    except ValueError as error:
        raise AwsError("InvalidExecutionInput", f"Invalid State Machine Execution Input: '{error}'") from error


def _resolve(backend: StepFunctionBackend, arn: str) -> tuple[StateMachine, StateMachineVersion | None, str | None]:
    """Return the state machine that an ARN means, with the version and the alias in it."""
    try:
        found = backend.describe_state_machine(arn)
    except StateMachineDoesNotExist:
        if arn.count(":") != _COLONS_WITH_ALIAS:
            raise
        routes = backend.describe_state_machine_alias(arn).routing_configuration
        version_arns = [route["stateMachineVersionArn"] for route in routes]
        chosen = mock_random.choices(version_arns, [route["weight"] for route in routes])[0]
        machine, version, _ = _resolve(backend, chosen)
        return machine, version, arn
    if isinstance(found, StateMachineVersion):
        machine, _, _ = _resolve(backend, found.source_arn)
        return machine, found, None
    return found, None, None


def require_new(backend: Any, name: str, definition: str, role_arn: str) -> None:
    """Raise StateMachineAlreadyExists when there is another state machine of that name."""
    for machine in backend.state_machines:
        if machine.name == name and (machine.definition != definition or machine.roleArn != role_arn):
            raise AwsError("StateMachineAlreadyExists", f"State Machine Already Exists: '{machine.arn}'")


def stop_all() -> None:
    """Stop every execution, so that no thread is left waiting when the emulator stops; nobody is told."""
    for regions in stepfunctions_parser_backends.values():
        for backend in regions.values():
            for execution in backend._get_executions():
                execution.abandon()


def apply() -> None:
    """Replace moto's start of executions (unnamed ones all got the name ``None``) and its acceptance of definitions."""
    replace(StepFunctionsParserBackend, "start_execution", start)
    replace(StepFunctionsParserBackend, "_validate_definition", staticmethod(require_valid))
