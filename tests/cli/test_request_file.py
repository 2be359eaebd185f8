"""Request files: what is read as written, and what is refused with file and line."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from avm.domain.account_request import AccountRequest
from avm_cli import request_file
from avm_cli.errors import BadInput
from avm_cli.request_file import read_request

Read = Callable[..., dict[str, Any]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read_text(text: str | bytes, name: str = "request.yaml") -> dict[str, Any]:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_request(path)

    return read_text


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-23",
        "1042",
        "0012",
        "1_000",
        "+4930123456",
        "yes",
        "No",
        "on",
        "true",
        "0x1f",
        "12:30:45",
        "1.10",
        "1e3",
        ".inf",
        "=",
        "<<",
    ],
)
def test_an_unquoted_value_is_the_text_that_stands_there(read: Read, written: str) -> None:
    assert read(f"cost_center: {written}\ntags: {{version: {written}}}\nregions: [{written}]") == {
        "cost_center": written,
        "tags": {"version": written},
        "regions": [written],
    }


@pytest.mark.parametrize(
    ("written", "meant"),
    [("500", 500), ("499.5", 499.5), ("1e3", 1000.0), ('"500"', "500"), ("0500", "0500"), ("lots", "lots")],
)
def test_the_budget_is_a_number(read: Read, written: str, meant: object) -> None:
    value = read(f"budget: {{monthly_usd: {written}}}")["budget"]["monthly_usd"]
    assert (value, type(value)) == (meant, type(meant))


@pytest.mark.parametrize("written", ["", "~", "null"])
def test_an_empty_value_is_null(read: Read, written: str) -> None:
    assert read(f"email: {written}") == {"email": None}


def test_keys_are_texts_too(read: Read) -> None:
    assert read("tags: {2026-11-23: a, no: b, 7: c}") == {"tags": {"2026-11-23": "a", "no": "b", "7": "c"}}


def test_the_list_of_numbers_is_that_of_the_account_request() -> None:
    def numbers(schema: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
        for option in schema.get("anyOf", [schema]):
            resolved = definitions.get(option.get("$ref", "").rpartition("/")[2], option)
            if resolved.get("type") in {"number", "integer", "boolean"}:
                yield path
            for name, part in resolved.get("properties", {}).items():
                yield from numbers(part, (*path, name))
            if "items" in resolved:
                yield from numbers(resolved["items"], (*path, "*"))

    schema = AccountRequest.model_json_schema()
    definitions = schema["$defs"]
    assert set(numbers(schema)) == request_file._NUMBERS


def test_json_keeps_its_types(read: Read) -> None:
    document = {"name": "a", "budget": {"monthly_usd": 5}, "tags": {"n": 7}, "regions": [None, True]}
    assert read(json.dumps(document, indent=1), "request.json") == document
    assert read(b"\xef\xbb\xbf" + json.dumps(document).encode(), "REQUEST.JSON") == document


def test_multi_line_texts_and_unicode_survive(read: Read) -> None:
    assert read("purpose: >-\n  Zahlungen\n  für alle\n") == {"purpose": "Zahlungen für alle"}


@pytest.mark.parametrize(
    ("text", "name", "message"),
    [
        ("name: a\nowner: b\nname: c\n", "r.yaml", r"r\.yaml:3: 'name' is given twice \(first in line 1\)"),
        ("tags:\n  a: 1\n  'a': 2\n", "r.yaml", r"r\.yaml:3: 'a' is given twice"),
        ('{"name": "a",\n "name": "b"}', "r.json", r"r\.json: 'name' is given twice"),
        ("name: [a\n", "r.yaml", r"r\.yaml:2: expected"),
        ("name: a\n\tbad: b\n", "r.yaml", r"r\.yaml:2: found character"),
        ('{"name": }', "r.json", r"r\.json:1: Expecting value"),
        ("name: a\n---\nname: b\n", "r.yaml", r"r\.yaml:2: a second document"),
        ("- a\n- b\n", "r.yaml", r"r\.yaml: .*holds a list"),
        ("just words", "r.yaml", r"r\.yaml: .*holds a single value"),
        ("# nothing\n", "r.yaml", r"r\.yaml: .*holds nothing"),
        ("", "r.yaml", r"r\.yaml: .*holds nothing"),
        ("", "r.json", r"r\.json:1: Expecting value"),
        ("a: &x [1]\nb: *x\n", "r.yaml", r"r\.yaml:2: the alias \*x has no place"),
        ("a: &x [*x]\n", "r.yaml", r"the alias \*x has no place"),
        ("name: !!python/object:os.system x\n", "r.yaml", r"r\.yaml:1: the tag .*os\.system has no place"),
        ("name: !!binary aGk=\n", "r.yaml", r"r\.yaml:1: the tag .*binary has no place"),
        ("? [a, b]\n: c\n", "r.yaml", r"r\.yaml:1: a key must be a single word"),
        (b"name: \xff\xfe\n", "r.yaml", r"r\.yaml: is not UTF-8 text \(byte 6\)"),
        ("name: a\x00b\n", "r.yaml", r"r\.yaml: unacceptable character"),
        ("[" * 50_000, "r.yaml", r"r\.yaml:1: is nested too deeply"),
        ("[" * 50_000, "r.json", r"r\.json: is nested too deeply"),
        ("budget: {monthly_usd: 1e999}\n", "r.yaml", r"r\.yaml: holds a number that is too large"),
        ('{"budget": {"monthly_usd": 1e999}}', "r.json", r"r\.json: holds a number that is too large"),
        (f"budget: {{monthly_usd: {'9' * 5000}}}\n", "r.yaml", r"r\.yaml: holds a number that is too large"),
        ('{"a": NaN}', "r.json", r"r\.json: holds a number that is too large"),
        ("a" * 300_000, "r.yaml", r"r\.yaml: is larger than 256 KiB"),
    ],
)
def test_a_file_that_is_no_request_is_refused_with_its_place(
    read: Read, text: str | bytes, name: str, message: str
) -> None:
    with pytest.raises(BadInput, match=message) as raised:
        read(text, name)
    assert raised.value.exit_code == 2


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"missing\.yaml: No such file"):
        read_request(tmp_path / "missing.yaml")
    with pytest.raises(BadInput, match="Is a directory"):
        read_request(tmp_path)
