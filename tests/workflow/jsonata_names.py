"""Which names a JSONata expression uses: variables, functions, parts of ``$states``.

Step Functions' dialect differs from JSONata's own in what is bound: see "Transforming data with JSONata" in its
Developer Guide: ``$eval`` is missing, six functions are added, there is no top-level ``$`` and no top-level field.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from jsonata.jexception import JException
from jsonata.jsonata import Jsonata
from jsonata.parser import Parser

ADDED = {"partition", "range", "hash", "random", "uuid", "parse"}
MISSING = {"eval"}


def _functions() -> frozenset[str]:
    Jsonata("1")  # the first instance fills the frame of built-in functions
    return frozenset(Jsonata.static_frame.bindings) - MISSING | ADDED


FUNCTIONS = _functions()


class NotJsonata(ValueError):
    """The text is no JSONata; the message says why."""


@dataclass
class Names:
    """What an expression asks of the world around it."""

    variables: set[str] = field(default_factory=set)
    """Read and not bound by the expression itself; without ``$``; functions that exist are left out."""
    called: set[str] = field(default_factory=set)
    """Those of the variables that are called."""
    states: set[tuple[str, ...]] = field(default_factory=set)
    """Paths below ``$states``, as far as they are plain names."""
    top_level: set[str] = field(default_factory=set)
    """Fields, ``$`` or ``$$`` that look at a top-level input, which Step Functions does not give."""


@dataclass(frozen=True)
class _Scope:
    """Where in an expression a node stands."""

    bound: frozenset[str] = frozenset()
    """Variables that the expression itself binds there."""
    inside: bool = False
    """Whether it is evaluated against an item of a path, not against the top level."""

    def binding(self, *names: object) -> _Scope:
        return replace(self, bound=self.bound | {str(name) for name in names if name})

    def within(self) -> _Scope:
        return replace(self, inside=True)


def names_in(expression: str) -> Names:
    """Return the names in ``expression`` (without its ``{% %}``); raises NotJsonata."""
    try:
        tree = Parser().parse(expression)
    except JException as error:
        raise NotJsonata(str(error)) from error
    names = Names()
    _walk(tree, names, _Scope())
    return names


def _walk(node: Any, names: Names, scope: _Scope) -> None:
    """Collect the names in ``node`` and below; ``node`` may be a list of nodes, or nothing."""
    if isinstance(node, list | tuple):
        for item in node:
            _walk(item, names, scope)
    elif isinstance(node, Parser.Symbol):
        _WALKS.get(str(node.type), _children)(node, names, scope)
        if node.type != "path":
            _walk([node.predicate, node.stages], names, scope.within())


def _variable(node: Any, names: Names, scope: _Scope) -> None:
    name = str(node.value)
    if name in {"", "$"}:
        if not scope.inside:
            names.top_level.add(f"${name}")
    elif name not in scope.bound and name not in FUNCTIONS and name != "states":
        names.variables.add(name)


def _name(node: Any, names: Names, scope: _Scope) -> None:
    if not scope.inside:
        names.top_level.add(str(node.value))


def _path(node: Any, names: Names, scope: _Scope) -> None:
    first = node.steps[0]
    if first.type == "variable" and first.value == "states":
        names.states.add(tuple(_plain_names(node.steps[1:])))
    for step in node.steps:
        # `#$i` is known in the step's own filters, `@$item` after it.
        scope = scope.binding(step.index, *(stage.value for stage in step.stages or [] if stage.type == "index"))
        _walk(step, names, scope)
        scope = scope.binding(step.focus).within()
    if node.group is not None:
        _walk(node.group.lhs_object, names, scope)
        _walk(node.group.rhs_object, names, scope)


def _plain_names(steps: list[Any]) -> Iterator[str]:
    for step in steps:
        if step.type not in {"name", "string"}:
            return
        yield str(step.value)


def _function(node: Any, names: Names, scope: _Scope) -> None:
    _walk(node.procedure, names, scope)
    if node.procedure.type == "variable" and node.procedure.value in names.variables:
        names.called.add(str(node.procedure.value))
    _walk(node.arguments, names, scope)


def _lambda(node: Any, names: Names, scope: _Scope) -> None:
    _walk(node.body, names, scope.binding(*(argument.value for argument in node.arguments)))


def _block(node: Any, names: Names, scope: _Scope) -> None:
    for expression in node.expressions:
        if expression.type == "bind":
            scope = scope.binding(expression.lhs.value)  # before its value is read: a function may call itself
        _walk(expression, names, scope)


def _bind(node: Any, names: Names, scope: _Scope) -> None:
    _walk(node.rhs, names, scope)


def _transform(node: Any, names: Names, scope: _Scope) -> None:
    _walk([node.pattern, node.update, node.delete], names, scope.within())


_CHILDREN = ("lhs", "rhs", "lhs_object", "rhs_object", "condition", "then", "_else", "expressions", "expression")


def _children(node: Any, names: Names, scope: _Scope) -> None:
    within = scope.within() if node.type in {"filter", "sort"} else scope
    _walk([getattr(node, child) for child in (*_CHILDREN, "expr", "terms")], names, within)


_WALKS: dict[str, Callable[[Any, Names, _Scope], None]] = {
    "variable": _variable,
    "name": _name,
    "path": _path,
    "function": _function,
    "partial": _function,
    "lambda": _lambda,
    "block": _block,
    "bind": _bind,
    "transform": _transform,
}
