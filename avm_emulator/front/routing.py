"""Which method of an API a request means."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote

from avm_emulator.front.rest_apis import Method

_VARIABLE = re.compile(r"\{([^}+]+)(\+?)\}")


@dataclass(frozen=True)
class Match:
    """The method that answers, and the values of its path variables."""

    method: Method
    path_parameters: dict[str, str]


def find(methods: Iterable[Method], http_method: str, path: str) -> Match | None:
    """Return the most specific method for a path (as sent, without the stage); None if there is none.

    Fixed segments win over variables, variables over greedy ones, and a named method over ANY.
    """
    matches = []
    for method in methods:
        found = re.fullmatch(_pattern(method.resource_path), path.rstrip("/") or "/")
        if found is not None and method.http_method in (http_method, "ANY"):
            names = [name for name, _ in _VARIABLE.findall(method.resource_path)]
            values = {name: unquote(value) for name, value in zip(names, found.groups(), strict=True)}
            matches.append(Match(method, values))
    return min(matches, key=lambda match: _rank(match.method), default=None)


def _pattern(resource_path: str) -> str:
    parts = []
    position = 0
    for variable in _VARIABLE.finditer(resource_path):
        parts += [re.escape(resource_path[position : variable.start()]), "(.+)" if variable.group(2) else "([^/]+)"]
        position = variable.end()
    return "".join([*parts, re.escape(resource_path[position:])])


def _rank(method: Method) -> tuple[list[int], bool]:
    segments = [
        2 if segment.endswith("+}") else 1 if segment.startswith("{") else 0
        for segment in method.resource_path.split("/")
    ]
    return segments, method.http_method == "ANY"
