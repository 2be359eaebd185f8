"""The figures of a recording, and the tables in docs/permissions.md that ``make permissions`` writes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from tests.names import ROOT
from tests.permissions.explained import IMPLICIT, Reason
from tests.permissions.granted import Grant
from tests.permissions.recording import Recording
from tests.permissions.unrestricted import why_unrestricted

DOCUMENT = ROOT / "docs" / "permissions.md"
REASONS: tuple[Reason, ...] = ("observed", "dependent", "implicit", "unexplained")
_CHANCE = re.compile(r"-[A-Za-z0-9]{12}(?=$|[/:])")
_FEW = 4
"""Resources of an action that are shown one by one."""


def line(recording: Recording) -> str:
    """Return the figures as one line."""
    reasons = recording.reasons()
    counts = Counter(reasons.values())
    principals = {grant.principal for grant in reasons}
    functions = sum(name.endswith("Function") for name in principals)
    figures = ", ".join(f"{counts[reason]} {reason}" for reason in REASONS)
    return (
        f"{functions} functions, {len(principals) - functions} other roles and uses of the broker: "
        f"{len(reasons)} granted, {figures}"
    )


def unexplained(recording: Recording) -> list[str]:
    """Return the grants that nothing explains."""
    return [
        f"{grant.principal}: {grant.action} on {grant.resource}"
        for grant, reason in recording.reasons().items()
        if reason == "unexplained"
    ]


def table(recording: Recording) -> list[str]:
    """Return a row for each role: how much is granted, and why."""
    rows: dict[str, Counter[Reason]] = {}
    for grant, reason in recording.reasons().items():
        rows.setdefault(grant.principal, Counter())[reason] += 1
    lines = [
        f"| who | granted | {' | '.join(REASONS)} |",
        f"| --- | {' | '.join('---:' for _ in range(len(REASONS) + 1))} |",
    ]
    for principal, counts in sorted(rows.items()):
        cells = " | ".join(str(counts[reason]) for reason in REASONS)
        lines.append(f"| {principal} | {counts.total()} | {cells} |")
    return lines


def details(recording: Recording) -> Iterator[str]:
    """Yield a row for each role, action and reason."""
    rows: dict[tuple[str, str, Reason], set[str]] = {}
    for grant, reason in recording.reasons().items():
        rows.setdefault((grant.principal, grant.action, reason), set()).add(_short(grant.resource))
    yield "| who | action | why | on |"
    yield "| --- | --- | --- | --- |"
    for (principal, action, reason), resources in sorted(rows.items()):
        shown = ", ".join(f"`{each}`" for each in sorted(resources))
        on = shown if len(resources) <= _FEW else f"{len(resources)} of them"
        yield f"| {principal} | `{action}` | {reason} | {on} |"


def unrestricted(grants: Iterable[Grant]) -> Iterator[str]:
    """Yield a row for each action that is granted on ``*``."""
    rows: dict[tuple[str, str], set[str]] = {}
    for grant in grants:
        if grant.resource == "*":
            rows.setdefault((grant.action, str(why_unrestricted(grant))), set()).add(grant.principal)
    yield "| action | why on `*` | whose |"
    yield "| --- | --- | --- |"
    for (action, why), principals in sorted(rows.items()):
        whose = ", ".join(sorted(principals)) if len(principals) <= _FEW else f"{len(principals)} roles"
        yield f"| `{action}` | {why} | {whose} |"


def implicit() -> Iterator[str]:
    """Yield a row for each reason of what no call shows."""
    yield "| actions | why |"
    yield "| --- | --- |"
    for each in IMPLICIT:
        yield f"| {', '.join(f'`{action}`' for action in each.actions)} | {each.why} |"


def _short(resource: str) -> str:
    """Return what stands behind the account in an ARN, without what is left to chance."""
    if not resource.startswith("arn:"):
        return resource
    service, account = resource.split(":")[2], resource.split(":")[4]
    name = _CHANCE.sub("-…", resource.split(":", 5)[5])
    owner = "*:" if account == "*" else ""
    return f"{service}:{owner}{re.sub(r'[0-9]{12}', 'ACCOUNT', name)}"


def write(section: str, lines: Sequence[str]) -> None:
    """Write a section of docs/permissions.md anew: what stands between its two marks."""
    text = DOCUMENT.read_text("utf-8")
    begin, end = f"<!-- {section}: written by make permissions -->", f"<!-- end of {section} -->"
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if not pattern.search(text):
        raise LookupError(f"{DOCUMENT} has no section {section}")
    body = "\n".join([begin, "", *lines, "", end])
    DOCUMENT.write_text(pattern.sub(lambda _: body, text), "utf-8")
