"""How names of actions and ARNs fit the patterns of a policy.

Source: IAM User Guide, "IAM JSON policy elements: Action" (no case, no wildcard in the service's name) and
"… Resource" (with case; a wildcard stays within its part of the ARN, but one that ends a part may go beyond it).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from avm.domain.policy.variables import Context, Part, Template, Wildcard, parts_of

_ACTION = re.compile(r"\*|\*:\*|[A-Za-z0-9-]+:[A-Za-z0-9*?]+")
ARN_PARTS = 6
"""``arn:partition:service:region:account:resource``; the last may hold colons of its own."""


class Actions:
    """The value of ``Action`` or ``NotAction``."""

    __slots__ = ("_names", "_patterns")

    def __init__(self, patterns: Iterable[str]) -> None:
        """Raise ValueError for what is no action."""
        self._names: set[str] = set()
        sources: list[str] = []
        for pattern in patterns:
            if not _ACTION.fullmatch(pattern):
                raise ValueError(f"{pattern!r} is not an action like ec2:RunInstances")
            lower = pattern.lower()
            if "*" in lower or "?" in lower:
                sources.append(".*" if lower == "*:*" else re.escape(lower).replace(r"\*", ".*").replace(r"\?", "."))
            else:
                self._names.add(lower)
        self._patterns = re.compile("|".join(sources)) if sources else None

    def match(self, action: str) -> bool:
        """Say whether an action, in lower case, is meant."""
        return action in self._names or (self._patterns is not None and self._patterns.fullmatch(action) is not None)


class Resources:
    """The value of ``Resource`` or ``NotResource``."""

    __slots__ = ("_all", "_dynamic", "_static")

    def __init__(self, patterns: Iterable[str], *, variables: bool) -> None:
        """Raise ValueError for what is neither ``*`` nor like an ARN."""
        self._all = False
        sources: list[str] = []
        self._dynamic: list[Template] = []
        for pattern in patterns:
            if pattern == "*":
                self._all = True
                continue
            template = Template(tuple(_resource_parts(pattern, variables=variables)))
            if template.static is None:
                self._dynamic.append(template)
            else:
                sources.append(template.static.pattern)
        self._static = re.compile("|".join(sources), re.DOTALL) if sources else None

    def match(self, arn: str, context: Context) -> bool:
        """Say whether a resource is meant; ``arn`` is ``*`` for actions that take none."""
        if self._all or (self._static is not None and self._static.fullmatch(arn)):
            return True
        return any(template.matches(arn, context) for template in self._dynamic)


class ArnPattern:
    """An ARN as ArnLike and its kin compare it: part by part, no wildcard leaves its own."""

    __slots__ = ("_templates",)

    def __init__(self, pattern: str, *, variables: bool) -> None:
        """Raise ValueError for what has not the parts of an ARN."""
        parts = split_pattern(pattern)
        if len(parts) != ARN_PARTS or parts[0] != "arn":
            raise ValueError(f"{pattern!r} is not an ARN of {ARN_PARTS} parts")
        self._templates = [Template(tuple(parts_of(part, variables=variables))) for part in parts]

    def matches(self, arn: str, context: Context) -> bool:
        """Say whether an ARN of a request fits."""
        parts = arn.split(":", ARN_PARTS - 1)
        return len(parts) == ARN_PARTS and all(
            template.matches(part, context) for template, part in zip(self._templates, parts, strict=True)
        )


def split_pattern(pattern: str) -> list[str]:
    """Return the parts of an ARN pattern: at most ``ARN_PARTS``; colons inside variables separate nothing."""
    found = [""]
    inside = False
    for character in pattern:
        inside = character == "{" or (inside and character != "}")
        if character == ":" and not inside and len(found) < ARN_PARTS:
            found.append("")
        else:
            found[-1] += character
    return found


def _resource_parts(pattern: str, *, variables: bool) -> Iterator[Part]:
    texts = split_pattern(pattern)
    if texts[0] != "arn" or (len(texts) < ARN_PARTS and not pattern.endswith("*")):
        raise ValueError(f"{pattern!r} is neither '*' nor an ARN")
    for position, text in enumerate(texts):
        if position:
            yield ":"
        parts = list(parts_of(text, variables=variables))
        inner = position < ARN_PARTS - 1
        for number, part in enumerate(parts, 1):
            stays = inner and isinstance(part, Wildcard) and number < len(parts)
            yield Wildcard(part.expression.replace(".", "[^:]")) if stays and isinstance(part, Wildcard) else part
