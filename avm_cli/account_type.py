"""What people see of an account type: facts, then access, guardrails and controls as tables."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from avm_cli.rendering import table

_INDENT = (0, 0, 1, 2)
_NONE = "none"


def explanation(account_type: Mapping[str, Any]) -> RenderableType:
    """Return the account type, as ``avm.catalog.explanation`` describes it, for people."""
    return Group(
        Text(f"{account_type['name']}: {account_type['description']}", style="bold"),
        Padding(_facts(account_type), _INDENT),
        *_part("Access of every account", ("Who", "Permission set"), _assignments(account_type)),
        *_part("SCPs", ("On", "Free slots", "SCPs"), _guardrails(account_type, "scps")),
        *_part("RCPs", ("On", "Free slots", "RCPs"), _guardrails(account_type, "rcps")),
        *_part("Conformance packs", ("On", "Pack", "Regions", "AWS Config rules"), _packs(account_type)),
        *_part("Controls", ("Control", "Promise"), _promises(account_type)),
        *_part(
            "The order in which they are enforced, and how",
            ("Control", "Plane", "Scope", "Mode", "Needs", "Parameters"),
            _controls(account_type),
        ),
    )


def _facts(account_type: Mapping[str, Any]) -> Table:
    facts = {
        "OU": " / ".join(("Root", *account_type["ou_path"])),
        "Approval": "somebody must approve a request" if account_type["approval"] else "not needed",
        "Accounts": "exactly one in the organization" if account_type["singleton"] else None,
        "Budget": f"{account_type['budget']['monthly_usd']:g} USD a month, unless the request says otherwise",
        "Requests may give": _listed(account_type["permission_sets"]),
        "Workload Regions": _listed(account_type["regions"]),
        "Governed Regions": _listed(account_type["governed_regions"]),
        **{
            f"{kind.capitalize()} contact": f"{contact['name']}, {contact['title']}, {contact['email']}"
            if contact
            else f"{_NONE}, unless the request names one"
            for kind, contact in account_type["contacts"].items()
        },
    }
    grid = Table.grid(padding=(0, 2))
    for label, value in facts.items():
        if value is not None:
            grid.add_row(Text(label, style="bold"), Text(value))
    return grid


def _part(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> tuple[RenderableType, ...]:
    return Text(title, style="bold"), Padding(table(columns, rows), _INDENT)


def _assignments(account_type: Mapping[str, Any]) -> Iterable[Sequence[object]]:
    for each in account_type["assignments"]:
        kind = "group" if "group" in each else "user"
        yield f"{kind} {each[kind]}", each["permission_set"]


def _guardrails(account_type: Mapping[str, Any], kind: str) -> Iterable[Sequence[object]]:
    total = account_type[f"{kind}_per_target"]
    for each in account_type[kind]:
        target = f"OU {each['ou']}" if each["target"] == "ou" else "the account itself"
        yield target, f"{each['free_slots']} of {total}", _listed(each["names"])


def _packs(account_type: Mapping[str, Any]) -> Iterable[Sequence[object]]:
    for each in account_type["conformance_packs"]:
        yield f"OU {each['ou']}", each["name"], each["regions"], _listed(each["rules"])


def _promises(account_type: Mapping[str, Any]) -> Iterable[Sequence[object]]:
    return ((each["name"], each["promise"]) for each in sorted(account_type["controls"], key=lambda each: each["name"]))


def _controls(account_type: Mapping[str, Any]) -> Iterable[Sequence[object]]:
    for each in account_type["controls"]:
        needs = (*each["needs"], *(f"foundation: {part}" for part in each["foundation"]))
        parameters = (f"{name}: {json.dumps(value)}" for name, value in each["parameters"].items())
        yield each["name"], each["plane"], each["scope"], each["mode"], ", ".join(needs), ", ".join(parameters)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or _NONE
