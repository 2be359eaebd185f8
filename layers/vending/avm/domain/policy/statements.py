"""Statements of policies: what they may hold, and whether one is about a request.

Source: IAM User Guide, "IAM JSON policy elements reference"; Organizations User Guide, "SCP syntax" and "RCP syntax".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from avm.domain.policy.conditions import Condition, condition
from avm.domain.policy.kinds import PolicyKind
from avm.domain.policy.matching import Actions, Resources
from avm.domain.policy.principals import Grip, Principal, Principals
from avm.domain.policy.variables import Context

_NAMES_PRINCIPALS = {PolicyKind.RCP, PolicyKind.RESOURCE, PolicyKind.TRUST}
_ELEMENTS = {
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
}
_Read = TypeVar("_Read")


class Statement:
    """One statement of a policy."""

    __slots__ = (
        "_actions",
        "_conditions",
        "_not_action",
        "_not_principal",
        "_not_resource",
        "_principals",
        "_resources",
        "denies",
        "sid",
    )

    def __init__(self, data: Mapping[str, Any], kind: PolicyKind, position: int, *, variables: bool) -> None:
        """Raise ValueError, with the element's name first, for what IAM does not take."""
        _check_elements(data, kind)
        self.sid: str = data.get("Sid") or f"statement {position + 1}"
        """``Sid``, or which one it is."""
        self.denies: bool = data["Effect"] == "Deny"
        self._not_action, self._not_resource = "NotAction" in data, "NotResource" in data
        self._not_principal = "NotPrincipal" in data
        name = "NotAction" if self._not_action else "Action"
        self._actions = _read(name, lambda: Actions(_texts(data[name])))
        resource = "NotResource" if self._not_resource else "Resource"
        values = _texts(data.get(resource, "*"))
        self._resources = _read(resource, lambda: Resources(values, variables=variables))
        self._principals = _principals(data)
        self._conditions = tuple(_conditions(data.get("Condition", {}), variables=variables))

    def is_about(self, action: str) -> bool:
        """Say whether the statement speaks of an action, given in lower case."""
        return self._actions.match(action) != self._not_action

    def grip(self, principal: Principal, *, bounded: bool) -> Grip:
        """Return how the statement names a principal; without principals it is about whom it is attached to.

        ``bounded``: whether he has a permissions boundary. NotPrincipal with Deny never leaves such a one out (IAM
        User Guide, "Permissions boundaries for IAM entities").
        """
        if self._principals is None:
            return Grip.DIRECT
        if not self._not_principal:
            return self._principals.grip(principal)
        spared = self._principals.spares(principal) and not (self.denies and bounded)
        return Grip.NONE if spared else Grip.DIRECT

    def applies(self, resource: str, context: Context) -> bool:
        """Say whether the statement, which is about the action and the principal, is about this very request."""
        if self._resources.match(resource, context) == self._not_resource:
            return False
        return all(holds(context) for holds in self._conditions)


def _check_elements(data: Any, kind: PolicyKind) -> None:
    if not isinstance(data, dict):
        raise ValueError("is no object")  # noqa: TRY004  # of a document, not of a caller
    if unknown := set(data) - _ELEMENTS:
        raise ValueError(f"{min(unknown)!r} is not an element of a statement")
    if data.get("Effect") not in ("Allow", "Deny"):
        raise ValueError(f"Effect: {data.get('Effect')!r} is neither Allow nor Deny")
    _exactly_one(data, "Action", "NotAction", needed=True)
    _exactly_one(data, "Resource", "NotResource", needed=kind not in {PolicyKind.RESOURCE, PolicyKind.TRUST})
    _exactly_one(data, "Principal", "NotPrincipal", needed=kind in _NAMES_PRINCIPALS)
    if kind not in _NAMES_PRINCIPALS and ("Principal" in data or "NotPrincipal" in data):
        raise ValueError(f"Principal: a {kind} is about whom it is attached to")
    if kind is PolicyKind.TRUST and ("Resource" in data or "NotResource" in data):
        raise ValueError("Resource: a role trust policy is about its role")
    if kind is PolicyKind.RCP and data.get("Principal") != "*":
        raise ValueError("Principal: is '*' in a resource control policy")


def _exactly_one(data: Mapping[str, Any], plain: str, inverse: str, *, needed: bool) -> None:
    given = (plain in data) + (inverse in data)
    if given > 1 or (needed and given == 0):
        raise ValueError(f"{plain}: there must be exactly one of {plain} and {inverse}")


def _principals(data: Mapping[str, Any]) -> Principals | None:
    for name in ("Principal", "NotPrincipal"):
        if name in data:
            return _read(name, lambda: Principals(data[name]))  # noqa: B023  # called at once
    return None


def _conditions(data: Any, *, variables: bool) -> list[Condition]:
    if not isinstance(data, dict):
        raise ValueError("Condition: is no object")  # noqa: TRY004
    found = []
    for operator, tests in data.items():
        if not isinstance(tests, dict) or not tests:
            raise ValueError(f"Condition.{operator}: names no key")
        for key, values in tests.items():
            found.append(_condition(operator, key, values, variables=variables))
    return found


def _condition(operator: str, key: str, values: Any, *, variables: bool) -> Condition:
    place = f"Condition.{operator}.{key}"
    return _read(place, lambda: condition(operator, key, _texts(values), variables=variables))


def _texts(values: Any) -> tuple[str, ...]:
    """Return one value or several as texts; JSON's own numbers and truths are taken, as IAM takes them."""
    items = values if isinstance(values, list) else [values]
    if not items:
        raise ValueError("is empty")
    return tuple(_text(item) for item in items)


def _text(item: Any) -> str:
    if isinstance(item, bool):
        return "true" if item else "false"
    if isinstance(item, str | int | float):
        return str(item)
    raise ValueError(f"{item!r} is not a text")


def _read(place: str, read: Callable[[], _Read]) -> _Read:
    try:
        return read()
    except ValueError as error:
        raise ValueError(f"{place}: {error}") from error
