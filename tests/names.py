"""One name in every place: how the names of states, functions and folders follow from each other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.workflow.asl_references import machines_of
from tests.workflow.asl_variables import inner_machines

ROOT = Path(__file__).parents[1]


def folder(logical_id: str) -> str:
    """Return the folder in ``functions/`` of a function: MoveAccountFunction -> move_account."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", logical_id.removesuffix("Function")).lower()


def camel(name: str) -> str:
    """Return a folder's name as states have it: move_account -> MoveAccount."""
    return name.title().replace("_", "")


def tasks() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield (state's name, logical id of the function, state) for every state that calls a function."""
    for _, machine, _ in machines_of(ROOT / "template.yaml"):
        yield from _tasks(machine)


def _tasks(machine: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for name, state in machine["States"].items():
        called = re.fullmatch(r"\$\{(\w+)\}", str(state.get("Arguments", {}).get("FunctionName", "")))
        if called:
            yield name, called[1], state
        for inner in inner_machines(state):
            yield from _tasks(inner)
