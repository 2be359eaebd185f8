"""Account types as products of Service Catalog: what the form of one asks for, and the request that its answers are.

Service Catalog hands every value over as text, and the form of a product of type EXTERNAL cannot restrict any (admin
guide, "External Engines"): what is allowed is said in the descriptions, and refused where the request is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from avm.domain.catalog import Catalog
from avm.domain.errors import FieldProblem


@dataclass(frozen=True)
class Parameter:
    """One field of the form."""

    key: str
    """The field of the request, too."""
    description: str
    is_required: bool = True


def parameters_of(catalog: Catalog, account_type: str) -> tuple[Parameter, ...]:
    """Return what the form of an account type asks for; raises CatalogInvalid where there is no such type."""
    kind = catalog.account_type(account_type)
    settings = catalog.organization
    allowed = kind.allowed_permission_sets
    sets = f"one of {', '.join(allowed)}" if allowed else "none: accounts of this type take no access of their own"
    return (
        Parameter("name", "Name of the account: 1-50 printable ASCII characters without < and >; nobody else has it."),
        Parameter("owner", "E-mail address of the person who answers for the account."),
        Parameter("cost_center", f"Who pays, in the form {settings.cost_center_pattern}"),
        Parameter("purpose", "What the account is for, in one line of 1-256 characters."),
        _optional(
            "email",
            f"Address of the account's root user, in a domain of: {', '.join(settings.email.domains)}. "
            "Empty: one is made.",
        ),
        _optional(
            "regions",
            f"Regions with workloads, separated by commas, of: {', '.join(catalog.regions(account_type))}. Empty: all.",
        ),
        _optional(
            "access",
            "More access than the type gives, separated by commas: GROUP=PERMISSION_SET or USER@DOMAIN=PERMISSION_SET; "
            f"permission sets: {sets}.",
        ),
        _optional("budget", f"What it may cost in a month, in USD. Empty: {kind.budget.monthly_usd:g}."),
        _optional("tags", "More tags, separated by commas: KEY=VALUE. Empty: none."),
    )


def _optional(key: str, description: str) -> Parameter:
    return Parameter(key, description, is_required=False)


def request_of(answers: Mapping[str, str], account_type: str) -> tuple[dict[str, Any], list[FieldProblem]]:
    """Return the request that the answers to a form are, and what of them cannot be read; empty is not answered."""
    body: dict[str, Any] = {"type": account_type}
    problems: list[FieldProblem] = []
    for key, text in answers.items():
        if key not in _READERS:
            problems.append(FieldProblem(key, "is no parameter of this product", f"one of: {', '.join(_READERS)}"))
        elif text.strip():
            try:
                body[key] = _READERS[key](text.strip())
            except ValueError as error:
                problems.append(FieldProblem(key, str(error), "write it as the parameter's description says"))
    return body, problems


def _pairs(text: str) -> list[tuple[str, str]]:
    pairs = []
    for each in _listed(text):
        left, separator, right = each.partition("=")
        if not separator:
            raise ValueError(f"'{each}' has no '='")
        pairs.append((left.strip(), right.strip()))
    return pairs


def _listed(text: str) -> list[str]:
    return [each.strip() for each in text.split(",") if each.strip()]


def _access(text: str) -> list[dict[str, str]]:
    return [{"user" if "@" in who else "group": who, "permission_set": given} for who, given in _pairs(text)]


def _budget(text: str) -> dict[str, float]:
    try:
        return {"monthly_usd": float(text)}
    except ValueError:
        raise ValueError(f"'{text}' is no number") from None


def _tags(text: str) -> dict[str, str]:
    pairs = _pairs(text)
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a key is given twice")
    return dict(pairs)


_READERS: Mapping[str, Callable[[str], Any]] = {
    "name": str,
    "owner": str,
    "cost_center": str,
    "purpose": str,
    "email": str,
    "regions": _listed,
    "access": _access,
    "budget": _budget,
    "tags": _tags,
}
