"""What has a name that people meet has its place in the documentation, and the documentation names nothing else.

``docs/cli.md`` has its test in ``tests/cli``, ``docs/emulator.md`` in ``tests/emulator``.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from samtranslator.yaml_helper import yaml_parse

from avm.domain.errors import ERRORS, VendingError
from avm.runtime.observability import METRICS
from avm.runtime.settings import FUNCTION_SETTINGS
from tests.names import ROOT

DOCS = ROOT / "docs"
CODE = ROOT / "layers" / "vending" / "avm"


def headings(document: str, level: int, below: str | None = None) -> set[str]:
    """Return the headings of a level, those under the heading ``below`` of the level above where it is given."""
    found: set[str] = set()
    parent = None
    for line in (DOCS / document).read_text("utf-8").splitlines():
        if line.startswith("#" * (level - 1) + " "):
            parent = line.lstrip("# ")
        elif line.startswith("#" * level + " ") and below in {None, parent}:
            found.add(line.lstrip("# "))
    return found


def template() -> dict[str, dict[str, dict[str, str]]]:
    """Return template.yaml."""
    parsed: dict[str, dict[str, dict[str, str]]] = yaml_parse((ROOT / "template.yaml").read_text("utf-8"))
    return parsed


def families() -> dict[str, type[VendingError]]:
    """Return the error classes that others derive from."""
    return {name: each for name, each in ERRORS.items() if each.__subclasses__()}


@pytest.mark.parametrize("family", sorted(families()))
def test_the_runbook_has_a_chapter_for_each_error_code(family: str) -> None:
    (chapter,) = (heading for heading in headings("runbook.md", 2) if heading.startswith(f"{family}:"))
    codes = {name for name, each in ERRORS.items() if issubclass(each, families()[family])} - set(families())
    assert headings("runbook.md", 3, below=chapter) == codes


def test_a_chapter_of_the_runbook_names_cause_and_remedy() -> None:
    text = (DOCS / "runbook.md").read_text("utf-8")
    chapters = dict(re.findall(r"^### (\w+)\n(.*?)(?=^##|\Z)", text, re.MULTILINE | re.DOTALL))
    for code in set(ERRORS) - set(families()):
        assert "**Cause.**" in chapters[code], code
        assert "**What to do.**" in chapters[code], code


def test_the_runbook_has_a_chapter_for_each_alarm() -> None:
    alarms = {name for name, each in template()["Resources"].items() if each["Type"] == "AWS::CloudWatch::Alarm"}
    assert headings("runbook.md", 3, below="Alarms") == alarms


def published() -> Iterator[str]:
    """Yield the detail-type of every event that the application publishes."""
    for file in CODE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "publish":
                (first, *_) = node.args
                assert isinstance(first, ast.Constant), f"{file}: the detail-type must be a literal"
                yield str(first.value)


def test_every_event_is_described() -> None:
    assert headings("events.md", 3) == set(published())


def test_every_state_machine_is_described() -> None:
    machines = {file.name.removesuffix(".asl.json") for file in (ROOT / "statemachine").glob("*.asl.json")}
    assert headings("architecture.md", 3, below="The state machines") == machines


def test_every_environment_variable_of_a_function_is_described() -> None:
    variables = {name for model in FUNCTION_SETTINGS.values() for name in model.model_fields}
    assert headings("configuration.md", 3, below="Environment of the functions") == variables


def test_every_environment_variable_of_the_command_line_is_described() -> None:
    code = "".join(file.read_text("utf-8") for file in (ROOT / "avm_cli").rglob("*.py"))
    assert headings("configuration.md", 3, below="Environment of the command line") == set(
        re.findall(r"\bAVM_[A-Z_]+", code)
    )


def test_every_parameter_of_the_template_is_described() -> None:
    assert headings("configuration.md", 3, below="Parameters of the template") == set(template()["Parameters"])


def test_every_metric_is_named() -> None:
    text = (DOCS / "operations.md").read_text("utf-8")
    assert {metric for metric in METRICS if f"`{metric}`" not in text} == set()


def test_every_make_target_is_described() -> None:
    targets = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    described = set(re.findall(r"^\| `make ([a-z-]+)`", (DOCS / "development.md").read_text("utf-8"), re.MULTILINE))
    assert described == targets


def test_every_route_of_the_api_is_described() -> None:
    files = (file for name in ("api", "take_webhook") for file in (ROOT / "functions" / name).glob("*.py"))
    code = "".join(file.read_text("utf-8") for file in files)
    routes = {
        f"{method.upper()} {path.replace('<', '{').replace('>', '}')}"
        for method, path in re.findall(r'@\w+\.(get|post|put|delete|patch)\("([^"]+)"', code)
    }
    calls = re.findall(r"`(GET|POST|PUT|DELETE|PATCH) (/[^`?]*)", (DOCS / "api.md").read_text("utf-8"))
    described = {f"{method} {re.sub(r'{id}', '{request_id}', path)}" for method, path in calls}
    assert described == routes


@pytest.mark.parametrize(
    "document", [pytest.param(file, id=file.name) for file in [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]]
)
def test_every_link_inside_the_documentation_leads_somewhere(document: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", document.read_text("utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []
