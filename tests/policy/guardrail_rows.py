"""Rows of ``scps/NAME.yaml`` and ``rcps/NAME.yaml``: what one shipped guardrail does, beside AWS's that allows all.

A row is ``{who, action, resource, context, expect: deny | allow, because: Sid}``; ``defaults`` of the file stand for
what a row leaves out. ``who`` is somebody who may do everything by his own policies: for an SCP a principal of a member
account as ``cases`` writes them, for an RCP anybody whom the policy of a resource in a member account lets in.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from avm.catalog import load_catalog
from avm.domain.guardrail import Guardrail, GuardrailKind
from avm.domain.policy import Decision, Policies, PolicyKind, evaluate, policy
from tests.names import ROOT
from tests.policy.cases import MANAGEMENT, RCP_FULL_AWS_ACCESS, Case

FOLDER = Path(__file__).parent
CATALOG = load_catalog(ROOT / "layers" / "catalog" / "catalog")
GUARDRAILS: Mapping[str, Guardrail] = {**CATALOG.scps, **CATALOG.rcps}
NAMES = sorted(GUARDRAILS)
ORGANIZATION = "o-avm"

Document = Mapping[str, Any]

_ALLOW_ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def _full(kind: PolicyKind) -> Any:
    return policy(json.dumps({"Statement": [_ALLOW_ALL]}), kind, "FullAWSAccess")


FULL_SCP, ADMINISTRATOR = _full(PolicyKind.SCP), _full(PolicyKind.IDENTITY)
OPEN_RESOURCE = policy(json.dumps({"Statement": [{**_ALLOW_ALL, "Principal": "*"}]}), PolicyKind.RESOURCE, "resource")


def document(name: str) -> dict[str, Any]:
    """Return the shipped document."""
    shipped: dict[str, Any] = json.loads(GUARDRAILS[name].content_in(ORGANIZATION))
    return shipped


@cache
def rows(name: str) -> tuple[Case, ...]:
    """Return the rows of one guardrail."""
    return tuple(_rows(name))


def _rows(name: str) -> Iterator[Case]:
    file = FOLDER / GUARDRAILS[name].kind.field / f"{name}.yaml"
    table = yaml.safe_load(file.read_text("utf-8"))
    defaults = table["defaults"]
    for number, row in enumerate(table["rows"], 1):
        fields = {**defaults, **row, "context": {**defaults.get("context", {}), **row.get("context", {})}}
        fields["context"] = {key: value for key, value in fields["context"].items() if value is not None}
        yield Case(name=f"{name} {number}: {fields['who']} {fields['action']}", **fields)


def _kind(row: Case) -> GuardrailKind:
    return GUARDRAILS[row.name.partition(" ")[0]].kind


def decide(row: Case, guardrail: Document) -> Decision:
    """Return what our evaluator says with ``guardrail`` in place of the shipped document."""
    text = json.dumps(guardrail)
    if _kind(row) is GuardrailKind.RCP:
        level = (RCP_FULL_AWS_ACCESS, policy(text, PolicyKind.RCP, "rcp"))
        policies = Policies(
            identity=(ADMINISTRATOR,), resource=OPEN_RESOURCE, rcps=(level,), management_account=MANAGEMENT
        )
    else:
        level = (FULL_SCP, policy(text, PolicyKind.SCP, "scp"))
        policies = Policies(identity=(ADMINISTRATOR,), scps=((FULL_SCP,), level), management_account=MANAGEMENT)
    return evaluate(row.request, policies)


def is_as_written(row: Case, guardrail: Document) -> bool:
    """Say whether a row holds, down to the statement, with ``guardrail`` in place of the shipped document."""
    decision = decide(row, guardrail)
    return (decision.allowed, decision.sid if not decision.allowed else None) == (row.expect == "allow", row.because)


def simulation(row: Case) -> dict[str, Any]:
    """Return the row as the simulator takes it; it adds RCPFullAWSAccess itself."""
    full = {"Version": "2012-10-17", "Statement": [_ALLOW_ALL]}
    shipped = document(row.name.partition(" ")[0])
    request = {**row.simulation(), "identityPolicies": [{"name": "administrator", "policy": full}]}
    if _kind(row) is GuardrailKind.RCP:
        principal = {"Principal": "*"} | ({} if row.is_trust else {"Resource": "*"})
        statement = {"Effect": "Allow", "Action": "*", **principal}
        opened = {"Version": "2012-10-17", "Statement": [statement]}
        return {**request, "resourcePolicy": opened, "resourceControlPolicies": _levels([[shipped]])}
    return {**request, "serviceControlPolicies": _levels([[full], [full, shipped]])}


def _levels(levels: list[list[Document]]) -> list[dict[str, Any]]:
    return [
        {
            "orgIdentifier": f"level-{number}",
            "policies": [{"name": f"policy-{position}", "policy": each} for position, each in enumerate(level)],
        }
        for number, level in enumerate(levels)
    ]
