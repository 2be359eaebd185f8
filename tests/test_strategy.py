"""docs/strategy.md names every part of the strategy that ships, and which control keeps it; and nothing else."""

from __future__ import annotations

import re

import pytest

from avm.catalog import load_catalog
from avm.controls.registry import all_controls
from avm.foundation.registry import all_foundation_controls
from tests.names import ROOT

TEXT = (ROOT / "docs" / "strategy.md").read_text("utf-8")
CATALOG = load_catalog(ROOT / "layers" / "catalog" / "catalog")


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the tables under a heading, without their head."""
    (section,) = re.findall(rf"^## {heading}\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL)
    lines = re.findall(r"^\| (?!---)(.*) \|$", section, re.MULTILINE)
    return [[cell.strip() for cell in line.split("|")] for line in lines]


def named(heading: str, column: int) -> set[str]:
    """Return what stands in backticks in one column."""
    return {name for row in rows(heading) for name in re.findall(r"`([^`]+)`", row[column])}


def test_every_control_of_accounts_keeps_something_and_every_one_named_exists() -> None:
    assert named("Which control keeps what", 1) == set(all_controls())


def test_every_control_of_the_foundation_keeps_something_and_every_one_named_exists() -> None:
    assert named("Which control keeps what", 2) == set(all_foundation_controls())


def test_every_recommendation_is_kept_by_a_control() -> None:
    _, *recommendations = rows("Which control keeps what")
    assert [row[0] for row in recommendations if not (row[1] or row[2])] == []


def test_every_account_type_stands_in_its_ou() -> None:
    _, *places = rows("Accounts and OUs")
    shown = {row[0]: set(re.findall(r"`([^`]+)`", row[1])) for row in places}
    types = CATALOG.account_types.values()
    assert shown == {ou: {each.name for each in types if each.ou == ou} for ou in CATALOG.organization.ous}


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("permission sets", set(CATALOG.permission_sets)),
        ("SCPs", set(CATALOG.scps)),
        ("RCPs", set(CATALOG.rcps)),
        ("conformance packs", set(CATALOG.conformance_packs)),
    ],
)
def test_every_permission_set_guardrail_and_pack_is_explained(kind: str, names: set[str]) -> None:
    assert names <= named("Who may do what", 0), kind
    known = {*CATALOG.permission_sets, *CATALOG.scps, *CATALOG.rcps, *CATALOG.conformance_packs}
    assert named("Who may do what", 0) <= known, kind
