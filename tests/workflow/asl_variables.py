"""Which variables are certainly assigned when a state begins: on every path to it, by ``Assign`` of what lies before.

Step Functions fails an execution that reads a variable which nothing has assigned, and no other tool looks for that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

State = Mapping[str, Any]
Edge = tuple[str, frozenset[str]]
"""Where it leads, and which variables it assigns on the way."""


def edges(state: State) -> Iterator[Edge]:
    """Yield every way out of a state.

    A state's own ``Assign`` counts for ``Next`` and ``Default``; a choice rule and a Catch have their own instead.
    """
    own = frozenset(state.get("Assign", {}))
    if "Next" in state:
        yield state["Next"], own
    if "Default" in state:
        yield state["Default"], own
    for way in (*state.get("Choices", []), *state.get("Catch", [])):
        if "Next" in way:
            yield way["Next"], frozenset(way.get("Assign", {}))


def assigned_before(machine: Mapping[str, Any], outer: frozenset[str]) -> dict[str, frozenset[str]]:
    """Return for each state that can be reached the variables that it can rely on; ``outer``: from enclosing states."""
    states: Mapping[str, State] = machine["States"]
    before: dict[str, frozenset[str]] = {machine["StartAt"]: outer}
    todo = [name for name in before if name in states]
    while todo:
        name = todo.pop()
        for target, assigned in edges(states[name]):
            if target not in states:
                continue
            arriving = before[name] | assigned
            known = before[target] & arriving if target in before else arriving
            if known != before.get(target):
                before[target] = known
                todo.append(target)
    return before


def assigned_anywhere(machine: Mapping[str, Any]) -> frozenset[str]:
    """Return every variable that some state of ``machine`` assigns, not looking into machines inside it."""
    states = machine["States"].values()
    on_edges = (assigned for state in states for _, assigned in edges(state))
    return frozenset().union(*on_edges, *(state.get("Assign", {}) for state in states))


def inner_machines(state: State) -> list[Mapping[str, Any]]:
    """Return the machines inside a Map or Parallel state."""
    processor = state.get("ItemProcessor")
    return [*state.get("Branches", []), *([processor] if processor else [])]
