"""What a request's executions held and took, read from their histories."""

import json
from collections.abc import Iterator
from typing import Any

from tests.end_to_end.conftest import Machine


def histories(machine: Machine, request_id: str) -> Iterator[list[dict[str, Any]]]:
    """Yield the events of each execution that worked for a request, nested ones among them."""
    workflows = machine.application_client("stepfunctions")
    for state_machine in workflows.list_state_machines()["stateMachines"]:
        pages = workflows.get_paginator("list_executions").paginate(stateMachineArn=state_machine["stateMachineArn"])
        for execution in (execution for page in pages for execution in page["executions"]):
            arn = execution["executionArn"]
            given = json.loads(workflows.describe_execution(executionArn=arn)["input"])
            if given.get("request_id") == request_id:
                events = workflows.get_paginator("get_execution_history").paginate(executionArn=arn)
                yield [event for page in events for event in page["events"]]


def largest_state(events: list[dict[str, Any]]) -> int:
    """Return how many bytes the largest input or output of a state has."""
    details = [event.get("stateEnteredEventDetails") or event.get("stateExitedEventDetails") or {} for event in events]
    texts = [detail.get("input") or detail.get("output") or "" for detail in details]
    return max(len(text.encode()) for text in texts)


def transitions(events: list[dict[str, Any]]) -> int:
    """Return how many state transitions AWS charges for: each state that is entered, and each retry of a task.

    Retries count, too (https://aws.amazon.com/step-functions/pricing/).
    """
    kinds = [str(event["type"]) for event in events]
    retries = kinds.count("TaskScheduled") - kinds.count("TaskStateEntered")
    return sum(kind.endswith("StateEntered") for kind in kinds) + max(0, retries)
