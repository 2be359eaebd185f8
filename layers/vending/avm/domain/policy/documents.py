"""Policy documents, read once.

Source: IAM User Guide, "Grammar of the IAM JSON policy language".
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from avm.domain.policy.kinds import PolicyKind
from avm.domain.policy.malformed import PolicyMalformed
from avm.domain.policy.statements import Statement

_CACHED = 4096
_ELEMENTS = {"Version", "Id", "Statement"}
_VERSIONS = {"2008-10-17": False, "2012-10-17": True}
"""Versions of the policy language, and whether they know variables."""


class Policy:
    """A policy document, ready to be compared with requests."""

    __slots__ = ("_about", "kind", "name", "statements")

    def __init__(self, name: str, kind: PolicyKind, statements: tuple[Statement, ...]) -> None:
        """Take statements that ``policy`` has read."""
        self.name = name
        self.kind = kind
        self.statements = statements
        self._about: dict[str, tuple[Statement, ...]] = {}

    def about(self, action: str) -> tuple[Statement, ...]:
        """Return the statements about an action, given in lower case. Kept: AWS has a limited number of actions."""
        found = self._about.get(action)
        if found is None:
            found = tuple(statement for statement in self.statements if statement.is_about(action))
            self._about[action] = found
        return found


@lru_cache(maxsize=_CACHED)
def policy(text: str, kind: PolicyKind, name: str) -> Policy:
    """Return the policy that a JSON text holds; the same text is read once.

    Raises:
        PolicyMalformed: IAM would not take it, or it says something that is not known here.
    """
    try:
        document = json.loads(text, object_pairs_hook=_each_once)
    except ValueError as error:
        raise PolicyMalformed(name, "document", str(error)) from error
    if not isinstance(document, dict):
        raise PolicyMalformed(name, "document", "is no object")
    if unknown := set(document) - _ELEMENTS:
        raise PolicyMalformed(name, "document", f"{min(unknown)!r} is not an element of a policy")
    version = document.get("Version", "2008-10-17")
    if version not in _VERSIONS:
        raise PolicyMalformed(name, "Version", f"{version!r} is not a version of the policy language")
    items = document.get("Statement")
    items = [items] if isinstance(items, dict) else items
    if not isinstance(items, list) or not items:
        raise PolicyMalformed(name, "Statement", "there must be one at least")
    statements = []
    for position, item in enumerate(items):
        try:
            statements.append(Statement(item, kind, position, variables=_VERSIONS[version]))
        except ValueError as error:
            raise PolicyMalformed(name, f"Statement[{position}]", str(error)) from error
    return Policy(name, kind, tuple(statements))


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    for key in keys:
        if keys.count(key) > 1:
            raise ValueError(f"{key!r} stands there twice")
    return dict(pairs)
