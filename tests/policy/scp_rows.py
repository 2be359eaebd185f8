"""Rows of ``scps/NAME.yaml``: what one shipped SCP does, beside FullAWSAccess, to somebody who may do everything.

A row is ``{who, action, resource, context, expect: deny | allow, because: Sid}``; ``defaults`` of the file stand for
what a row leaves out. ``who`` is a principal of a member account as ``cases`` writes them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from avm.catalog import load_catalog
from avm.domain.policy import Decision, Policies, PolicyKind, evaluate, policy
from tests.names import ROOT
from tests.policy.cases import MANAGEMENT, Case

FOLDER = Path(__file__).parent / "scps"
CATALOG = load_catalog(ROOT / "layers" / "catalog" / "catalog")
NAMES = sorted(CATALOG.scps)

Document = Mapping[str, Any]


def _full(kind: PolicyKind) -> Any:
    return policy(
        json.dumps({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}), kind, "FullAWSAccess"
    )


FULL_SCP, ADMINISTRATOR = _full(PolicyKind.SCP), _full(PolicyKind.IDENTITY)


def document(name: str) -> dict[str, Any]:
    """Return the shipped document."""
    shipped: dict[str, Any] = json.loads(CATALOG.scps[name].content)
    return shipped


@cache
def rows(name: str) -> tuple[Case, ...]:
    """Return the rows of one SCP."""
    return tuple(_rows(name))


def _rows(name: str) -> Iterator[Case]:
    table = yaml.safe_load((FOLDER / f"{name}.yaml").read_text("utf-8"))
    defaults = table["defaults"]
    for number, row in enumerate(table["rows"], 1):
        fields = {**defaults, **row, "context": {**defaults.get("context", {}), **row.get("context", {})}}
        fields["context"] = {key: value for key, value in fields["context"].items() if value is not None}
        yield Case(name=f"{name} {number}: {fields['who']} {fields['action']}", **fields)


def decide(row: Case, scp: Document) -> Decision:
    """Return what our evaluator says with ``scp`` in place of the shipped document."""
    policies = Policies(
        identity=(ADMINISTRATOR,),
        scps=((FULL_SCP,), (FULL_SCP, policy(json.dumps(scp), PolicyKind.SCP, "scp"))),
        management_account=MANAGEMENT,
    )
    return evaluate(row.request, policies)


def is_as_written(row: Case, scp: Document) -> bool:
    """Say whether a row holds, down to the statement, with ``scp`` in place of the shipped document."""
    decision = decide(row, scp)
    return (decision.allowed, decision.sid if not decision.allowed else None) == (row.expect == "allow", row.because)


def simulation(row: Case) -> dict[str, Any]:
    """Return the row as the simulator takes it."""
    full = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    name = row.name.partition(" ")[0]
    levels = [[full], [full, document(name)]]
    return {
        **row.simulation(),
        "identityPolicies": [{"name": "administrator", "policy": full}],
        "serviceControlPolicies": [
            {
                "orgIdentifier": f"level-{number}",
                "policies": [{"name": f"policy-{position}", "policy": each} for position, each in enumerate(level)],
            }
            for number, level in enumerate(levels)
        ],
    }
