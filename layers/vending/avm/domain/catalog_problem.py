"""One thing wrong with the catalog, and where: what the loader finds and ``CatalogInvalid`` carries."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class CatalogProblem:
    """One thing wrong with one field of one file.

    ``file`` is relative to the catalog's folder, ``line`` counts from 1, ``field`` is a dotted path (empty for the
    file as a whole), ``reason`` says what is wrong and ``hint`` what to do.
    """

    file: str
    line: int
    field: str
    reason: str
    hint: str

    def __str__(self) -> str:
        """Return the problem as linters print it: ``file:line: field: reason (hint)``."""
        place = f"{self.field}: " if self.field else ""
        return f"{self.file}:{self.line}: {place}{self.reason} ({self.hint})"
