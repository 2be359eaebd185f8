"""The account and account type objects of the API (interfaces.md)."""

from __future__ import annotations

from typing import Any

from avm.domain.account import AccountRecord
from avm.domain.catalog import Catalog


def account_view(record: AccountRecord) -> dict[str, Any]:
    """Return the account object; ``compliance`` is null before the first observation."""
    return record.model_dump(mode="json", exclude={"schema_version"})


def account_type_view(catalog: Catalog, name: str) -> dict[str, Any]:
    """Return one account type as those who ask for accounts see it."""
    account_type = catalog.account_type(name)
    return {
        "name": name,
        "description": account_type.description,
        "ou": account_type.ou,
        "regions": list(catalog.regions(name)),
        "permission_sets": list(account_type.allowed_permission_sets),
        "budget": account_type.budget.model_dump(mode="json"),
    }
