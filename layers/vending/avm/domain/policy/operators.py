"""Condition operators of IAM: how one value of a policy is compared with one value of a request.

Source: IAM User Guide, "IAM JSON policy elements: Condition operators". Variables stand in for values of the String and
Arn operators only ("… Variables and tags").
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from avm.domain.policy.matching import ArnPattern
from avm.domain.policy.variables import Context, Template, parts_of

Compare = Callable[[str, Context], bool]
"""Says whether a value of the request fits the value of the policy that it was made for."""

_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_EPOCH = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Operator:
    """``prepare`` makes a comparison of a value of the policy (ValueError: it is none that the operator takes).

    ``negated``: holds where *none* of the policy's values fits, and where the request has no such key.
    ``prepare``'s second argument says whether the document knows variables.
    """

    prepare: Callable[[str, bool], Compare]
    negated: bool = False


def _equals(value: str, variables: bool) -> Compare:  # noqa: FBT001  # called by position through Operator
    template = Template(tuple(parts_of(value, variables=variables, wildcards=False)))
    return template.matches


def _equals_ignoring_case(value: str, variables: bool) -> Compare:  # noqa: FBT001
    template = Template(tuple(parts_of(value, variables=variables, wildcards=False)))

    def compare(text: str, context: Context) -> bool:
        source = template.source(context)
        return source is not None and re.fullmatch(source, text, re.DOTALL | re.IGNORECASE) is not None

    return compare


def _like(value: str, variables: bool) -> Compare:  # noqa: FBT001
    return Template(tuple(parts_of(value, variables=variables))).matches


def _arn(value: str, variables: bool) -> Compare:  # noqa: FBT001
    return ArnPattern(value, variables=variables).matches


def _bool(value: str, _: bool) -> Compare:  # noqa: FBT001
    wanted = value.lower()
    if wanted not in {"true", "false"}:
        raise ValueError(f"{value!r} is neither true nor false")
    return lambda text, _: text.lower() == wanted


def _binary(value: str, _: bool) -> Compare:  # noqa: FBT001
    wanted = _decoded(value)

    def compare(text: str, _: Context) -> bool:
        try:
            return _decoded(text) == wanted
        except ValueError:
            return False

    return compare


def _decoded(value: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise ValueError(f"{value!r} is not base64") from error


def _ip_address(value: str, _: bool) -> Compare:  # noqa: FBT001
    network = ipaddress.ip_network(value, strict=False)

    def compare(text: str, _: Context) -> bool:
        try:
            return ipaddress.ip_address(text) in network
        except ValueError:
            return False

    return compare


def _number(value: str) -> float:
    if not _NUMBER.fullmatch(value):
        raise ValueError(f"{value!r} is not a number")
    return float(value)


def _date(value: str) -> float:
    """Return epoch seconds: the value is one, or an ISO 8601 date; without a zone it is UTC."""
    if _EPOCH.fullmatch(value):
        return float(value)
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise ValueError(f"{value!r} is neither an ISO 8601 date nor epoch seconds") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _ordered(read: Callable[[str], float], holds: Callable[[Any, Any], bool]) -> Callable[[str, bool], Compare]:
    def prepare(value: str, _: bool) -> Compare:  # noqa: FBT001
        bound = read(value)

        def compare(text: str, _: Context) -> bool:
            try:
                return holds(read(text), bound)
            except ValueError:
                return False

        return compare

    return prepare


def _comparisons(name: str, read: Callable[[str], float]) -> Mapping[str, Operator]:
    return {
        f"{name}Equals": Operator(_ordered(read, operator.eq)),
        f"{name}NotEquals": Operator(_ordered(read, operator.eq), negated=True),
        f"{name}LessThan": Operator(_ordered(read, operator.lt)),
        f"{name}LessThanEquals": Operator(_ordered(read, operator.le)),
        f"{name}GreaterThan": Operator(_ordered(read, operator.gt)),
        f"{name}GreaterThanEquals": Operator(_ordered(read, operator.ge)),
    }


OPERATORS: Mapping[str, Operator] = {
    "StringEquals": Operator(_equals),
    "StringNotEquals": Operator(_equals, negated=True),
    "StringEqualsIgnoreCase": Operator(_equals_ignoring_case),
    "StringNotEqualsIgnoreCase": Operator(_equals_ignoring_case, negated=True),
    "StringLike": Operator(_like),
    "StringNotLike": Operator(_like, negated=True),
    **_comparisons("Numeric", _number),
    **_comparisons("Date", _date),
    "Bool": Operator(_bool),
    "BinaryEquals": Operator(_binary),
    "IpAddress": Operator(_ip_address),
    "NotIpAddress": Operator(_ip_address, negated=True),
    # "The ArnEquals and ArnLike condition operators behave identically."
    "ArnEquals": Operator(_arn),
    "ArnLike": Operator(_arn),
    "ArnNotEquals": Operator(_arn, negated=True),
    "ArnNotLike": Operator(_arn, negated=True),
}
"""All operators that compare values, by name. ``Null`` compares none: see ``conditions``."""
