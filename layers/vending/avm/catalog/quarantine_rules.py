"""The quarantine is for accounts that are new or suspended, never for those of an account type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from avm.catalog.source import Source
from avm.domain.catalog_problem import CatalogProblem
from avm.domain.scp import QUARANTINE


def check_quarantine(sources: Mapping[str, Source], organization: Source) -> Iterator[CatalogProblem]:
    """Yield the account types whose accounts would be denied everything for ever."""
    ous = _group(_group(organization.data).get("ous"))
    for file, source in sources.items():
        if not file.startswith("account_types/"):
            continue
        data = _group(source.data)
        for ou in _above(data.get("ou"), ous):
            if QUARANTINE in _items(ous[ou].get("scps")):
                reason = f"its accounts would stay in quarantine: {QUARANTINE} is attached to the OU {ou!r}"
                yield source.problem(("ou",), reason, "choose an OU without it, here and above")
        for position, name in enumerate(_items(data.get("scps"))):
            if name == QUARANTINE:
                reason = f"its accounts would stay in quarantine: {QUARANTINE} would be attached to each of them"
                hint = "remove it: a vend attaches it itself, and detaches it when the account is ready"
                yield source.problem(("scps", position), reason, hint)


def _above(ou: Any, ous: Mapping[str, Any]) -> list[str]:
    """Return an OU and those above it, as far as they are there."""
    path: list[str] = []
    while isinstance(ou, str) and isinstance(ous.get(ou), dict) and ou not in path:
        path.append(ou)
        ou = ous[ou].get("parent")
    return path


def _group(data: Any) -> Mapping[str, Any]:
    return data if isinstance(data, dict) else {}


def _items(data: Any) -> list[Any]:
    return data if isinstance(data, list) else []
