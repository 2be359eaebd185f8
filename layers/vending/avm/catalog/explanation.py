"""What an account of a type is, with all that the catalog says about it in several places."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from avm.contracts.account_view import account_type_view
from avm.controls.control import Control
from avm.controls.registry import all_controls, waves
from avm.domain.account_type import AccountType
from avm.domain.catalog import Catalog
from avm.domain.guardrail import SLOTS_TAKEN_ON_OU, GuardrailKind
from avm.domain.scp import SLOTS_TAKEN_ON_ACCOUNT


def explain(catalog: Catalog, name: str) -> dict[str, Any]:
    """Return the account type as the API shows it, and beside that what follows from the rest of the catalog."""
    account_type = catalog.account_type(name)
    return {
        **account_type_view(catalog, name),
        "catalog_version": catalog.version,
        "ou_path": list(catalog.ou_path(account_type.ou)),
        "approval": account_type.approval,
        "singleton": account_type.singleton,
        "governed_regions": list(catalog.governed_regions),
        "scps_per_target": catalog.organization.limits.scps_per_target,
        "scps": list(_scps(catalog, account_type)),
        "rcps_per_target": catalog.organization.limits.rcps_per_target,
        "rcps": list(_on_ous(catalog, account_type, GuardrailKind.RCP)),
        "conformance_packs": list(_packs(catalog, account_type)),
        "assignments": [each.model_dump(mode="json", exclude_none=True) for each in account_type.assignments],
        "contacts": catalog.organization.contacts.model_dump(mode="json"),
        "controls": list(_controls(account_type)),
    }


def _scps(catalog: Catalog, account_type: AccountType) -> Iterator[dict[str, Any]]:
    """Yield what is attached to each OU above an account and to itself, and the slots that AWS still has there."""
    yield from _on_ous(catalog, account_type, GuardrailKind.SCP)
    free = catalog.organization.limits.scps_per_target - SLOTS_TAKEN_ON_ACCOUNT - len(account_type.scps)
    yield {"target": "account", "ou": None, "names": list(account_type.scps), "free_slots": free}


def _on_ous(catalog: Catalog, account_type: AccountType, kind: GuardrailKind) -> Iterator[dict[str, Any]]:
    """Yield the guardrails of a kind on each OU above an account, and the slots that AWS still has there."""
    limits = catalog.organization.limits
    total = {GuardrailKind.SCP: limits.scps_per_target, GuardrailKind.RCP: limits.rcps_per_target}[kind]
    for ou in catalog.ou_path(account_type.ou):
        names = catalog.organization.ous[ou].guardrails(kind)
        free = total - SLOTS_TAKEN_ON_OU - len(names)
        yield {"target": "ou", "ou": ou, "names": list(names), "free_slots": free}


def _packs(catalog: Catalog, account_type: AccountType) -> Iterator[dict[str, Any]]:
    """Yield the conformance packs that judge an account, with the OU that names each, and their rules."""
    for ou in catalog.ou_path(account_type.ou):
        for name in catalog.organization.ous[ou].conformance_packs:
            pack = catalog.conformance_packs[name]
            rules = [rule.properties.config_rule_name for rule in pack.template.resources.values()]
            yield {"ou": ou, "name": name, "regions": pack.regions, "rules": rules}


def _controls(account_type: AccountType) -> Iterator[dict[str, Any]]:
    """Yield the type's controls in the order in which they are enforced."""
    for wave in waves(all_controls()[name] for name in account_type.controls):
        for control in wave:
            yield {
                "name": control.name,
                "promise": control.promise,
                "plane": control.plane,
                "scope": control.scope,
                "mode": control.mode,
                "needs": list(control.needs),
                "foundation": list(control.foundation),
                "parameters": _parameters(control, account_type.controls[control.name]),
            }


def _parameters(control: Control, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters that count: those of the type, else the control's own."""
    return control.parameters.model_validate_json(json.dumps(dict(given))).model_dump(mode="json")
