"""What guardrails must keep that AWS or the organization's settings say: slots, sizes, Regions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from avm.catalog.source import Source
from avm.domain.catalog_problem import CatalogProblem
from avm.domain.guardrail import LONGEST_ORGANIZATION_ID, SLOTS_TAKEN_ON_OU, Guardrail, GuardrailKind
from avm.domain.organization import Limits, global_region
from avm.domain.scp import SLOTS_TAKEN_ON_ACCOUNT

_TAKERS = {
    SLOTS_TAKEN_ON_OU: "{} takes one",
    SLOTS_TAKEN_ON_ACCOUNT: "{} and the quarantine take two",
}


def check_slots(sources: Mapping[str, Source], organization: Source) -> Iterator[CatalogProblem]:
    """Yield OUs and account types with more guardrails than AWS attaches, those kept free left out."""
    for kind in GuardrailKind:
        for name, ou in _mapping(_mapping(organization.data).get("ous")).items():
            names = _mapping(ou).get(kind.field)
            for reason, hint in _too_many(names, kind, organization, SLOTS_TAKEN_ON_OU):
                yield organization.problem(("ous", name, kind.field), reason, hint)
    for file, source in sources.items():
        if file.startswith("account_types/"):
            names = _mapping(source.data).get("scps")
            for reason, hint in _too_many(names, GuardrailKind.SCP, organization, SLOTS_TAKEN_ON_ACCOUNT):
                yield source.problem(("scps",), reason, hint)


def _too_many(names: Any, kind: GuardrailKind, organization: Source, taken: int) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the number of ``names``, and what to do; ``taken``: the slots that are taken already."""
    total = _limit(organization, f"{kind.field}_per_target")
    free = _limit(organization, f"{kind.field}_kept_free")
    if total is None or free is None or not isinstance(names, list):
        return
    room = max(total - free - taken, 0)
    if len(names) > room:
        takers = _TAKERS[taken].format(kind.full_access)
        hint = f"merge or remove some: of {total} slots {takers}, {free} must stay free for changes"
        yield f"has {len(names)} {kind.name}s, {room} fit", hint


def check_size(source: Source, organization: Source, guardrail: Guardrail) -> Iterator[CatalogProblem]:
    """Yield a guardrail that is larger than AWS takes, in whatever organization."""
    limit = _limit(organization, f"{guardrail.kind.name.lower()}_characters")
    # The content is ASCII: as many characters, which AWS counts today, as bytes, which it counted before (its quotas)
    size = len(guardrail.content_in(LONGEST_ORGANIZATION_ID))
    if limit is not None and size > limit:
        reason = f"has {size} characters without white space, {limit} fit"
        hint = f"use wildcards in actions, or split it in two {guardrail.kind.name}s"
        yield source.problem(("policy",), reason, hint)


def check_regions(source: Source, organization: Source, guardrail: Guardrail) -> Iterator[CatalogProblem]:
    """Yield Region denies that close an allowed Region, or leave one open that nobody watches."""
    data = _mapping(organization.data)
    allowed, home = data.get("allowed_regions"), data.get("home_region")
    if not isinstance(allowed, list) or not isinstance(home, str):
        return
    for position, statement in enumerate(guardrail.policy.statement):
        left_open = statement.condition_values("StringNotEquals", "aws:RequestedRegion")
        if not left_open:
            continue
        place = ("policy", "Statement", position, "Condition", "StringNotEquals", "aws:RequestedRegion")
        if closed := [region for region in allowed if region not in left_open]:
            hint = "add it here, or remove it from allowed_regions"
            yield source.problem(place, f"denies the allowed Region {closed[0]}", hint)
        if strange := [region for region in left_open if region not in (*allowed, global_region(home))]:
            hint = f"add it to allowed_regions of {organization.file}, or remove it here"
            yield source.problem(place, f"leaves open {strange[0]}, which is not an allowed Region", hint)


def _limit(organization: Source, name: str) -> int | None:
    """Return a limit as written, or AWS's own where it is not; None where it is wrong, which the models report."""
    value = _mapping(_mapping(organization.data).get("limits")).get(name, Limits.model_fields[name].default)
    return value if isinstance(value, int) else None


def _mapping(data: Any) -> Mapping[str, Any]:
    return data if isinstance(data, dict) else {}
