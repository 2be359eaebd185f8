"""Rules about the controls that account types name."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from avm.catalog.source import Source, did_you_mean
from avm.controls.registry import all_controls
from avm.domain.catalog_problem import CatalogProblem

VENDED = ("vending-roles", "bootstrap-restricted", "placement", "access-assignments")
"""What a vend makes true in every account, whatever its type says: so it is verified in every account."""


def check_controls(sources: Mapping[str, Source]) -> Iterator[CatalogProblem]:
    """Yield what account types say wrongly about controls."""
    for file, source in sources.items():
        named = source.data.get("controls") if isinstance(source.data, dict) else None
        if file.startswith("account_types/") and isinstance(named, dict):
            yield from _problems(source, named)


def _problems(source: Source, named: Mapping[Any, Any]) -> Iterator[CatalogProblem]:
    known = all_controls()
    for name, parameters in named.items():
        if name not in known:
            yield source.problem(("controls", name), f"there is no control {name!r}", did_you_mean(str(name), known))
        elif isinstance(parameters, dict):
            yield from _wrong_parameters(source, name, parameters)
    for name in VENDED:
        if name not in named:
            yield source.problem(("controls",), f"lacks {name}", "add it: a vend makes it true in every account")
    for control in (known[name] for name in named if name in known):
        for need in control.needs:
            if need not in named:
                reason = f"needs {need}, which the type does not name"
                yield source.problem(("controls", control.name), reason, f"add {need}, or remove {control.name}")


def _wrong_parameters(source: Source, name: str, parameters: Mapping[str, Any]) -> Iterator[CatalogProblem]:
    model = all_controls()[name].parameters
    try:
        model.model_validate_json(json.dumps(parameters))
    except ValidationError as invalid:
        takes = ", ".join(sorted(model.model_fields)) or "no parameters"
        for error in invalid.errors(include_url=False):
            yield source.problem(("controls", name, *error["loc"]), error["msg"], f"{name} takes {takes}")
