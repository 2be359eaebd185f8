"""Rules about the controls that account types name."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from avm.catalog.model_problems import problems_of
from avm.catalog.source import Source, did_you_mean
from avm.controls.control import Control
from avm.controls.registry import all_controls
from avm.domain.account_request import Contacts
from avm.domain.catalog_problem import CatalogProblem
from avm.domain.foundation import LOG_ARCHIVE_TYPE, SECURITY_TYPE, FoundationPart

OF_EVERY_ACCOUNT = (
    "vending-roles",
    "bootstrap-restricted",
    "placement",
    "ou-guardrails",
    "account-guardrails",
    "access-assignments",
)
"""What every account is promised, whatever its type says: a vend makes it true, or parks where it is not."""

CONTACTS = "alternate-contacts"

_TYPES: Mapping[FoundationPart, str] = {
    "log-archive": LOG_ARCHIVE_TYPE,
    "security-account": SECURITY_TYPE,
    "trail": LOG_ARCHIVE_TYPE,
}
"""Account types without which the foundation cannot have a part; the trail delivers into the log archive."""


def check_controls(sources: Mapping[str, Source], organization: Source) -> Iterator[CatalogProblem]:
    """Yield what account types say wrongly about controls."""
    types = {file: source for file, source in sources.items() if file.startswith("account_types/")}
    promise_contacts = []
    for source in types.values():
        named = source.data.get("controls") if isinstance(source.data, dict) else None
        if isinstance(named, dict):
            yield from _problems(source, named, types)
            if CONTACTS in named:
                promise_contacts.append(source.file)
    if promise_contacts:
        yield from _missing_contacts(organization, promise_contacts)


def _problems(source: Source, named: Mapping[Any, Any], types: Mapping[str, Source]) -> Iterator[CatalogProblem]:
    known = all_controls()
    for name, parameters in named.items():
        if name not in known:
            yield source.problem(("controls", name), f"there is no control {name!r}", did_you_mean(str(name), known))
        elif isinstance(parameters, dict):
            yield from _wrong_parameters(source, name, parameters)
    for name in OF_EVERY_ACCOUNT:
        if name not in named:
            yield source.problem(("controls",), f"lacks {name}", "add it: every account must have it")
    for control in (known[name] for name in named if name in known):
        for need in control.needs:
            if need not in named:
                reason = f"needs {need}, which the type does not name"
                yield source.problem(("controls", control.name), reason, f"add {need}, or remove {control.name}")
        yield from _without_foundation(source, control, types)


def _wrong_parameters(source: Source, name: str, parameters: Mapping[str, Any]) -> Iterator[CatalogProblem]:
    model = all_controls()[name].parameters
    try:
        model.model_validate_json(json.dumps(parameters))
    except ValidationError as invalid:
        takes = f"{name} takes {', '.join(sorted(model.model_fields)) or 'no parameters'}"
        yield from problems_of(source, invalid, ("controls", name), takes)


def _without_foundation(source: Source, control: Control, types: Mapping[str, Source]) -> Iterator[CatalogProblem]:
    for name in dict.fromkeys(_TYPES[part] for part in control.foundation):
        file = f"account_types/{name}.yaml"
        if file not in types:
            reason = f"rests on the account of the type {name!r}, which the catalog does not have"
            yield source.problem(("controls", control.name), reason, f"add {file}, or remove {control.name}")


def _missing_contacts(organization: Source, promised_by: list[str]) -> Iterator[CatalogProblem]:
    """Yield the contacts that account types promise and the catalog does not name: requests may name none."""
    contacts = organization.data.get("contacts") if isinstance(organization.data, dict) else None
    if not isinstance(contacts, dict):
        return
    for kind in Contacts.model_fields:
        if contacts.get(kind) is None:
            reason = f"is missing, and {promised_by[0]} promises {CONTACTS}"
            yield organization.problem(("contacts", kind), reason, f"add it, or remove {CONTACTS} from all types")
