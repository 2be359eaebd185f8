"""Rules about the catalog as a whole: what files say about each other.

They look at the data as written, not at the models: a file with one bad field is still checked for everything else,
so that all problems come out at once. What has not the right shape is skipped here: the models report it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from avm.catalog.control_rules import check_controls
from avm.catalog.guardrail_rules import check_regions, check_size, check_slots
from avm.catalog.lockouts import lockouts
from avm.catalog.pack_rules import check_packs
from avm.catalog.quarantine_rules import check_quarantine
from avm.catalog.source import Place, Source, did_you_mean
from avm.catalog.webhook_rules import check_webhooks
from avm.domain.catalog_problem import CatalogProblem
from avm.domain.guardrail import Guardrail
from avm.domain.scp import QUARANTINE

ORGANIZATION = "organization.yaml"
OU_DEPTH = 5
"""Levels of OUs under the root (aws-semantics 1.2)."""

_EACH = "*"
_REFERENCES: tuple[tuple[str, Place, str, str], ...] = (
    (ORGANIZATION, ("home_region",), "allowed_regions", "allowed Region"),
    (ORGANIZATION, ("ous", _EACH, "parent"), "ous", "OU"),
    (ORGANIZATION, ("ous", _EACH, "scps", _EACH), "scps", "SCP"),
    (ORGANIZATION, ("ous", _EACH, "rcps", _EACH), "rcps", "RCP"),
    (ORGANIZATION, ("ous", _EACH, "conformance_packs", _EACH), "conformance_packs", "conformance pack"),
    ("account_types", ("ou",), "ous", "OU"),
    ("account_types", ("scps", _EACH), "scps", "SCP"),
    ("account_types", ("regions", _EACH), "allowed_regions", "allowed Region"),
    ("account_types", ("assignments", _EACH, "permission_set"), "permission_sets", "permission set"),
    ("account_types", ("allowed_permission_sets", _EACH), "permission_sets", "permission set"),
    ("webhooks", ("ticket_system",), "ticket_systems", "ticket system"),
)
"""File or folder, place, what the value there must be one of, and the word for it."""


def check(sources: Mapping[str, Source], guardrails: Mapping[str, Guardrail]) -> Iterator[CatalogProblem]:
    """Yield what files say wrongly about each other; ``guardrails``: those whose own file is in order, by file."""
    organization = sources[ORGANIZATION]
    yield from _references(sources, _names(sources))
    yield from _same_names(sources)
    yield from check_controls(sources, organization)
    yield from check_packs(sources, organization)
    yield from check_quarantine(sources, organization)
    yield from _ou_tree(organization)
    yield from check_slots(sources, organization)
    yield from check_webhooks(sources)
    for file, guardrail in guardrails.items():
        yield from check_size(sources[file], organization, guardrail)
        yield from check_regions(sources[file], organization, guardrail)
    yield from lockouts(sources, guardrails, organization)
    if f"scps/{QUARANTINE}.yaml" not in sources:
        hint = "put it back: a vend holds each account with it until its controls are verified"
        yield CatalogProblem(f"scps/{QUARANTINE}.yaml", 1, "", "is missing", hint)


def _names(sources: Mapping[str, Source]) -> Mapping[str, list[str] | None]:
    """Return what can be referred to; None where the file that says so cannot be read."""
    data = _mapping(sources[ORGANIZATION].data)
    ous, regions = data.get("ous"), data.get("allowed_regions")
    systems = data.get("ticket_systems", {}) if data else None
    names: dict[str, list[str] | None] = {
        "ous": list(ous) if isinstance(ous, dict) else None,
        "allowed_regions": regions if isinstance(regions, list) else None,
        "ticket_systems": list(systems) if isinstance(systems, dict) else None,
    }
    for folder in ("scps", "rcps", "permission_sets", "conformance_packs"):
        names[folder] = [_stem(file) for file in sources if file.startswith(f"{folder}/")]
    return names


def _references(sources: Mapping[str, Source], names: Mapping[str, list[str] | None]) -> Iterator[CatalogProblem]:
    for owner, pattern, what, word in _REFERENCES:
        known = names[what]
        if known is None:
            continue
        for file, source in sources.items():
            if owner not in (file, _folder(file)):
                continue
            for place, value in _values(source.data, pattern, ()):
                if isinstance(value, str) and value not in known:
                    yield source.problem(place, f"there is no {word} {value!r}", did_you_mean(value, known))


def _values(data: Any, pattern: Place, place: Place) -> Iterator[tuple[Place, Any]]:
    """Yield the values at ``pattern`` with their places; ``*`` stands for each key or position."""
    if not pattern:
        yield place, data
        return
    first, rest = pattern[0], pattern[1:]
    if first == _EACH:
        entries: Iterable[tuple[str | int, Any]] = ()
        if isinstance(data, dict):
            entries = data.items()
        elif isinstance(data, list):
            entries = enumerate(data)
        for key, child in entries:
            yield from _values(child, rest, (*place, key))
    elif isinstance(data, dict) and first in data:
        yield from _values(data[first], rest, (*place, first))


def _same_names(sources: Mapping[str, Source]) -> Iterator[CatalogProblem]:
    """Yield files that are not called like what they describe: a name leads to its file, and is there once."""
    for file, source in sources.items():
        name = _mapping(source.data).get("name")
        if isinstance(name, str) and file != ORGANIZATION and name != _stem(file):
            reason = f"the name {name!r} does not match the file's"
            if f"{_folder(file)}/{name}.yaml" in sources:
                reason += f"; it is the name of {_folder(file)}/{name}.yaml"
            yield source.problem(("name",), reason, f"write {_stem(file)!r}, or rename the file")


def _ou_tree(organization: Source) -> Iterator[CatalogProblem]:
    ous = _mapping(_mapping(organization.data).get("ous"))
    parents = {name: _mapping(ou).get("parent") for name, ou in ous.items()}
    for name in parents:
        path = [name]
        while (parent := parents.get(path[-1])) is not None and parent not in path:
            path.append(parent)
        place: Place = ("ous", name, "parent")
        if parent == name or (parent is not None and path.index(parent) == 0):
            yield organization.problem(place, f"{name!r} would stand under itself", "break the circle")
        elif parent is None and len(path) > OU_DEPTH:
            reason = f"{name!r} would stand {len(path)} levels under the root, AWS allows {OU_DEPTH}"
            yield organization.problem(place, reason, "give it a parent higher up")


def _mapping(data: Any) -> Mapping[str, Any]:
    return data if isinstance(data, dict) else {}


def _folder(file: str) -> str:
    return file.rpartition("/")[0]


def _stem(file: str) -> str:
    return file.rpartition("/")[2].removesuffix(".yaml")
