"""Shows the rows of ``avm bulk``: before they are sent, while they come along, and as a CSV file in the end."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from avm_cli.api import JsonObject
from avm_cli.bulk_run import Item, Watcher
from avm_cli.progress import ChangedLines, is_live
from avm_cli.rendering import table

_FIELDS = ("place", "name", "type", "request_id", "status", "account_id", "email", "code", "message", "hint")


def problems_table(items: Sequence[Item]) -> Table:
    """Return all problems of all rows."""
    rows = (
        (item.row.place, item.row.name, problem["field"], problem["reason"], problem["hint"])
        for item in items
        for problem in item.problems
    )
    return table(("Row", "Name", "Field", "Reason", "Hint"), rows)


def plan_table(items: Sequence[Item]) -> Table:
    """Return what each sound row asks for, and whether it was asked for before."""
    rows = []
    for item in items:
        if (found := item.checked) is not None and not item.problems:
            approval = "needed" if found["approval"] else ""
            was = found["status"] or "new"
            rows.append((item.row.place, item.row.name, found["type"], found["ou"], found["email"], approval, was))
    return table(("Row", "Name", "Type", "OU", "E-mail", "Approval", "Status"), rows)


def result_of(item: Item) -> JsonObject:
    """Return what has become of a row, in the fields of the result file."""
    request = item.request or {}
    error = request.get("error") or {}
    if item.problems:
        reasons = "; ".join(": ".join(filter(None, (each["field"], each["reason"]))) for each in item.problems)
        error = {"code": "REFUSED", "message": reasons, "hint": item.problems[0]["hint"]}
    email = request.get("email") or (item.checked or {}).get("email")
    values = (
        *(item.row.place, item.row.name, item.row.body.get("type"), item.row.request_id, item.status),
        *(request.get("account_id"), email, error.get("code"), error.get("message"), error.get("hint")),
    )
    return dict(zip(_FIELDS, values, strict=True))


def write_results(path: Path, items: Sequence[Item]) -> None:
    """Write a row for each item as CSV; raises OSError."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, _FIELDS)
        writer.writeheader()
        writer.writerows(result_of(item) for item in items)


def watcher_on(console: Console, items: Sequence[Item]) -> Watcher:
    """Return the display that suits ``console``: a live table on a terminal, else a line per change."""
    return LiveTable(console, items) if is_live(console) else Lines(console)


class Lines(ChangedLines):
    """The rows, one line per change."""

    def update(self, item: Item) -> None:
        """Print the row if its status or its step differs from before."""
        self.show(item.row.place, f"{item.row.name}: {item.status} {_now(item)}".rstrip())


class LiveTable:
    """All rows with status and step, and how many are where."""

    def __init__(self, console: Console, items: Sequence[Item]) -> None:
        self._items = items
        self._live = Live(self._all(), console=console, refresh_per_second=4)

    def __enter__(self) -> Self:
        self._live.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.__exit__(None, None, None)

    def update(self, _: Item) -> None:
        """Redraw."""
        self._live.update(self._all(), refresh=True)

    def _all(self) -> RenderableType:
        # What is under way comes first: a terminal shows only as many rows as it has lines
        items = sorted(self._items, key=lambda item: not item.is_open)
        rows = ((item.row.name, item.status, _now(item), item.row.request_id) for item in items)
        return Group(Text(counts(self._items), style="bold"), table(("Name", "Status", "Now", "Request"), rows))


def counts(items: Sequence[Item]) -> str:
    """Return how many rows are in each status: ``READY 38, REFUSED 2``."""
    statuses = [item.status for item in items]
    return ", ".join(f"{status} {statuses.count(status)}" for status in sorted(set(statuses)))


def _now(item: Item) -> str:
    """Return the account of a request that has one, else where its vend is."""
    request = item.request
    if request is None or item.problems:
        return ""
    if request.get("account_id") and not item.is_open:
        return str(request["account_id"])
    if request.get("queue_position"):
        return f"position {request['queue_position']} in the queue"
    running = [step["name"] for step in request["steps"] if step["status"] == "RUNNING"]
    return ", ".join(running)
