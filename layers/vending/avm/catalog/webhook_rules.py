"""Rules about webhooks: what is to be JMESPath is that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import jmespath
from jmespath.exceptions import JMESPathError

from avm.catalog.source import Source
from avm.domain.catalog_problem import CatalogProblem

EXPRESSIONS = ("delivery", "requested_by", "ticket", "request")


def check_webhooks(sources: Mapping[str, Source]) -> Iterator[CatalogProblem]:
    """Yield the expressions that are none."""
    for file, source in sources.items():
        if not file.startswith("webhooks/") or not isinstance(source.data, dict):
            continue
        for field in EXPRESSIONS:
            expression = source.data.get(field)
            if not isinstance(expression, str) or not expression.strip():
                continue  # the model says so
            try:
                jmespath.compile(expression)
            except (JMESPathError, RecursionError) as error:
                reason = f"is not JMESPath: {' '.join(str(error).split())}"
                yield source.problem((field,), reason, "correct it: https://jmespath.org/specification.html")
