"""CloudFormation's intrinsic functions and conditions."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Value = Any
"""A JSON value, with or without intrinsic functions in it."""

Lookup = Callable[[str, str | None], Value]
"""(logical id, attribute or None for Ref) → the value of a resource that exists already."""

_PLACEHOLDER = re.compile(r"\$\{(!?)([^}]*)\}")


class ResolveError(Exception):
    """An expression of the template that CloudFormation would refuse, too."""


_NO_VALUE = object()
"""What ``AWS::NoValue`` stands for: the property or list item disappears."""


class Resolver:
    """Resolves the expressions of one template with given parameters and pseudo parameters."""

    def __init__(self, template: Mapping[str, Any], values: Mapping[str, Value]) -> None:
        """``values``: parameters and pseudo parameters by name."""
        self._resources: Mapping[str, Any] = template.get("Resources", {})
        self._mappings: Mapping[str, Any] = template.get("Mappings", {})
        self._conditions: Mapping[str, Any] = template.get("Conditions", {})
        self._values = values
        self._known: dict[str, bool | None] = {}

    # -- conditions ----------------------------------------------------------------------------------------------
    def condition(self, name: str) -> bool:
        """Return whether the named condition holds."""
        if name not in self._conditions:
            message = f"condition {name} is not declared"
            raise ResolveError(message)
        if name not in self._known:
            self._known[name] = None
            self._known[name] = self._holds(self._conditions[name])
        known = self._known[name]
        if known is None:
            message = f"condition {name} depends on itself"
            raise ResolveError(message)
        return known

    def _holds(self, expression: Value) -> bool:
        function, argument = _single(expression)
        if function == "Condition":
            return self.condition(argument)
        if function == "Fn::Equals":
            left, right = (self.resolve(side, _no_resources) for side in argument)
            return text(left) == text(right)
        if function == "Fn::Not":
            return not self._holds(argument[0])
        if function == "Fn::And":
            return all(self._holds(part) for part in argument)
        if function == "Fn::Or":
            return any(self._holds(part) for part in argument)
        message = f"{function} is not a condition function"
        raise ResolveError(message)

    def declares(self, logical_id: str) -> bool:
        """Return whether the template has the resource, whatever its condition."""
        return logical_id in self._resources

    def exists(self, logical_id: str) -> bool:
        """Return whether the template has the resource and its condition, if any, holds."""
        resource = self._resources.get(logical_id)
        return resource is not None and ("Condition" not in resource or self.condition(resource["Condition"]))

    def choose(self, value: Value) -> Value:
        """Return ``value`` with the branch taken in place of every ``Fn::If``, without what is ``AWS::NoValue``."""
        call = _call(value)
        if call == ("Ref", "AWS::NoValue"):
            return _NO_VALUE
        if call is not None and call[0] == "Fn::If":
            name, then, otherwise = call[1]
            return self.choose(then if self.condition(name) else otherwise)
        if isinstance(value, dict):
            chosen = {key: self.choose(part) for key, part in value.items()}
            return {key: part for key, part in chosen.items() if part is not _NO_VALUE}
        if isinstance(value, list):
            return [part for part in map(self.choose, value) if part is not _NO_VALUE]
        return value

    # -- references ----------------------------------------------------------------------------------------------
    def references(self, value: Value) -> Iterator[str]:
        """Yield the logical ids that ``value`` (after ``choose``) needs.

        Raises:
            ResolveError: a reference to something that does not exist (or not under these conditions).

        """
        call = _call(value)
        if call is None:
            for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
                yield from self.references(part)
        elif call[0] == "Ref":
            yield from self._reference(call[1])
        elif call[0] == "Fn::GetAtt":
            yield from self._reference(_attribute(call[1])[0])
        elif call[0] == "Fn::Sub":
            pattern, local = _substitution(call[1])
            yield from self.references(list(local.values()))
            for literal, name in _PLACEHOLDER.findall(pattern):
                if not literal and name.strip() not in local:
                    yield from self._reference(name.strip().partition(".")[0])
        else:
            yield from self.references(call[1])

    def _reference(self, name: str) -> Iterator[str]:
        if name in self._values:
            return
        if not self.exists(name):
            message = f"{name} is neither a parameter nor a resource that exists under these conditions"
            raise ResolveError(message)
        yield name

    # -- values --------------------------------------------------------------------------------------------------
    def resolve(self, value: Value, lookup: Lookup) -> Value:
        """Return ``value`` (after ``choose``) with every function replaced by its result.

        Raises:
            ResolveError: a function that is unknown or has unusable arguments.

        """
        call = _call(value)
        if call is not None:
            return self._apply(*call, lookup)
        if isinstance(value, dict):
            return {key: self.resolve(part, lookup) for key, part in value.items()}
        if isinstance(value, list):
            return [self.resolve(part, lookup) for part in value]
        if isinstance(value, str) and "{{resolve:" in value:
            message = f"dynamic references are not known here: {value}"
            raise ResolveError(message)
        return value

    def _apply(self, function: str, argument: Value, lookup: Lookup) -> Value:
        if function == "Ref":
            return self._values[argument] if argument in self._values else lookup(argument, None)
        if function == "Fn::GetAtt":
            return lookup(*_attribute(argument))
        if function == "Fn::Sub":
            return self._substitute(argument, lookup)
        resolved = self.resolve(argument, lookup)
        try:
            return _FUNCTIONS[function](resolved) if function in _FUNCTIONS else self._find(function, resolved)
        except (LookupError, TypeError, ValueError) as error:
            message = f"{function} {resolved!r} cannot be resolved: {error!r}"
            raise ResolveError(message) from error

    def _find(self, function: str, path: Value) -> Value:
        if function != "Fn::FindInMap":
            message = f"{function} is not known here"
            raise ResolveError(message)
        mapping, first, second = path
        return self._mappings[mapping][first][second]

    def _substitute(self, argument: Value, lookup: Lookup) -> str:
        pattern, local = _substitution(argument)

        def replace(match: re.Match[str]) -> str:
            literal, name = match.group(1), match.group(2).strip()
            if literal:
                return "${" + match.group(2) + "}"
            if name in local:
                return text(self.resolve(local[name], lookup))
            if name in self._values:
                return text(self._values[name])
            logical_id, _, attribute = name.partition(".")
            return text(lookup(logical_id, attribute or None))

        return _PLACEHOLDER.sub(replace, pattern)


def text(value: Value) -> str:
    """Return a scalar as CloudFormation writes it into a string.

    Raises:
        ResolveError: the value is a list or an object.

    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value)
    message = f"a string is wanted here, not {value!r}"
    raise ResolveError(message)


def _call(value: Value) -> tuple[str, Value] | None:
    if isinstance(value, dict) and len(value) == 1:
        name, argument = next(iter(value.items()))
        if name == "Ref" or name.startswith("Fn::"):
            return name, argument
    return None


def _single(expression: Value) -> tuple[str, Value]:
    if not isinstance(expression, dict) or len(expression) != 1:
        message = f"a condition is one function, not {expression!r}"
        raise ResolveError(message)
    return next(iter(expression.items()))


def _attribute(argument: Value) -> tuple[str, str]:
    logical_id, attribute = argument if isinstance(argument, list) else argument.split(".", 1)
    return logical_id, attribute


def _substitution(argument: Value) -> tuple[str, Mapping[str, Value]]:
    if isinstance(argument, str):
        return argument, {}
    pattern, local = argument
    return pattern, local


def _no_resources(logical_id: str, _: str | None) -> Value:
    message = f"a condition cannot refer to the resource {logical_id}"
    raise ResolveError(message)


_FUNCTIONS: dict[str, Callable[[Any], Value]] = {
    "Fn::Join": lambda argument: argument[0].join(text(part) for part in argument[1]),
    "Fn::Select": lambda argument: argument[1][int(argument[0])],
    "Fn::Split": lambda argument: argument[1].split(argument[0]),
    "Fn::Base64": lambda argument: base64.b64encode(text(argument).encode()).decode(),
}
