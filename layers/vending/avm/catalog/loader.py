"""Loads the catalog folder into the domain, or says everything that is wrong with it.

::

    organization.yaml             OrganizationSettings
    account_types/NAME.yaml       AccountType
    permission_sets/NAME.yaml     PermissionSet
    scps/NAME.yaml                Scp
    rcps/NAME.yaml                Rcp
    conformance_packs/NAME.yaml   ConformancePack
    webhooks/NAME.yaml            WebhookSource
    schema/                       JSON Schemas of these files for editors; not read here
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from avm.catalog.model_problems import REFERENCE, problems_of
from avm.catalog.rules import ORGANIZATION, check
from avm.catalog.source import Source, read_source
from avm.domain.account_type import AccountType
from avm.domain.catalog import Catalog
from avm.domain.catalog_model import CatalogModel
from avm.domain.catalog_problem import CatalogProblem
from avm.domain.conformance_pack import ConformancePack
from avm.domain.errors import CatalogInvalid
from avm.domain.guardrail import Guardrail
from avm.domain.organization import OrganizationSettings
from avm.domain.permission_set import PermissionSet
from avm.domain.rcp import Rcp
from avm.domain.scp import Scp
from avm.domain.webhook import WebhookSource

MODELS: Mapping[str, type[CatalogModel]] = {
    ORGANIZATION: OrganizationSettings,
    "account_types": AccountType,
    "permission_sets": PermissionSet,
    "scps": Scp,
    "rcps": Rcp,
    "conformance_packs": ConformancePack,
    "webhooks": WebhookSource,
}
"""What each file, or each file of a folder, holds."""

_MAY_BE_EMPTY = {"rcps", "conformance_packs", "webhooks"}
"""Folders without which a catalog is one."""

_Model = TypeVar("_Model", bound=CatalogModel)
_Rules = Callable[[Mapping[str, Source], Mapping[str, Guardrail]], Iterable[CatalogProblem]]


def load_catalog(directory: Path) -> Catalog:
    """Return the catalog in ``directory``; raise ``CatalogInvalid`` with all its problems at once."""
    return _load(directory, check)


def load_built_catalog(directory: Path) -> Catalog:
    """Return a catalog that the build has checked, or raise ``CatalogInvalid`` where a file is not what it should be.

    What files say about each other is not looked at again: in a new process of a function, that was two thirds of what
    a catalog costs, and more than a third of the whole start.
    """
    return _load(directory, lambda _sources, _guardrails: ())


def _load(directory: Path, rules: _Rules) -> Catalog:
    problems: list[CatalogProblem] = []
    sources = {file: read_source(directory, file) for file in _files(directory, problems)}
    problems += [problem for source in sources.values() for problem in source.problems]
    models = {file: model for file, source in sources.items() if (model := _validated(source, problems))}
    problems += rules(sources, _guardrails(models))
    if problems:
        raise CatalogInvalid(sorted(set(problems)))
    organization = models[ORGANIZATION]
    assert isinstance(organization, OrganizationSettings)  # noqa: S101  # MODELS says so; for the type checker
    return Catalog(
        version=_version(sources),
        organization=organization,
        account_types=_by_name(models, AccountType),
        scps=_by_name(models, Scp),
        rcps=_by_name(models, Rcp),
        webhooks=_by_name(models, WebhookSource),
        permission_sets=_by_name(models, PermissionSet),
        conformance_packs=_by_name(models, ConformancePack),
    )


def _files(directory: Path, problems: list[CatalogProblem]) -> Iterator[str]:
    """Yield the files to read; note what stands in the folders but would be ignored."""
    yield ORGANIZATION
    for folder in MODELS:
        if folder == ORGANIZATION:
            continue
        paths = sorted(path for path in (directory / folder).glob("*") if not path.name.startswith("."))
        if not paths and folder not in _MAY_BE_EMPTY:
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
            problems.append(source.problem((), "is empty", f"fill it; {REFERENCE}"))
        return None
    model = MODELS[source.file.rpartition("/")[0] or source.file]
    try:
        # By way of JSON, because there a list may become a tuple although the models convert nothing
        return model.model_validate_json(json.dumps(source.data))
    except ValidationError as invalid:
        refused = {problem.field for problem in source.problems}
        problems += [problem for problem in problems_of(source, invalid) if problem.field not in refused]
        return None


def _guardrails(models: Mapping[str, CatalogModel]) -> dict[str, Guardrail]:
    return {file: model for file, model in models.items() if isinstance(model, Guardrail)}


def _by_name(models: Mapping[str, CatalogModel], kind: type[_Model]) -> dict[str, _Model]:
    return {Path(file).stem: model for file, model in models.items() if isinstance(model, kind)}


def _version(sources: Mapping[str, Source]) -> str:
    content: dict[str, Any] = {file: source.data for file, source in sources.items()}
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:12]
