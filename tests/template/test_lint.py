"""cfn-lint on what is written and on what is deployed: it opens no state machine, and no policy of a SAM function."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cfnlint import ManualArgs, lint

from tests.template.conftest import ROOT, Template

SETTINGS = ManualArgs(
    regions=["eu-west-1", "us-east-1"],
    include_checks=["I"],
    include_experimental=True,
    ignore_checks=[
        "I3042",  # a partition in an ARN: SAM itself writes some, by the Region that it translates for
        "I4010",  # metadata for tools that write templates by machine
    ],
)
FILES = [
    ROOT / "template.yaml",
    *sorted(ROOT.glob("templates/*.yaml")),
    *sorted(ROOT.glob("layers/catalog/catalog/baseline/*.yaml")),
]


def _findings(text: str) -> list[str]:
    return [f"{found.rule.id} line {found.linenumber}: {found.message}" for found in lint(text, config=SETTINGS)]


@pytest.mark.parametrize("file", [pytest.param(file, id=str(file.relative_to(ROOT))) for file in FILES])
def test_a_template_as_written_is_clean(file: Path) -> None:
    assert _findings(file.read_text("utf-8")) == []


def test_the_template_as_deployed_is_clean(template: Template) -> None:
    assert _findings(json.dumps(template, indent=1)) == []


def test_a_fault_inside_a_state_machine_or_a_policy_would_be_found(template: Template) -> None:
    faulty = json.loads(json.dumps(template).replace('"sso:ListInstances"', '"sso:ListInstance"'))
    faulty["Resources"]["VendAccountStateMachine"]["Properties"]["Definition"]["States"]["MoveAccount"]["Nxt"] = "X"
    findings = " ".join(_findings(json.dumps(faulty)))
    assert "Nxt" in findings
    assert "'listinstance'" in findings.lower()
