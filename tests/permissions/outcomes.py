"""The figures of actions that were taken away, and the tables that ``make chaos`` writes into docs/reliability.md."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tests.permissions.removals import MEANING, Outcome, Promise


def line(outcomes: Sequence[Outcome]) -> str:
    """Return the figures as one line."""
    named = sum(outcome.named for outcome in outcomes)
    parked = sum(outcome.named and any(each.parked for each in outcome.journeys) for outcome in outcomes)
    held = sum(outcome.held for outcome in outcomes)
    return (
        f"{len(outcomes)} actions taken away, {sum(outcome.refused > 0 for outcome in outcomes)} missed, "
        f"{named} named ({parked} by a parked request), {held} as promised and resumed"
    )


def failures(outcomes: Iterable[Outcome]) -> list[str]:
    """Return a line for each that is not as promised."""
    return [
        f"{outcome.removal} | {outcome.way} | {'; '.join(violation.sentence for violation in outcome.violations)}"
        for outcome in outcomes
        if not outcome.held
    ]


def promises_table(outcomes: Iterable[Outcome]) -> list[str]:
    """Return a row for each promise: of how many it was true."""
    rows: dict[Promise, list[Outcome]] = {}
    for outcome in outcomes:
        rows.setdefault(outcome.removal.promise, []).append(outcome)
    lines = ["| promise | what it means | whose | held |", "| --- | --- | --- | --- |"]
    for promise, mine in sorted(rows.items()):
        whose = "all others" if promise == "parked" else ", ".join(sorted({each.removal.principal for each in mine}))
        held = sum(each.held for each in mine)
        shown = str(held) if held == len(mine) else f"**{held} of {len(mine)}**"
        lines.append(f"| {promise} | {MEANING[promise]} | {whose} | {shown} |")
    return lines


def outcomes_table(outcomes: Iterable[Outcome]) -> list[str]:
    """Return a row for each action that was taken away."""
    lines = [
        "| who | without | in | refused | named | the way of the requests |",
        "| --- | --- | --- | ---: | --- | --- |",
    ]
    for outcome in sorted(outcomes, key=lambda each: each.removal):
        removal = outcome.removal
        lines.append(
            f"| {removal.principal} | `{removal.action}` | {removal.drive} | {outcome.refused} | "
            f"{'yes' if outcome.named else 'no'} | {outcome.way} |"
        )
    return lines
