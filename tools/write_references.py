"""Write what is made from code and catalog: references and schemas of ``docs``, a rule of a template, products.

``python -m tools.write_references``; a test tells when they have to be written anew.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from avm.contracts.foundation_report import FoundationReport
from avm.contracts.report import Report
from avm.controls.control import Control, DriftEvent, Grant
from avm.controls.patterns import FROM_MANAGEMENT, drift_pattern
from avm.controls.registry import all_controls, waves
from avm.foundation.control import FoundationControl
from avm.foundation.registry import all_foundation_controls
from avm.runtime.openapi import openapi_document
from tools.product_templates import product_files

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
MARK = "<!-- made by python -m tools.write_references -->\n"
PATTERN = re.compile(r"(?<=# made by python -m tools.write_references\n      EventPattern: ).*")


def references() -> Iterator[tuple[Path, str]]:
    """Yield ``(file, text)`` of each; of ``controls.md`` what stands above the mark stays, of a template the rest."""
    for name, chapters in (("controls.md", _controls()), ("foundation.md", _foundation())):
        yield DOCS / name, (DOCS / name).read_text("utf-8").partition(MARK)[0] + MARK + "".join(chapters)
    for name, kind in (("report", Report), ("foundation_report", FoundationReport)):
        schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **kind.model_json_schema()}
        yield DOCS / f"{name}.schema.json", json.dumps(schema, indent=2) + "\n"
    yield DOCS / "openapi.json", json.dumps(openapi_document(), indent=2) + "\n"
    template = ROOT / "templates" / "management_events.yaml"
    pattern = json.dumps(drift_pattern(all_controls().values(), FROM_MANAGEMENT))
    yield template, PATTERN.sub(pattern, template.read_text("utf-8"))
    yield from product_files(ROOT / "templates")


def _controls() -> Iterator[str]:
    for number, wave in enumerate(waves(all_controls().values()), 1):
        for control in wave:
            yield from _chapter(control.name, control.promise, _facts(control, number))


def _foundation() -> Iterator[str]:
    for number, wave in enumerate(waves(all_foundation_controls().values()), 1):
        for control in wave:
            yield from _chapter(control.name, control.promise, _foundation_facts(control, number))


def _chapter(name: str, promise: str, facts: Iterable[tuple[str, str]]) -> Iterator[str]:
    yield f"\n### {name}\n\n{promise}\n\n| | |\n| --- | --- |\n"
    yield from (f"| {title} | {value} |\n" for title, value in facts if value)


def _foundation_facts(control: FoundationControl, wave: int) -> Iterator[tuple[str, str]]:
    yield "plane", control.plane
    yield "brought on by", f"`{control.duty}`, wave {wave}"
    yield "needs", ", ".join((*control.needs, *(f"foundation: {part}" for part in control.foundation)))
    yield "looks by (evidence)", _actions(control.observe_grants)
    yield "steps", _actions(control.enforce_grants)
    yield "may drift after", _events(control.drift_events)
    waits = "" if control.blocks_ready else "; nothing waits for it while AWS works on it"
    yield "time to become true", f"{control.deadline_seconds} s at most{waits}"


def _facts(control: Control, wave: int) -> Iterator[tuple[str, str]]:
    yield "plane, scope", f"{control.plane}, {control.scope}"
    yield "enforced by", f"`{control.duty}`, wave {wave}"
    yield "needs", ", ".join((*control.needs, *(f"foundation: {part}" for part in control.foundation)))
    yield "looks by (evidence)", _actions(control.observe_grants)
    yield "changes by", _actions(control.enforce_grants)
    yield "may drift after", _events(control.drift_events)
    yield "mode", control.mode
    waits = "waits for it" if control.blocks_ready else "does not wait for it"
    yield "while pending", f"an account {waits}; {control.deadline_seconds} s at most"
    yield "parameters", ", ".join(f"`{name}`" for name in control.parameters.model_fields)


def _actions(grants: Iterable[Grant]) -> str:
    return ", ".join(f"`{action}`" for action in sorted({action for grant in grants for action in grant.actions}))


def _events(events: Iterable[DriftEvent]) -> str:
    return ", ".join(f"`{event.source.partition('.')[0]}:{event.name}`" for event in events)


def main() -> None:
    """Write them."""
    for file, text in references():
        file.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
