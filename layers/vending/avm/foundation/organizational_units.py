"""organizational-units: the OUs of the catalog are there. OUs of others stay as they are, where they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from avm.controls.control import DriftEvent, Grant
from avm.domain.catalog import Catalog
from avm.foundation.control import FoundationControl, FoundationReach, FoundationTarget, Look, Step

ROOT = "the root"


class OrganizationalUnits(FoundationControl):
    """The OUs."""

    name = "organizational-units"
    promise = "Every OU of the catalog is in its place."
    duty = "shape_organization"
    needs = ("organization-features",)
    observe_grants = (Grant(("organizations:ListRoots", "organizations:ListOrganizationalUnitsForParent")),)
    enforce_grants = (Grant(("organizations:CreateOrganizationalUnit",)),)
    drift_events = tuple(
        DriftEvent("organizations.amazonaws.com", name)
        for name in ("DeleteOrganizationalUnit", "UpdateOrganizationalUnit")
    )

    def look(self, target: FoundationTarget, reach: FoundationReach) -> Look:
        """Look at the OUs level by level; steps make those above before those below."""
        tree = units_of(target.catalog, reach)
        steps = tuple(
            Step(
                "organizations:CreateOrganizationalUnit",
                f"OU {name} under {_parent(target.catalog, name)}",
                partial(_create, target.catalog, reach, tree, name),
                after=name,
            )
            for name in downwards(target.catalog)
            if name not in tree.ids
        )
        return Look({"ListOrganizationalUnitsForParent": dict(tree.ids)}, steps, left_alone=tuple(tree.others))


class UnitTree:
    """The OUs of the catalog that are there, and what else stands beside them."""

    def __init__(self, root_id: str) -> None:
        """``root_id``: the one thing that is always there."""
        self.root_id = root_id
        self.ids: dict[str, str] = {}
        """OU's name in the catalog -> its id."""
        self.others: list[str] = []
        """OUs that are not of the catalog, for people."""

    def parent_id(self, catalog: Catalog, name: str) -> str | None:
        """Return the id of what holds, or shall hold, the OU; None while that is not there itself."""
        parent = catalog.organization.ous[name].parent
        return self.root_id if parent is None else self.ids.get(parent)


def units_of(catalog: Catalog, reach: FoundationReach) -> UnitTree:
    """Return the OUs as AWS shows them."""
    tree = UnitTree(reach.organizations.root_id())
    children: dict[str, Mapping[str, str]] = {}
    for name in downwards(catalog):
        parent_id = tree.parent_id(catalog, name)
        if parent_id is None:
            continue
        if parent_id not in children:
            children[parent_id] = reach.setup.units(parent_id)
        if name in children[parent_id]:
            tree.ids[name] = children[parent_id][name]
    known = set(tree.ids.values())
    tree.others = sorted(
        f"OU {name} ({unit_id})"
        for units in children.values()
        for name, unit_id in units.items()
        if unit_id not in known
    )
    return tree


def downwards(catalog: Catalog) -> Iterator[str]:
    """Yield the catalog's OUs, each after the one above it."""
    seen: set[str] = set()

    def walk(name: str) -> Iterator[str]:
        parent = catalog.organization.ous[name].parent
        if parent is not None and parent not in seen:
            yield from walk(parent)
        if name not in seen:
            seen.add(name)
            yield name

    for name in catalog.organization.ous:
        yield from walk(name)


def _parent(catalog: Catalog, name: str) -> str:
    return catalog.organization.ous[name].parent or ROOT


def _create(catalog: Catalog, reach: FoundationReach, tree: UnitTree, name: str) -> None:
    parent_id = tree.parent_id(catalog, name) or tree.root_id
    tree.ids[name] = reach.setup.create_unit(parent_id, name)
