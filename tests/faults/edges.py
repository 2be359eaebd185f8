"""Which edges of the state machines have been taken, read from the histories of executions.

An edge is a way from one state to the next: ``Next``, a rule or the ``Default`` of a Choice, a catcher; or back into
the same state: a retrier. Everything is read from the definitions and histories that AWS's API shows, so a new state or
machine is among them by itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_ANY = frozenset({"States.ALL"})
_UNCAUGHT_BY_TASK_FAILED = frozenset({"States.Timeout"})
_BRANCHES = ("MapIterationStarted", "MapStateStarted", "ParallelStateStarted", "ExecutionStarted")


@dataclass(frozen=True, order=True)
class Edge:
    """A way out of a state, or back into it."""

    machine: str
    state: str
    kind: str
    """``Next``, ``Choice``, ``Default``, ``Catch 1 (Name, …)``, ``Retry 1 (Name, …)``: numbers count from 1."""
    target: str

    def __str__(self) -> str:
        """Return it as one line."""
        return f"{self.machine}: {self.state} → {self.target} ({self.kind})"


def edges_of(machine: str, definition: Mapping[str, Any]) -> set[Edge]:
    """Return all edges of a state machine, those of its branches and iterators too."""
    return {edge for name, state in _states(definition) for edge in _edges_of_state(machine, name, state)}


def taken(machine: str, definition: Mapping[str, Any], history: Sequence[Mapping[str, Any]]) -> set[Edge]:
    """Return the edges that an execution has taken; ``history``: its events, oldest first."""
    states = dict(_states(definition))
    events = {event["id"]: event for event in history}
    found = set()
    for event in history:
        if "stateEnteredEventDetails" in event:
            way = list(_back(events, event))
            if way:
                found.add(_edge_into(machine, states, event["stateEnteredEventDetails"]["name"], way))
        error = _error(event)
        if error is not None and (retried := _retried(machine, states, events, event, error)):
            found.update(retried)
    return found


def _states(definition: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, state in definition["States"].items():
        yield name, state
        processor = state.get("ItemProcessor") or state.get("Iterator")
        if processor and processor.get("ProcessorConfig", {}).get("Mode") == "DISTRIBUTED":
            continue  # its children are executions of their own, of which the emulator keeps no history
        for inner in [*state.get("Branches", []), *([processor] if processor else [])]:
            yield from _states(inner)


def _edges_of_state(machine: str, name: str, state: Mapping[str, Any]) -> Iterator[Edge]:
    if "Next" in state:
        yield Edge(machine, name, "Next", state["Next"])
    for rule in state.get("Choices", []):
        yield Edge(machine, name, "Choice", rule["Next"])
    if "Default" in state:
        yield Edge(machine, name, "Default", state["Default"])
    for number, catcher in enumerate(state.get("Catch", []), 1):
        yield Edge(machine, name, _named("Catch", number, catcher), catcher["Next"])
    for number, retrier in enumerate(state.get("Retry", []), 1):
        yield Edge(machine, name, _named("Retry", number, retrier), name)


def _named(kind: str, number: int, handler: Mapping[str, Any]) -> str:
    first, *others = handler["ErrorEquals"]
    return f"{kind} {number} ({first}{', …' if others else ''})"


def _back(events: Mapping[int, Mapping[str, Any]], entered: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the events before a state was entered, latest first, to where the state before it was entered.

    Nothing where there is none before: the first state of a machine or branch.
    """
    event = events.get(entered["previousEventId"])
    if event is None or event["type"] in _BRANCHES:
        return
    while event is not None:
        yield event
        if "stateEnteredEventDetails" in event:
            return
        event = events.get(event["previousEventId"])


def _edge_into(
    machine: str, states: Mapping[str, Mapping[str, Any]], target: str, way: Sequence[Mapping[str, Any]]
) -> Edge:
    source = next(event["stateExitedEventDetails"]["name"] for event in way if "stateExitedEventDetails" in event)
    state = states[source]
    if state["Type"] == "Choice":
        by_rule = any(rule["Next"] == target for rule in state["Choices"])
        return Edge(machine, source, "Choice" if by_rule else "Default", target)
    # what came last before the state was left says how: with an error, or well
    error = _error(way[1]) if len(way) > 1 else None
    if error is not None:
        number, catcher = _handler(state.get("Catch", []), error)
        return Edge(machine, source, _named("Catch", number, catcher), target)
    return Edge(machine, source, "Next", target)


def _retried(
    machine: str,
    states: Mapping[str, Mapping[str, Any]],
    events: Mapping[int, Mapping[str, Any]],
    failed: Mapping[str, Any],
    error: str,
) -> set[Edge]:
    """Return the retrier's edge where the state of a failed task has begun again."""
    following = [event for event in events.values() if event["previousEventId"] == failed["id"]]
    if not any(event["type"].endswith("Scheduled") for event in following):
        return set()
    event = failed
    while "stateEnteredEventDetails" not in event:
        event = events[event["previousEventId"]]
    name = event["stateEnteredEventDetails"]["name"]
    number, retrier = _handler(states[name]["Retry"], error)
    return {Edge(machine, name, _named("Retry", number, retrier), name)}


def _error(event: Mapping[str, Any]) -> str | None:
    """Return the error that an event of a task tells, if it does."""
    if event["type"].startswith("Execution") or not event["type"].endswith(("Failed", "TimedOut")):
        return None
    details: Any = next((value for key, value in event.items() if key.endswith("EventDetails")), {})
    return str(details.get("error", "States.Timeout" if event["type"].endswith("TimedOut") else "States.TaskFailed"))


def _handler(handlers: Sequence[Mapping[str, Any]], error: str) -> tuple[int, Mapping[str, Any]]:
    """Return the first handler that takes an error, and its number."""
    for number, handler in enumerate(handlers, 1):
        names = set(handler["ErrorEquals"])
        if error in names or names & _ANY or ("States.TaskFailed" in names and error not in _UNCAUGHT_BY_TASK_FAILED):
            return number, handler
    raise LookupError(f"nothing takes {error}: {handlers}")


class Ledger:
    """The edges of the state machines of the runs seen so far, and which of them have been taken."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.edges: set[Edge] = set()
        self.taken: set[Edge] = set()

    def read(self, workflows: Any) -> None:
        """Take in all executions that a Step Functions client shows."""
        for machine in workflows.list_state_machines()["stateMachines"]:
            arn, name = machine["stateMachineArn"], machine["name"].removeprefix("avm-")
            definition = json.loads(workflows.describe_state_machine(stateMachineArn=arn)["definition"])
            self.edges |= edges_of(name, definition)
            for page in workflows.get_paginator("list_executions").paginate(stateMachineArn=arn):
                for execution in page["executions"]:
                    pages = workflows.get_paginator("get_execution_history").paginate(
                        executionArn=execution["executionArn"], includeExecutionData=False
                    )
                    self.taken |= taken(name, definition, [event for events in pages for event in events["events"]])

    @property
    def missing(self) -> list[Edge]:
        """The edges that nothing has taken."""
        return sorted(self.edges - self.taken)
