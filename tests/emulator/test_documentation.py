"""``docs/emulator.md`` lists what is modelled: each behaviour with its source and a test that exists."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "emulator.md").read_text("utf-8")
ENTRIES = {
    title: dict(re.findall(r"^(What|Source|Test): (.+)$", body, re.MULTILINE))
    for title, body in re.findall(r"^### (.+?)$(.*?)(?=^##|\Z)", DOCUMENT, re.MULTILINE | re.DOTALL)
}


@cache
def functions_of(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_there_are_entries_and_no_two_have_one_title() -> None:
    titles = re.findall(r"^### (.+)$", DOCUMENT, re.MULTILINE)
    assert len(titles) > 100
    assert sorted({title for title in titles if titles.count(title) > 1}) == []


@pytest.mark.parametrize("title", ENTRIES)
def test_a_behaviour_has_a_source_and_a_test_that_exists(title: str) -> None:
    entry = ENTRIES[title]
    assert set(entry) == {"What", "Source", "Test"}
    references = re.findall(r"(tests/[\w/]+\.py)::(\w+)", entry["Test"])
    assert references
    for path, name in references:
        assert name in functions_of(path), f"{path} has no {name}"
