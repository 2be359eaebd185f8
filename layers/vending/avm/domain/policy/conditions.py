"""Conditions: operators with their qualifiers, and what holds where the request does not have the key.

Source: IAM User Guide, "IAM JSON policy elements: Condition operators" and "Set operators for multivalued context
keys". A key of several values needs a set operator: without one nothing matches, negated or not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from avm.domain.policy.operators import OPERATORS, Compare
from avm.domain.policy.variables import Context

Condition = Callable[[Context], bool]
"""Says whether one operator holds for one key of a request."""

_QUALIFIED = re.compile(r"(?:(ForAnyValue|ForAllValues):)?(\w+?)(IfExists)?")


def is_operator(name: str) -> bool:
    """Say whether IAM knows a condition operator, with its qualifiers."""
    match = _QUALIFIED.fullmatch(name)
    return match is not None and (match[2] in OPERATORS or (match[2] == "Null" and match[3] is None))


def condition(name: str, key: str, values: Sequence[str], *, variables: bool) -> Condition:
    """Return the test of ``key`` by the operator ``name``; raise ValueError for what IAM does not know."""
    match = _QUALIFIED.fullmatch(name)
    if match is None or not is_operator(name):
        raise ValueError(f"{name!r} is not a condition operator of IAM")
    qualifier, plain, if_exists = match.groups()
    if plain == "Null":
        return _null(key.lower(), values)
    operator = OPERATORS[plain]
    compares = [operator.prepare(value, variables) for value in values]
    missing = bool(if_exists) or (qualifier == "ForAllValues" or (operator.negated and qualifier is None))
    return _test(key.lower(), qualifier, _one(compares, negated=operator.negated), missing=missing)


def _one(compares: Sequence[Compare], *, negated: bool) -> Compare:
    """Return the test of one value of the request against all values of the policy."""
    if negated:
        return lambda text, context: not any(compare(text, context) for compare in compares)
    if len(compares) == 1:
        return compares[0]
    return lambda text, context: any(compare(text, context) for compare in compares)


def _test(key: str, qualifier: str | None, one: Compare, *, missing: bool) -> Condition:
    if qualifier is None:

        def single(context: Context) -> bool:
            value = context.get(key, ())
            return missing if value == () else isinstance(value, str) and one(value, context)

        return single
    combine = any if qualifier == "ForAnyValue" else all

    def several(context: Context) -> bool:
        value = context.get(key, ())
        if value == ():
            return missing
        given = (value,) if isinstance(value, str) else value
        return combine(one(text, context) for text in given)

    return several


def _null(key: str, values: Sequence[str]) -> Condition:
    wanted = {value.lower() for value in values}
    if not wanted <= {"true", "false"}:
        raise ValueError("Null takes 'true' (the key is absent) or 'false'")
    return lambda context: ("true" if context.get(key, ()) == () else "false") in wanted
