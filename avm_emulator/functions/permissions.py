"""May an AWS service do this? Resource policies and trust policies, as far as delivery depends on them.

Only what says yes or no to an AWS service or to another account is evaluated here; identity policies are not.
"""

from __future__ import annotations

import fnmatch
import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from moto.organizations.models import organizations_backends

_OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": operator.eq,
    "StringLike": fnmatch.fnmatchcase,
    "ArnEquals": fnmatch.fnmatchcase,
    "ArnLike": fnmatch.fnmatchcase,
}
_NEGATED: dict[str, Callable[[str, str], bool]] = {
    "StringNotEquals": operator.eq,
    "StringNotLike": fnmatch.fnmatchcase,
}


@dataclass(frozen=True)
class Request:
    """Who wants to do what: ``principal`` is a service (``events.amazonaws.com``) or an account id."""

    principal: str
    action: str
    resource: str
    context: Mapping[str, str] = field(default_factory=dict)
    """Condition keys with their values, such as ``aws:SourceArn``."""


def allows(policy: Mapping[str, Any], request: Request) -> bool:
    """Return whether the policy allows the request and does not deny it.

    Raises:
        ValueError: a condition uses an operator that is not known here.
    """
    return "Allow" in (effects := _effects(policy, request)) and "Deny" not in effects


def denies(policy: Mapping[str, Any], request: Request) -> bool:
    """Return whether the policy denies the request; raises ValueError as ``allows`` does."""
    return "Deny" in _effects(policy, request)


def _effects(policy: Mapping[str, Any], request: Request) -> set[str]:
    return {statement["Effect"] for statement in _list(policy.get("Statement")) if _matches(statement, request)}


def organization_key(account_id: str) -> dict[str, str]:
    """Return the condition key that names the account's organization."""
    for partitions in organizations_backends.values():
        for backend in partitions.values():
            if backend.org is not None and any(account.id == account_id for account in backend.accounts):
                return {"aws:PrincipalOrgID": backend.org.id}
    return {}


def _matches(statement: Mapping[str, Any], request: Request) -> bool:
    return (
        _is_principal(statement.get("Principal"), request.principal)
        and _any_like(request.action.lower(), (action.lower() for action in _list(statement.get("Action"))))
        # Trust policies name no resource: it is the role that they belong to.
        and ("Resource" not in statement or _any_like(request.resource, _list(statement["Resource"])))
        and _conditions_hold(statement.get("Condition", {}), request.context)
    )


def _is_principal(principal: Any, wanted: str) -> bool:
    if principal == "*" or not isinstance(principal, Mapping):
        return bool(principal == "*")
    if wanted.endswith(".amazonaws.com"):
        # "*" means everybody's accounts; a service is named.
        return wanted in _list(principal.get("Service"))
    accounts = {value.split(":")[4] if value.startswith("arn:") else value for value in _list(principal.get("AWS"))}
    return not accounts.isdisjoint({wanted, "*"})


def _conditions_hold(conditions: Mapping[str, Mapping[str, Any]], context: Mapping[str, str]) -> bool:
    values = {key.lower(): value for key, value in context.items()}
    for name, keys in conditions.items():
        test = _OPERATORS.get(name) or _NEGATED.get(name)
        if test is None:
            message = f"condition operator {name} is not modelled; use one of {', '.join((*_OPERATORS, *_NEGATED))}"
            raise ValueError(message)
        for key, patterns in keys.items():
            value = values.get(key.lower())
            # A key that is absent equals nothing: only a negated operator holds then.
            found = value is not None and any(test(value, pattern) for pattern in _list(patterns))
            if found == (name in _NEGATED):
                return False
    return True


def _any_like(value: str, patterns: Iterable[str]) -> bool:
    return any(fnmatch.fnmatchcase(value, pattern) for pattern in patterns)


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
