r"""Policy variables: ``${aws:username}``, ``${aws:PrincipalTag/team, 'none'}``, ``${*}``, ``${?}`` and ``${$}``.

Source: IAM User Guide, "IAM policy elements: Variables and tags". Variables exist in the language of 2012-10-17 only;
in older documents ``${`` is plain text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

Context = Mapping[str, "str | tuple[str, ...]"]
"""Condition keys of a request in lower case, as IAM compares them; multi-valued keys have tuples."""

_TOKEN = re.compile(r"\$\{([^}]*)\}|([*?])")
_VARIABLE = re.compile(r"\s*([^,\s]+)\s*(?:,\s*'([^']*)'\s*)?")
_ESCAPED = {"*", "?", "$"}
_WILDCARDS = {"*": ".*", "?": "."}


@dataclass(frozen=True, slots=True)
class Variable:
    """A key of the request whose value stands in for the variable; ``default`` where it has none."""

    key: str
    default: str | None

    def resolve(self, context: Context) -> str | None:
        """Return the value; None where there is none, and for keys of several values, which cannot stand in."""
        value = context.get(self.key)
        return value if isinstance(value, str) else self.default


@dataclass(frozen=True, slots=True)
class Wildcard:
    """``*`` or ``?``, where they mean more than themselves; ``expression`` is theirs in a regular expression."""

    expression: str


Part = str | Variable | Wildcard


class Template:
    """A text of a policy that is compared with a text of a request."""

    __slots__ = ("_parts", "is_static", "static")

    def __init__(self, parts: tuple[Part, ...]) -> None:
        """Take the text in parts; without variables its expression is made once."""
        self._parts = parts
        self.is_static = not any(isinstance(part, Variable) for part in parts)
        self.static = self._expression({}) if self.is_static else None

    def matches(self, text: str, context: Context) -> bool:
        """Say whether ``text`` fits; nothing fits a variable without a value."""
        expression = self.static or self._expression(context)
        return expression is not None and expression.fullmatch(text) is not None

    def source(self, context: Context) -> str | None:
        """Return the regular expression; None where a variable has no value."""
        texts: list[str] = []
        for part in self._parts:
            if isinstance(part, Wildcard):
                texts.append(part.expression)
                continue
            value = part.resolve(context) if isinstance(part, Variable) else part
            if value is None:
                return None
            texts.append(re.escape(value))
        return "".join(texts)

    def _expression(self, context: Context) -> re.Pattern[str] | None:
        source = self.source(context)
        return None if source is None else re.compile(source, re.DOTALL)


def parts_of(text: str, *, variables: bool, wildcards: bool = True) -> Iterator[Part]:
    """Yield the parts of a text. Raises ValueError for a variable that cannot be read.

    ``variables``: whether the document knows them; ``wildcards``: whether ``*`` and ``?`` mean more than themselves.
    """
    position = 0
    for token in _TOKEN.finditer(text):
        inside, wildcard = token.groups()
        if (wildcard and not wildcards) or (inside is not None and not variables):
            continue
        if token.start() > position:
            yield text[position : token.start()]
        position = token.end()
        if wildcard:
            yield Wildcard(_WILDCARDS[wildcard])
        elif inside in _ESCAPED:
            yield inside
        else:
            yield _variable(inside)
    if position < len(text):
        yield text[position:]


def _variable(inside: str) -> Variable:
    match = _VARIABLE.fullmatch(inside)
    if match is None:
        raise ValueError(f"'${{{inside}}}' is not a policy variable")
    return Variable(match[1].lower(), match[2])
