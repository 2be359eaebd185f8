"""The figures of the proofs, and the part of docs/reliability.md that ``make chaos`` writes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tests.documents import write_section
from tests.faults.chaos import Fate
from tests.faults.edges import Edge
from tests.faults.invariants import Violation
from tests.faults.matrix import Result
from tests.names import ROOT

DOCUMENT = ROOT / "docs" / "reliability.md"
_FAMILIES = (
    ("throttle", "throttled"),
    ("error_before", "fails"),
    ("lost_response", "answer lost"),
    ("slow", "slow"),
    ("denied", "denied"),
    ("kill_function", "killed"),
    ("stale_read", "stale"),
    ("duplicate_delivery", "twice"),
    ("outcome", "ends badly"),
)


@dataclass
class Figures:
    """What is counted of many vends under faults."""

    vends: int = 0
    held: int = 0
    found: Counter[str] = field(default_factory=Counter)
    ways: Counter[str] = field(default_factory=Counter)

    def add(self, *, held: bool, violations: Iterable[Violation], way: str) -> None:
        """Count one vend."""
        self.vends += 1
        self.held += held
        self.found.update({violation.kind for violation in violations})
        self.ways[way] += 1

    def line(self, what: str) -> str:
        """Return the figures as one line."""
        kinds = ", ".join(
            f"{name} {self.found[kind]}"
            for name, kind in (("duplicates", "duplicate"), ("lost", "lost"), ("leaked", "leaked"))
        )
        untrue = f", untrue {self.found['untrue']}" if self.found["untrue"] else ""
        return f"{self.vends} {what}, {self.held} held, {kinds}{untrue}"


def figures_of(results: Iterable[Result | Fate]) -> Figures:
    """Return the figures of cells or of vends in chaos."""
    figures = Figures()
    for result in results:
        held = result.held if isinstance(result, Result) else not result.violations
        figures.add(held=held, violations=result.violations, way=" → ".join(result.journey.statuses))
    return figures


def failures(results: Iterable[Result | Fate]) -> list[str]:
    """Return a line for each cell or vend that did not hold, with what was found."""
    lines = []
    for result in results:
        name = str(result.cell) if isinstance(result, Result) else result.journey.request_id
        found = [f"{violation.kind}: {violation.sentence}" for violation in result.violations]
        if isinstance(result, Result) and not result.fired:
            found.append("the fault never happened: the vend did not make the call that was recorded")
        if found:
            lines.append(f"{name} | {' → '.join(result.journey.statuses)} | {' | '.join(found)}")
    return lines


def matrix_table(results: Sequence[Result]) -> list[str]:
    """Return the matrix as a table: a row for each caller and operation, a column for each kind of fault."""
    rows: dict[tuple[str, str, str], dict[str, list[bool]]] = {}
    for result in results:
        target = result.cell.target
        row = rows.setdefault((target.caller, f"{target.service}:{target.operation}", target.kind), {})
        row.setdefault(result.cell.fault, []).append(result.held)
    lines = [
        f"| who calls | call | kind | {' | '.join(name for _, name in _FAMILIES)} |",
        f"| --- | --- | --- | {' | '.join('---' for _ in _FAMILIES)} |",
    ]
    for (caller, call, kind), row in sorted(rows.items()):
        cells = (row.get(fault, []) for fault, _ in _FAMILIES)
        lines.append(f"| {caller} | `{call}` | {kind} | {' | '.join(_shown(held) for held in cells)} |")
    return lines


def _shown(held: list[bool]) -> str:
    """Return how many cells there are, and how many held where not all did."""
    if not held:
        return ""
    return str(len(held)) if all(held) else f"**{sum(held)} of {len(held)}**"


def ways_table(figures: Figures) -> list[str]:
    """Return how the requests came to their ends."""
    lines = ["| the way of the request | vends |", "| --- | --- |"]
    return lines + [f"| {way} | {count} |" for way, count in figures.ways.most_common()]


def edges_table(edges: Iterable[Edge], taken: Iterable[Edge]) -> list[str]:
    """Return every edge with whether it was taken."""
    known = set(taken)
    return [f"- {'taken' if edge in known else '**not taken**'}: {edge}" for edge in sorted(edges)]


def write(section: str, lines: Sequence[str]) -> None:
    """Write a section of docs/reliability.md anew."""
    write_section(DOCUMENT, "make chaos", section, lines)
