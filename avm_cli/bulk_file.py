"""Reads the rows of ``avm bulk``: account requests of a folder, a CSV file or a list, each with place and id."""

import csv
import hashlib
import io
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from avm_cli.api import JsonObject
from avm_cli.errors import BadInput
from avm_cli.request_file import JSON_NUMBER, read_request, read_requests, read_text

_SUFFIXES = {".yaml", ".yml", ".json"}
_MAX_BYTES = 16 * 1024 * 1024
_NUMBERS = {"budget.monthly_usd"}
_ACCESS = re.compile(r"(?P<kind>group|user):(?P<name>.+):(?P<permission_set>[^:]+)")
_ACCESS_HINT = "write group:NAME:PERMISSION_SET or user:NAME:PERMISSION_SET, more of them after ';'"

Problem = dict[str, Any]
"""``{field, reason, hint}``, as the API has it."""


@dataclass(frozen=True)
class Row:
    """One request that is asked for, and what is wrong with how it is written."""

    place: str
    """File, as seen from the source, and line or number in it: short, so that no table breaks it."""
    body: JsonObject
    request_id: str
    problems: Sequence[Problem] = field(default_factory=tuple)

    @property
    def name(self) -> str:
        """Return the account's name, as far as there is one."""
        return str(self.body.get("name", ""))


def read_rows(path: Path) -> list[Row]:
    """Return the rows of a folder (``*.yaml``, ``*.yml``, ``*.json``), a ``.csv`` file, or a list in YAML or JSON.

    What is wrong with one row is kept with it, what makes all of them unreadable raises BadInput.
    """
    if path.is_dir():
        rows = list(_of_folder(path))
    elif path.suffix.lower() == ".csv":
        rows = list(_of_csv(path))
    else:
        rows = [_row(f"{path.name}[{number}]", content) for number, content in enumerate(read_requests(path), 1)]
    if not rows:
        raise BadInput(f"{path}: holds no account request.", "See examples/bulk/.")
    return rows


def _row(place: str, content: object, problems: Sequence[Problem] = ()) -> Row:
    if not isinstance(content, dict):
        reason = {"field": "", "reason": "is no mapping of fields", "hint": "see examples/requests/"}
        return Row(place, {}, "", (reason,))
    given = content.get("request_id")
    return Row(place, content, given if isinstance(given, str) and given else request_id_of(content), problems)


def request_id_of(body: JsonObject) -> str:
    """Return the id of a request that has none: the same content, whatever the order of its fields, is the same."""
    text = json.dumps(body, sort_keys=True, separators=(",", ":"))
    return f"bulk-{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def _of_folder(folder: Path) -> Iterator[Row]:
    for file in sorted(each for each in folder.rglob("*") if each.suffix.lower() in _SUFFIXES and each.is_file()):
        place = str(file.relative_to(folder))
        try:
            yield _row(place, read_request(file))
        except BadInput as error:
            yield Row(place, {}, "", ({"field": "", "reason": str(error), "hint": error.hint or ""},))


def _of_csv(path: Path) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(read_text(path, _MAX_BYTES), newline=""), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        if not all(header) or len(set(header)) < len(header):
            raise BadInput(f"{path}:1: each column needs a name of its own.", "See examples/bulk/accounts.csv.")
        for name in header:
            if any(other.startswith(f"{name}.") for other in header):
                raise BadInput(f"{path}:1: '{name}' cannot have a column beside those of its fields.")
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield _of_cells(f"{path.name}:{reader.line_num}", header, cells)
    except csv.Error as error:
        raise BadInput(f"{path}:{reader.line_num}: {error}.") from error


def _of_cells(place: str, header: list[str], cells: list[str]) -> Row:
    problems: list[Problem] = []
    if len(cells) > len(header):
        reason = f"has {len(cells)} cells for {len(header)} columns"
        problems.append({"field": "", "reason": reason, "hint": "put what holds a comma between quotes"})
    body: JsonObject = {}
    for column, cell in zip(header, cells, strict=False):
        if not cell.strip():
            continue
        try:
            _put(body, column.split("."), _value(column, cell.strip()))
        except ValueError as error:
            problems.append({"field": column, "reason": str(error), "hint": _ACCESS_HINT})
    return _row(place, body, problems)


def _put(body: JsonObject, path: list[str], value: object) -> None:
    *above, last = path
    for name in above:
        body = body.setdefault(name, {})
    body[last] = value


def _value(column: str, cell: str) -> object:
    if column == "regions":
        return cell.replace(";", " ").split()
    if column == "access":
        return [_access(each.strip()) for each in cell.split(";") if each.strip()]
    return json.loads(cell) if column in _NUMBERS and JSON_NUMBER.fullmatch(cell) else cell


def _access(text: str) -> JsonObject:
    found = _ACCESS.fullmatch(text)
    if found is None:
        message = f"'{text}' names nobody and no permission set"
        raise ValueError(message)
    return {found["kind"]: found["name"], "permission_set": found["permission_set"]}
