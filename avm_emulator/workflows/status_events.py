"""Step Functions Execution Status Change: what EventBridge hears of executions."""

from __future__ import annotations

import json
import logging
from typing import Any

from moto.events.models import events_backends

from avm_emulator.workflows import running
from avm_emulator.workflows.encoding import to_json

log = logging.getLogger(__name__)

_MAXIMUM_DATA_BYTES = 248 * 1024
"""Input and output are left out of the event when they are larger together (developer guide, "EventBridge")."""


def publish_status(execution: Any) -> None:
    """Put the status of an execution on the default bus of its account and Region."""
    bus = events_backends[execution.account_id][execution.region_name]
    event = {
        "Source": "aws.states",
        "DetailType": "Step Functions Execution Status Change",
        "Resources": [execution.exec_arn],
        "Time": running.clock().now(),
        "Detail": json.dumps(_detail(execution), ensure_ascii=False),
    }
    try:
        bus.put_events([event])
    except Exception:
        # An execution does not depend on who listens to it.
        log.exception("status of %s was not published", execution.exec_arn)


def _detail(execution: Any) -> dict[str, Any]:
    status = execution.status
    output = to_json(execution.output) if status == "SUCCEEDED" else None
    included = len((execution.execution_input + (output or "")).encode()) <= _MAXIMUM_DATA_BYTES
    return {
        "executionArn": execution.exec_arn,
        "stateMachineArn": execution.state_machine_arn,
        "stateMachineVersionArn": execution.version_arn,
        "stateMachineAliasArn": execution.alias_arn,
        "name": execution.name,
        "status": status,
        "startDate": _milliseconds(execution.start_date),
        "stopDate": _milliseconds(execution.stop_date) if execution.stop_date else None,
        "input": execution.execution_input if included else None,
        "inputDetails": {"included": included},
        "output": output if included else None,
        "outputDetails": None if output is None else {"included": included},
        "error": execution.error,
        "cause": execution.cause,
        "redriveCount": 0,
        "redriveDate": None,
        "redriveStatus": "NOT_REDRIVABLE",
        "redriveStatusReason": None,
    }


def _milliseconds(moment: Any) -> int:
    return int(moment.timestamp() * 1000)
