"""What Step Functions refuses in JSONata expressions when a state machine is created.

An expression has no context item there: the input is ``$states.input``, a variable ``$name``. A path that starts from
neither, and ``$$``, are refused (AWS: UNSUPPORTED_JSONATA_EXPRESSION).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from avm_emulator.workflows.jsonata.evaluation import EvaluationError, parsed

_INVALID = "INVALID_JSONATA_EXPRESSION"
_UNSUPPORTED = "UNSUPPORTED_JSONATA_EXPRESSION"

# Parts of an expression that are evaluated with the same context item as the expression itself.
_SAME_CONTEXT = (
    "lhs",
    "rhs",
    "expression",
    "expressions",
    "lhs_object",
    "condition",
    "then",
    "_else",
    "arguments",
    "body",
    "procedure",
)
_ALL_PARTS = (*_SAME_CONTEXT, "steps", "stages", "predicate", "group", "terms", "expr", "pattern", "update", "delete")


def is_expression(value: Any) -> bool:
    """Say whether a value of a definition is a JSONata expression."""
    return isinstance(value, str) and value.startswith("{%") and value.endswith("%}")


def expression_of(value: str) -> str:
    """Return the expression in ``{% … %}``."""
    return value[2:-2].strip()


def problems(expression: str, *, in_catcher: bool) -> Iterator[tuple[str, str]]:
    """Yield code and message of everything that AWS refuses in an expression."""
    try:
        tree = parsed(expression).ast
    except EvaluationError as error:
        yield _INVALID, str(error)
        return
    for name in _top_level_names(tree):
        yield _UNSUPPORTED, f"Reference to '{name}' at the top level is not supported."
    for part in _parts(tree, _ALL_PARTS):
        if part.type == "variable" and part.value == "$":
            yield _UNSUPPORTED, "Reference to '$$' is not supported."
        if not in_catcher and _is_error_output(part):
            yield _UNSUPPORTED, "Reference to '$states.errorOutput' is only supported in 'Catch'."


def _top_level_names(tree: Any) -> Iterator[str]:
    if tree is None:
        return
    if tree.type == "name":
        yield tree.value
    elif tree.type == "path":
        yield from _top_level_names(tree.steps[0])
    elif tree.type == "variable" and tree.value == "":
        yield "$"
    else:
        for child in _children(tree, _SAME_CONTEXT):
            yield from _top_level_names(child)


def _parts(tree: Any, attributes: tuple[str, ...]) -> Iterator[Any]:
    yield tree
    for child in _children(tree, attributes):
        yield from _parts(child, attributes)


def _children(tree: Any, attributes: tuple[str, ...]) -> Iterator[Any]:
    for attribute in attributes:
        value = getattr(tree, attribute, None)
        for member in _flat(value):
            if hasattr(member, "type"):
                yield member


def _flat(value: Any) -> Iterator[Any]:
    if isinstance(value, list | tuple):
        for member in value:
            yield from _flat(member)
    else:
        yield value


def _is_error_output(part: Any) -> bool:
    if part.type != "path":
        return False
    first, *rest = part.steps
    return first.type == "variable" and first.value == "states" and bool(rest) and rest[0].value == "errorOutput"
