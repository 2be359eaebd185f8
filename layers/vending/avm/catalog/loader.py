"""Loads the catalog folder into the domain, or says everything that is wrong with it.

::

    organization.yaml         OrganizationSettings
    account_types/NAME.yaml   AccountType
    permission_sets/NAME.yaml PermissionSet
    scps/NAME.yaml            Scp
    schema/                   JSON Schemas of these files for editors; not read here
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from avm.catalog.rules import ORGANIZATION, check
from avm.catalog.source import Place, Source, read_source
from avm.domain.account_type import AccountType
from avm.domain.catalog import Catalog
from avm.domain.catalog_model import FAULT, CatalogModel
from avm.domain.catalog_problem import CatalogProblem
from avm.domain.errors import CatalogInvalid
from avm.domain.organization import OrganizationSettings
from avm.domain.permission_set import PermissionSet
from avm.domain.scp import Scp

MODELS: Mapping[str, type[CatalogModel]] = {
    ORGANIZATION: OrganizationSettings,
    "account_types": AccountType,
    "permission_sets": PermissionSet,
    "scps": Scp,
}
"""What each file, or each file of a folder, holds."""

_REFERENCE = "docs/catalog.md describes every field"
_HINTS = {
    "missing": ("is missing", f"add it; {_REFERENCE}"),
    "extra_forbidden": ("is not a field of this file", f"correct its spelling or remove it; {_REFERENCE}"),
    "string_type": ("must be text", "put the value in quotes"),
    "bool_type": ("must be true or false", "write true or false, without quotes"),
    "int_type": ("must be a whole number", "write digits, without quotes"),
    "float_type": ("must be a number", "write digits, without quotes"),
    "tuple_type": ("must be a list", "write [a, b], or one '- a' a line"),
    "model_type": ("must be a group of fields", "write 'field: value' lines, indented"),
    "mapping_type": ("must be a group of 'name: value' lines", "write 'name: value' lines, indented"),
    "too_short": ("is empty", "give at least one"),
}
"""Validation errors of pydantic by type, in the words of somebody who edits YAML."""

_Model = TypeVar("_Model", bound=CatalogModel)


def load_catalog(directory: Path) -> Catalog:
    """Return the catalog in ``directory``; raise ``CatalogInvalid`` with all its problems at once."""
    problems: list[CatalogProblem] = []
    sources = {file: read_source(directory, file) for file in _files(directory, problems)}
    problems += [problem for source in sources.values() for problem in source.problems]
    models = {file: model for file, source in sources.items() if (model := _validated(source, problems))}
    problems += check(sources, _of_type(models, Scp))
    if problems:
        raise CatalogInvalid(sorted(set(problems)))
    organization = models[ORGANIZATION]
    assert isinstance(organization, OrganizationSettings)  # noqa: S101  # MODELS says so; for the type checker
    return Catalog(
        version=_version(sources),
        organization=organization,
        account_types=_by_name(models, AccountType),
        scps=_by_name(models, Scp),
        permission_sets=_by_name(models, PermissionSet),
    )


def _files(directory: Path, problems: list[CatalogProblem]) -> Iterator[str]:
    """Yield the files to read; note what stands in the folders but would be ignored."""
    yield ORGANIZATION
    for folder in MODELS:
        if folder == ORGANIZATION:
            continue
        paths = sorted(path for path in (directory / folder).glob("*") if not path.name.startswith("."))
        if not paths:
            problems.append(CatalogProblem(folder, 1, "", "holds no file", "add at least one NAME.yaml"))
        for path in paths:
            if path.suffix == ".yaml" and path.is_file():
                yield f"{folder}/{path.name}"
            else:
                hint = "name it NAME.yaml, or move it out of the folder"
                problems.append(CatalogProblem(f"{folder}/{path.name}", 1, "", "is not read", hint))


def _validated(source: Source, problems: list[CatalogProblem]) -> CatalogModel | None:
    if source.data is None:
        if not source.problems:
            problems.append(source.problem((), "is empty", f"fill it; {_REFERENCE}"))
        return None
    model = MODELS[source.file.rpartition("/")[0] or source.file]
    try:
        # By way of JSON, because there a list may become a tuple although the models convert nothing
        return model.model_validate_json(json.dumps(source.data))
    except ValidationError as invalid:
        errors = invalid.errors(include_url=False)
        refused = {problem.field for problem in source.problems}
        found = [_problem(source, error) for error in errors if not _follows(error, errors)]
        problems += [problem for problem in found if problem.field not in refused]
        return None


def _follows(error: ErrorDetails, errors: Sequence[ErrorDetails]) -> bool:
    """Return whether an error only follows from others: a list whose items are all wrong is called too short, too."""
    place = error["loc"]
    return error["type"] == "too_short" and any(
        len(other["loc"]) > len(place) and other["loc"][: len(place)] == place for other in errors
    )


def _problem(source: Source, error: ErrorDetails) -> CatalogProblem:
    place: Place = tuple(part for part in error["loc"] if part != "[key]")
    if error["type"] == FAULT:
        return source.problem(place, error["ctx"]["reason"], error["ctx"]["hint"])
    reason, hint = _HINTS.get(error["type"], (_sentence(error), _REFERENCE))
    return source.problem(place, reason, hint)


def _sentence(error: ErrorDetails) -> str:
    message = error["msg"].removeprefix("Value error, ")
    given = error["input"]
    shown = f", not {given!r}" if isinstance(given, str | int | float) else ""
    return message[:1].lower() + message[1:] + shown


def _of_type(models: Mapping[str, CatalogModel], kind: type[_Model]) -> dict[str, _Model]:
    return {file: model for file, model in models.items() if isinstance(model, kind)}


def _by_name(models: Mapping[str, CatalogModel], kind: type[_Model]) -> dict[str, _Model]:
    return {Path(file).stem: model for file, model in _of_type(models, kind).items()}


def _version(sources: Mapping[str, Source]) -> str:
    content: dict[str, Any] = {file: source.data for file, source in sources.items()}
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:12]
