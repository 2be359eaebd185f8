"""The API of Step Functions: answers as botocore's model has them."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import datetime
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.stepfunctions.responses import StepFunctionResponse

from avm_emulator.errors import NOT_IMPLEMENTED, AwsError
from avm_emulator.workflows.definitions.parsing import check_definition
from avm_emulator.workflows.encoding import to_json
from avm_emulator.workflows.execution import WorkflowExecution
from avm_emulator.workflows.history import history_page
from avm_emulator.workflows.limits import refused
from avm_emulator.workflows.patching import replace
from avm_emulator.workflows.state_machines import require_new
from avm_emulator.workflows.tasks import tokens

_DEFAULT_PAGE = 100
_MAXIMUM_PAGE = 1000


class _PlainResult(ActionResult):
    """An answer whose members are named as in the model: written as it is.

    moto's serialiser looks for each member under several names, which takes 18 ms for the history of a vend, 90 times
    as long as this; whoever shows a request reads one.
    """

    def execute_result(self, context: Any) -> tuple[int, dict[str, str], str]:
        """Return status, headers and body."""
        version = context.service_model.metadata["jsonVersion"]
        headers = {"Content-Type": f"application/x-amz-json-{version}"}
        return 200, headers, json.dumps(self.result, default=datetime.timestamp)


_original_create = StepFunctionResponse.create_state_machine


def _create_state_machine(self: StepFunctionResponse) -> ActionResult:
    if self._get_param("type") == "EXPRESS":
        raise AwsError(NOT_IMPLEMENTED, "The emulator runs Standard state machines only, no Express ones.")
    name, definition, role_arn = (self._get_param(parameter) for parameter in ("name", "definition", "roleArn"))
    require_new(self.stepfunction_backend, name, definition, role_arn)
    return _original_create(self)


_original_update = StepFunctionResponse.update_state_machine
_UPDATABLE = ("definition", "roleArn", "loggingConfiguration", "tracingConfiguration", "encryptionConfiguration")


def _update_state_machine(self: StepFunctionResponse) -> ActionResult:
    if not any(self._get_param(parameter) for parameter in _UPDATABLE):
        raise AwsError("MissingRequiredParameter", f"At least one of {', '.join(_UPDATABLE)} must be specified")
    return _original_update(self)


def _start_execution(self: StepFunctionResponse) -> ActionResult:
    execution = self.stepfunction_backend.start_execution(
        self._get_param("stateMachineArn"),
        self._get_param("name"),
        self._get_param("input", if_none="{}"),
        self._get_param("traceHeader"),
    )
    return ActionResult({"executionArn": execution.execution_arn, "startDate": execution.start_date})


def _describe_execution(self: StepFunctionResponse) -> ActionResult:
    execution = _execution(self)
    answer: dict[str, Any] = _summary(execution) | _redrive(execution.status)
    if execution.trace_header:
        answer["traceHeader"] = execution.trace_header
    if self._get_param("includedData") != "METADATA_ONLY":
        answer |= {"input": execution.execution_input, "inputDetails": {"included": True}}
        if execution.status == "SUCCEEDED":
            answer |= {"output": to_json(execution.output), "outputDetails": {"included": True}}
    answer |= {key: value for key in ("error", "cause") if (value := getattr(execution, key)) is not None}
    return ActionResult(answer)


def _list_executions(self: StepFunctionResponse) -> ActionResult:
    machine = self.stepfunction_backend.describe_state_machine(self._get_param("stateMachineArn"))
    status = self._get_param("statusFilter")
    found = [execution for execution in reversed(machine.executions) if status in {None, execution.status}]
    start, size = _page(self)
    answer: dict[str, Any] = {"executions": [_summary(execution) for execution in found[start : start + size]]}
    if start + size < len(found):
        answer["nextToken"] = _token_for(start + size)
    return ActionResult(answer)


def _get_execution_history(self: StepFunctionResponse) -> ActionResult:
    start, size = _page(self)
    events, following = history_page(
        _execution(self).history(),
        start=start,
        size=size,
        reverse=self._get_bool_param("reverseOrder") or False,
        with_data=self._get_bool_param("includeExecutionData") is not False,
    )
    answer: dict[str, Any] = {"events": events}
    if following is not None:
        answer["nextToken"] = _token_for(following)
    return _PlainResult(answer)


def _stop_execution(self: StepFunctionResponse) -> ActionResult:
    execution = _execution(self)
    execution.stop(None, self._get_param("error"), self._get_param("cause"))
    return ActionResult({"stopDate": execution.stop_date})


def _send_task_success(self: StepFunctionResponse) -> EmptyResult:
    tokens.send_success(self.stepfunction_backend, self._get_param("taskToken"), self._get_param("output"))
    return EmptyResult()


def _send_task_failure(self: StepFunctionResponse) -> EmptyResult:
    token, error, cause = (self._get_param(name) for name in ("taskToken", "error", "cause"))
    tokens.send_failure(self.stepfunction_backend, token, error, cause)
    return EmptyResult()


def _send_task_heartbeat(self: StepFunctionResponse) -> EmptyResult:
    tokens.send_heartbeat(self.stepfunction_backend, self._get_param("taskToken"))
    return EmptyResult()


def _validate_state_machine_definition(self: StepFunctionResponse) -> ActionResult:
    problems = check_definition(self._get_param("definition"))
    diagnostics = [
        {"severity": "ERROR", "code": problem.code, "message": problem.message, "location": problem.location}
        for problem in problems
    ]
    return ActionResult({"result": "FAIL" if problems else "OK", "diagnostics": diagnostics, "truncated": False})


def _execution(self: StepFunctionResponse) -> WorkflowExecution:
    found: WorkflowExecution = self.stepfunction_backend.describe_execution(self._get_param("executionArn"))
    return found


def _summary(execution: WorkflowExecution) -> dict[str, Any]:
    answer = {
        "executionArn": execution.execution_arn,
        "stateMachineArn": execution.state_machine_arn,
        "name": execution.name,
        "status": execution.status,
        "startDate": execution.start_date,
        "redriveCount": 0,
    }
    optional = {
        "stopDate": execution.stop_date,
        "stateMachineVersionArn": execution.version_arn,
        "stateMachineAliasArn": execution.alias_arn,
    }
    return answer | {name: value for name, value in optional.items() if value is not None}


def _redrive(status: str) -> dict[str, str]:
    if status in {"RUNNING", "SUCCEEDED"}:
        reason = f"Execution is {status} and cannot be redriven"
        return {"redriveStatus": "NOT_REDRIVABLE", "redriveStatusReason": reason}
    return {"redriveStatus": "REDRIVABLE"}


def _page(self: StepFunctionResponse) -> tuple[int, int]:
    """Return where the asked page starts and how long it is; raise the AWS error InvalidToken."""
    size = self._get_int_param("maxResults") or _DEFAULT_PAGE
    if size > _MAXIMUM_PAGE:
        raise refused("maxResults", f"Member must have value less than or equal to {_MAXIMUM_PAGE}", f"'{size}' ")
    token = self._get_param("nextToken")
    if token is None:
        return 0, size
    try:
        return int(base64.b64decode(token, validate=True)), size
    except (binascii.Error, ValueError) as error:
        raise AwsError("InvalidToken", f"Invalid Token: '{token}'") from error


def _token_for(start: int) -> str:
    return base64.b64encode(str(start).encode()).decode()


def apply() -> None:
    """Replace moto's answers.

    They lacked paging of the history, error and cause of StopExecution, JSON text as output, most optional members,
    and the operation ValidateStateMachineDefinition.
    """
    for operation in (
        _create_state_machine,
        _update_state_machine,
        _start_execution,
        _describe_execution,
        _list_executions,
        _get_execution_history,
        _stop_execution,
        _send_task_success,
        _send_task_failure,
        _send_task_heartbeat,
    ):
        replace(StepFunctionResponse, operation.__name__.removeprefix("_"), operation)
    # moto has no such operation.
    StepFunctionResponse.validate_state_machine_definition = _validate_state_machine_definition
