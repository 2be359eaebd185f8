"""The executions of the vend workflow."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from avm.aws.errors import translated, unless
from avm.domain.naming import execution_name
from avm.domain.time import iso

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

_LATE = ("TaskTimedOut", "TaskDoesNotExist", "InvalidToken")
"""Normal where a token is answered late or twice (aws-semantics 8)."""


class Workflows:
    """Starts vends, wakes those that wait, and tells how far they are."""

    def __init__(self, client: SFNClient, state_machine_arn: str) -> None:
        """``state_machine_arn``: of ``vend_account``."""
        self._client = client
        self._state_machine_arn = state_machine_arn

    def start_vend(self, request_id: str, attempt: int) -> None:
        """Start the vend, if it is not started.

        The name is request id and attempt and the input canonical, so that a second call starts nothing
        (StartExecution is idempotent by name and input while it runs; aws-semantics 8).
        """
        with translated(), unless("ExecutionAlreadyExists"):
            self._client.start_execution(
                stateMachineArn=self._state_machine_arn,
                name=execution_name(request_id, attempt),
                input=json.dumps({"request_id": request_id, "attempt": attempt}, sort_keys=True),
            )

    def answer(self, token: str, output: Mapping[str, Any]) -> None:
        """Let the execution that waits on ``token`` go on with ``output``; one that waits no longer is no error."""
        with translated(), unless(*_LATE):
            self._client.send_task_success(taskToken=token, output=json.dumps(output))

    def stop(self, request_id: str, attempt: int, *, code: str, cause: str) -> None:
        """End the vend's execution, if it runs."""
        with translated(), unless("ExecutionDoesNotExist"):
            self._client.stop_execution(executionArn=self._arn(request_id, attempt), error=code, cause=cause)

    def running(self) -> set[str]:
        """Return the names of the executions that run; one that began or ended just now may be missing or there."""
        with translated():
            pages = self._client.get_paginator("list_executions").paginate(
                stateMachineArn=self._state_machine_arn, statusFilter="RUNNING"
            )
            return {execution["name"] for page in pages for execution in page["executions"]}

    def status(self, request_id: str, attempt: int) -> str | None:
        """Return the status of the vend's execution (``RUNNING``, ``FAILED`` …); None where there is none."""
        with translated(), unless("ExecutionDoesNotExist"):
            return self._client.describe_execution(executionArn=self._arn(request_id, attempt))["status"]
        return None

    def ending(self, request_id: str, attempt: int) -> tuple[str, str]:
        """Return with which error and cause the vend's execution has ended; "" where it tells none."""
        with translated():
            described = self._client.describe_execution(executionArn=self._arn(request_id, attempt))
        return described.get("error", ""), described.get("cause", "")

    def place(self, request_id: str, attempt: int) -> str:
        """Return the name of the state that the vend's execution has entered last."""
        with translated():
            pages = self._client.get_paginator("get_execution_history").paginate(
                executionArn=self._arn(request_id, attempt), reverseOrder=True, includeExecutionData=False
            )
            for page in pages:
                for event in page["events"]:
                    if "stateEnteredEventDetails" in event:
                        return event["stateEnteredEventDetails"]["name"]
        return "none"

    def last_failure(self, request_id: str, attempt: int, state: str) -> tuple[str, str] | None:
        """Return with which error and cause a task of ``state`` has failed last and was tried again; None: never."""
        with translated(), unless("ExecutionDoesNotExist"):
            pages = self._client.get_paginator("get_execution_history").paginate(
                executionArn=self._arn(request_id, attempt), reverseOrder=True
            )
            failure: tuple[str, str] | None = None
            for page in pages:
                for event in page["events"]:
                    if event.get("stateEnteredEventDetails", {}).get("name") == state and failure:
                        return failure
                    if "stateEnteredEventDetails" in event:
                        failure = None  # it was in another state
                    elif "taskFailedEventDetails" in event and failure is None:
                        details = event["taskFailedEventDetails"]
                        failure = details.get("error", ""), details.get("cause", "")
        return None

    def history(self, request_id: str, attempt: int) -> list[dict[str, Any]] | None:
        """Return the events of the vend's execution, oldest first, times as text; None where there is none."""
        with translated(), unless("ExecutionDoesNotExist"):
            pages = self._client.get_paginator("get_execution_history").paginate(
                executionArn=self._arn(request_id, attempt), includeExecutionData=False
            )
            return [{**event, "timestamp": iso(event["timestamp"])} for page in pages for event in page["events"]]
        return None

    def _arn(self, request_id: str, attempt: int) -> str:
        machine = self._state_machine_arn.replace(":stateMachine:", ":execution:")
        return f"{machine}:{execution_name(request_id, attempt)}"


class ControlRuns:
    """Starts what looks at controls, or makes them true: those of one account, or those of the foundation."""

    def __init__(self, client: SFNClient, state_machine_arn: str) -> None:
        """``state_machine_arn``: of ``apply_controls``, or of ``prepare_organization``."""
        self._client = client
        self._state_machine_arn = state_machine_arn

    def start(self, name: str, document: Mapping[str, Any]) -> None:
        """Start a run called ``name``; the same again starts nothing."""
        self.begin(name, document)

    def begin(self, name: str, document: Mapping[str, Any]) -> bool:
        """Start a run called ``name``; False where there was one with another document, or it has ended."""
        with translated(), unless("ExecutionAlreadyExists"):
            self._client.start_execution(
                stateMachineArn=self._state_machine_arn, name=name, input=json.dumps(document, sort_keys=True)
            )
            return True
        return False

    def status(self, name: str) -> str | None:
        """Return the status of a run (``RUNNING``, ``SUCCEEDED`` ...); None where there is none."""
        machine = self._state_machine_arn.replace(":stateMachine:", ":execution:")
        with translated(), unless("ExecutionDoesNotExist"):
            return self._client.describe_execution(executionArn=f"{machine}:{name}")["status"]
        return None
