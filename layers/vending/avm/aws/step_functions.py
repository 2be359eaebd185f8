"""The executions of the vend workflow."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from avm.aws.errors import error_code, to_domain
from avm.domain.naming import execution_name
from avm.domain.time import iso

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient


class Workflows:
    """Starts vends and tells how far they are."""

    def __init__(self, client: SFNClient, state_machine_arn: str) -> None:
        """``state_machine_arn``: of ``vend_account``."""
        self._client = client
        self._state_machine_arn = state_machine_arn

    def start_vend(self, request_id: str, attempt: int) -> None:
        """Start the vend, if it is not started.

        The name is request id and attempt and the input canonical, so that a second call starts nothing
        (StartExecution is idempotent by name and input while it runs; aws-semantics 8).
        """
        try:
            self._client.start_execution(
                stateMachineArn=self._state_machine_arn,
                name=execution_name(request_id, attempt),
                input=json.dumps({"request_id": request_id, "attempt": attempt}, sort_keys=True),
            )
        except ClientError as error:
            if error_code(error) != "ExecutionAlreadyExists":
                raise to_domain(error) from error

    def history(self, request_id: str, attempt: int) -> list[dict[str, Any]] | None:
        """Return the events of the vend's execution, oldest first, times as text; None where there is none."""
        machine = self._state_machine_arn.replace(":stateMachine:", ":execution:")
        arn = f"{machine}:{execution_name(request_id, attempt)}"
        events: list[dict[str, Any]] = []
        try:
            for page in self._client.get_paginator("get_execution_history").paginate(
                executionArn=arn, includeExecutionData=False
            ):
                events += [{**event, "timestamp": iso(event["timestamp"])} for event in page["events"]]
        except ClientError as error:
            if error_code(error) == "ExecutionDoesNotExist":
                return None
            raise to_domain(error) from error
        return events
