"""What account types owe to the conformance packs that judge their accounts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from avm.catalog.source import Source
from avm.domain.catalog_problem import CatalogProblem

RECORDER = "config-recorder"


def check_packs(sources: Mapping[str, Source], organization: Source) -> Iterator[CatalogProblem]:
    """Yield account types whose OU has packs and whose accounts do not record: AWS Config deploys no pack there."""
    ous = _mapping(_mapping(organization.data).get("ous"))
    for file, source in sources.items():
        data = _mapping(source.data)
        controls = data.get("controls")
        if not file.startswith("account_types/") or not isinstance(controls, dict) or RECORDER in controls:
            continue
        if judged := [ou for ou in _upwards(ous, data.get("ou")) if _mapping(ous[ou]).get("conformance_packs")]:
            reason = f"lacks {RECORDER}, and OU {judged[0]} has conformance packs"
            hint = "add it, or let no OU above name packs: AWS Config judges only what it records"
            yield source.problem(("controls",), reason, hint)


def _upwards(ous: Mapping[str, Any], ou: Any) -> Iterator[str]:
    """Yield the OU and those above it, as far as they are written."""
    seen: set[str] = set()
    while isinstance(ou, str) and ou in ous and ou not in seen:
        seen.add(ou)
        yield ou
        ou = _mapping(ous[ou]).get("parent")


def _mapping(data: Any) -> Mapping[str, Any]:
    return data if isinstance(data, dict) else {}
