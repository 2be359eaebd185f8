"""Reads an account request from a YAML or JSON file as its author wrote it; what it means is for the API to judge."""

import json
import re
import sys
from pathlib import Path
from typing import Any

import yaml

from avm_cli.errors import BadInput

_MAX_BYTES = 256 * 1024
_MAX_BYTES_OF_A_LIST = 16 * 1024 * 1024
_NUMBERS = {("budget", "monthly_usd")}
"""The only fields that are numbers. Every other value of a YAML file is the text that stands there: YAML itself would
turn ``+4930123456``, ``2026-11-23``, ``0012`` and ``no`` into something that nobody wrote."""
_MAX_DEPTH = 20
JSON_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_YAML_TAG = "tag:yaml.org,2002:"
_SCALAR_TAGS = {f"{_YAML_TAG}{name}" for name in ("null", "str", "int", "float", "bool", "timestamp", "merge", "value")}


def read_request(path: Path) -> dict[str, Any]:
    """Return the mapping in ``path`` (``-``: standard input).

    Raises BadInput with file and line if it cannot be read, is not valid YAML or JSON, names a key twice, or is not
    exactly one mapping.
    """
    content = _content(path, _MAX_BYTES)
    if not isinstance(content, dict):
        found = {list: "a list", type(None): "nothing"}.get(type(content), "a single value")
        message = f"{_name(path)}: an account request is a mapping of fields; the file holds {found}."
        raise BadInput(message, "See examples/requests/.")
    return content


def read_requests(path: Path) -> list[object]:
    """Return the entries of the list in ``path``, each of which should be a mapping; one mapping alone is one entry.

    Raises BadInput as ``read_request`` does, and where there is neither.
    """
    content = _content(path, _MAX_BYTES_OF_A_LIST)
    if isinstance(content, dict):
        return [content]
    if not isinstance(content, list):
        message = f"{_name(path)}: holds neither an account request nor a list of them."
        raise BadInput(message, "See examples/bulk/.")
    return content


def _name(path: Path) -> str:
    return "<stdin>" if path == Path("-") else str(path)


def _content(path: Path, max_bytes: int) -> object:
    name = _name(path)
    text = read_text(path, max_bytes)
    try:
        content = _from_json(text, name) if path.suffix.lower() == ".json" else _from_yaml(text, name)
        json.dumps(content, allow_nan=False)
    except RecursionError as error:
        raise BadInput(f"{name}: is nested too deeply.") from error
    except yaml.MarkedYAMLError as error:
        raise BadInput(f"{name}:{_line(error.problem_mark)}: {error.problem or error.context}.") from error
    except yaml.YAMLError as error:
        raise BadInput(f"{name}: {' '.join(str(error).split())}.") from error
    except ValueError as error:
        raise BadInput(f"{name}: holds a number that is too large.") from error
    return content


def read_text(path: Path, max_bytes: int) -> str:
    """Return the text in ``path`` (``-``: standard input); raises BadInput where it cannot be read or is too large."""
    name = _name(path)
    try:
        if path == Path("-"):
            data = sys.stdin.buffer.read(max_bytes + 1)
        else:
            with path.open("rb") as file:
                data = file.read(max_bytes + 1)
        if len(data) > max_bytes:
            raise BadInput(f"{name}: is larger than {max_bytes // 1024} KiB; that is no account request.")
        return data.decode("utf-8-sig")
    except OSError as error:
        raise BadInput(f"{name}: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{name}: is not UTF-8 text (byte {error.start}).") from error


def _from_json(text: str, name: str) -> object:
    def mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = [key for key, _ in pairs]
        twice = next((key for index, key in enumerate(keys) if key in keys[:index]), None)
        if twice is not None:
            raise BadInput(f"{name}: '{twice}' is given twice.")
        return dict(pairs)

    try:
        return json.loads(text, object_pairs_hook=mapping)
    except json.JSONDecodeError as error:
        raise BadInput(f"{name}:{error.lineno}: {error.msg}.") from error


def _from_yaml(text: str, name: str) -> object:
    depth = documents = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        place = f"{name}:{_line(event.start_mark)}"
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        documents += isinstance(event, yaml.DocumentStartEvent)
        if depth > _MAX_DEPTH:
            raise BadInput(f"{place}: is nested too deeply.")
        if documents > 1:
            raise BadInput(f"{place}: a second document begins; give each request a file of its own.")
        if isinstance(event, yaml.AliasEvent):  # can stand for gigabytes, or for itself
            raise BadInput(f"{place}: the alias *{event.anchor} has no place in a request.")
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if isinstance(root, yaml.SequenceNode) and root.tag == f"{_YAML_TAG}seq":
        return [_value(item, (), name) for item in root.value]  # each a request of its own
    return _value(root, (), name) if root else None


def _line(mark: Any) -> int:
    return int(mark.line) + 1


def _value(node: yaml.Node, path: tuple[str, ...], name: str) -> object:
    if isinstance(node, yaml.MappingNode) and node.tag == f"{_YAML_TAG}map":
        return _mapping(node, path, name)
    if isinstance(node, yaml.SequenceNode) and node.tag == f"{_YAML_TAG}seq":
        return [_value(item, (*path, "*"), name) for item in node.value]
    if not isinstance(node, yaml.ScalarNode) or node.tag not in _SCALAR_TAGS:
        raise BadInput(f"{name}:{_line(node.start_mark)}: the tag {node.tag} has no place in a request.")
    if node.tag == f"{_YAML_TAG}null":
        return None
    if path in _NUMBERS and node.style is None and JSON_NUMBER.fullmatch(node.value):
        return json.loads(node.value)
    return node.value


def _mapping(node: yaml.MappingNode, path: tuple[str, ...], name: str) -> dict[str, object]:
    mapping: dict[str, object] = {}
    lines: dict[str, int] = {}
    for key_node, value_node in node.value:
        line = _line(key_node.start_mark)
        if not isinstance(key_node, yaml.ScalarNode):
            raise BadInput(f"{name}:{line}: a key must be a single word.")
        key = key_node.value
        if key in lines:
            raise BadInput(f"{name}:{line}: '{key}' is given twice (first in line {lines[key]}).")
        lines[key] = line
        mapping[key] = _value(value_node, (*path, key), name)
    return mapping
