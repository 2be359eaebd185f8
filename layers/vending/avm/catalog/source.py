"""One YAML file of the catalog: its data, and the line on which each value stands."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from yaml.constructor import ConstructorError
from yaml.events import CollectionEndEvent, CollectionStartEvent
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from avm.domain.catalog_problem import CatalogProblem
from avm.domain.field_problems import dotted

Place = tuple[str | int, ...]
"""Where a value stands in a file: keys and list positions from the top."""


_DEPTH = 32
"""Levels that a file may have; no field of the catalog stands deeper than the tenth."""


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # the C one where there is one
    """Safe loading with the plain values of YAML 1.2, as editors understand them: no dates, no 'yes', no octals."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  # PyYAML's own way to declare resolvers


for _tag, _pattern, _first in (
    ("bool", r"^(?:true|false)$", "tf"),
    ("null", r"^(?:null|~|)$", ["n", "~", ""]),
    ("int", r"^-?(?:0|[1-9][0-9]*)$", "-0123456789"),
    ("float", r"^-?(?:0|[1-9][0-9]*)\.[0-9]+$", "-0123456789"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first))


@dataclass
class Source:
    """One file as read: ``data`` (None where it cannot be read), lines by place, and what is wrong with it."""

    file: str
    data: Any = None
    lines: dict[Place, int] = field(default_factory=lambda: {(): 1})
    problems: list[CatalogProblem] = field(default_factory=list)

    def problem(self, place: Place, reason: str, hint: str) -> CatalogProblem:
        """Return a problem at ``place``, or at the nearest value around it that stands in the file."""
        known = place
        while known not in self.lines:
            known = known[:-1]
        return CatalogProblem(self.file, self.lines[known], dotted(place), reason, hint)


def read_source(directory: Path, file: str) -> Source:
    """Read ``file`` of the catalog in ``directory``; what is wrong with it as YAML stands in ``problems``."""
    source = Source(file)
    try:
        raw = (directory / file).read_bytes()
    except OSError as error:
        reason = f"cannot be read: {error.strerror}"
        source.problems.append(CatalogProblem(file, 1, "", reason, f"see that it is in {directory}"))
        return source
    try:
        text = raw.decode()
        if line := _too_deep(text):
            reason, hint = f"is nested more than {_DEPTH} levels deep", "close the brackets, or correct the indentation"
            source.problems.append(CatalogProblem(file, line, "", reason, hint))
            return source
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            if node is not None:
                source.lines[()] = node.start_mark.line + 1
                source.data = _Reader(loader, source).value(node, ())
        finally:
            loader.dispose()
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        source.problems.append(CatalogProblem(file, line, "", "is not UTF-8 text", "save the file as UTF-8"))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = f"is not YAML: {error.problem or error.context}"
        hint = "correct the line, or the indentation before it"
        source.problems.append(CatalogProblem(file, mark.line + 1 if mark else 1, "", reason, hint))
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        source.problems.append(
            CatalogProblem(file, line, "", f"holds a character that YAML forbids: {error.reason}", "remove it")
        )
    return source


def _too_deep(text: str) -> int | None:
    """Return the line on which groups and lists become nested too deeply: what reads them goes down level by level."""
    depth = 0
    event: Any
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if depth > _DEPTH:
            return int(event.start_mark.line) + 1
    return None


class _Reader:
    """Turns nodes into plain data and notes their lines; refuses what would make a file say two things."""

    def __init__(self, loader: Any, source: Source) -> None:
        self._loader = loader
        self._source = source
        self._seen: set[int] = set()

    def value(self, node: Node, place: Place) -> Any:
        """Return the node's data."""
        if id(node) in self._seen:
            # An alias is the very node of its anchor, whose line it has: the alias's own is that of its key
            reason, hint = "is a YAML alias (*name)", "write the value out where it is used"
            self._source.problems.append(self._source.problem(place, reason, hint))
            return None
        self._seen.add(id(node))
        if isinstance(node, MappingNode):
            return self._mapping(node, place)
        if isinstance(node, SequenceNode):
            return [self._item(child, (*place, position)) for position, child in enumerate(node.value)]
        try:
            return self._loader.construct_object(node)
        except (ConstructorError, ValueError):
            self._refuse(node, place, f"has a YAML tag that is not read here: {node.tag}", "write a plain value")
            return None

    def _item(self, node: Node, place: Place) -> Any:
        self._source.lines[place] = node.start_mark.line + 1
        return self.value(node, place)

    def _mapping(self, node: MappingNode, place: Place) -> Mapping[str, Any]:
        data: dict[str, Any] = {}
        for key, child in node.value:
            if not isinstance(key, ScalarNode) or key.tag != "tag:yaml.org,2002:str":
                self._refuse(key, place, "has a key that is not text", "put the key in quotes")
                continue
            here = (*place, key.value)
            if key.value in data:
                reason = f"stands here twice, first on line {self._source.lines[here]}"
                self._refuse(key, here, reason, "keep one of the two")
                continue
            self._source.lines[here] = key.start_mark.line + 1
            data[key.value] = self.value(child, here)
        return data

    def _refuse(self, node: Node, place: Place, reason: str, hint: str) -> None:
        problem = CatalogProblem(self._source.file, node.start_mark.line + 1, dotted(place), reason, hint)
        self._source.problems.append(problem)


def did_you_mean(value: str, known: Iterable[str]) -> str:
    """Return the hint for a name that is not among the known ones."""
    texts = sorted(name for name in known if isinstance(name, str))
    close = difflib.get_close_matches(value, texts, n=1)
    return f"did you mean {close[0]!r}?" if close else f"there are: {', '.join(texts) or 'none'}"
