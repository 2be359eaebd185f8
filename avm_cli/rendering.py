"""What people see: tables, summaries and errors. Nothing of it is meant for programs; they use ``--json``."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import typer
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from avm_cli.errors import CliError

_LOG_WIDTH = 200
"""Columns where there is no terminal: a row must stay one line for grep."""
_STYLES = {
    "READY": "green",
    "SUCCEEDED": "green",
    "RUNNING": "cyan",
    "IN_PROGRESS": "cyan",
    "PENDING_APPROVAL": "yellow",
    "PARKED": "red",
    "FAILED": "red",
    "REJECTED": "red",
    "PENDING": "dim",
    "compliant": "green",
    "violated": "red",
    "unknown": "red",
    "pending": "yellow",
    "deferred": "dim",
    "suppressed": "dim",
}
_MARKS = {"SUCCEEDED": "✓", "FAILED": "✗", "RUNNING": "▸", "PENDING": "·"}


def console(*, stderr: bool = False) -> Console:
    """Return a console that neither interprets nor colours text from elsewhere, and keeps table rows whole in logs."""
    found = Console(stderr=stderr, markup=False, highlight=False)
    if not found.is_terminal:
        found.width = _LOG_WIDTH
    return found


def say(line: str) -> None:
    """Print one line for people; never on stdout, which belongs to the answer."""
    console(stderr=True).print(line, soft_wrap=True)


def print_json(document: object) -> None:
    """Print an API object as it is, and nothing else."""
    typer.echo(json.dumps(document, indent=2))


def show_error(error: CliError) -> None:
    """Print cause, single problems and hint to stderr."""
    err = console(stderr=True)
    err.print(Text.assemble(("Error: ", "bold red"), str(error)), soft_wrap=True)
    if error.problems:
        rows = ([problem.get(key) for key in ("field", "reason", "hint")] for problem in error.problems)
        err.print(table(("Field", "Reason", "Hint"), rows))
    if error.hint:
        err.print(Text.assemble(("Hint: ", "bold"), error.hint), soft_wrap=True)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    """Return a plain table; None is shown as nothing, and a status in its colour."""
    grid = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for column in grid.columns:
        column.overflow = "fold"
    for row in rows:
        grid.add_row(*(_cell(value) for value in row))
    return grid


def _cell(value: object) -> Text:
    text = "" if value is None else str(value)
    return Text(text, style=_STYLES.get(text, ""))


def headline(request: Mapping[str, Any]) -> str:
    """Return name and status in a line."""
    line = f"{request.get('name') or request['request_id']}: {request['status']}"
    position = request.get("queue_position")
    return f"{line}, position {position} in the queue" if position is not None else line


def waits_for(request: Mapping[str, Any]) -> str | None:
    """Return who can do what about a request that waits for a person; None where it waits for nobody."""
    if request["status"] != "PENDING_APPROVAL":
        return None
    request_id = request["request_id"]
    return (
        f"an approver, who decides with 'avm approve {request_id}' or 'avm reject {request_id}'; "
        f"the requester may take it back with 'avm cancel {request_id}'"
    )


def steps_table(steps: Sequence[Mapping[str, Any]]) -> Table:
    """Return the steps with a mark, their status and how long they took."""
    grid = Table.grid(padding=(0, 2))
    for step in steps:
        status = step["status"]
        style = _STYLES.get(status, "")
        took = duration(step.get("started_at"), step.get("ended_at"))
        cells = (_MARKS.get(status, "?"), style), (step["name"], ""), (status.lower(), style), (took or "", "")
        grid.add_row(*(Text(text, shade) for text, shade in cells))
    return grid


def summary(request: Mapping[str, Any], ou: str | None) -> RenderableType:
    """Return what has become of a request: its account, and the error if there is one."""
    facts = {
        "Request": request["request_id"],
        "Status": request["status"],
        "Waits for": waits_for(request),
        "Account": request.get("account_id"),
        "E-mail": request.get("email"),
        "OU": ou,
        "Type": request.get("type"),
        "Ready in": duration(request["created_at"], request.get("ready_at")),
    }
    grid = Table.grid(padding=(0, 2))
    for label, value in facts.items():
        if value is not None:
            grid.add_row(Text(label, style="bold"), _cell(value))
    return Group(Text(headline(request), style="bold"), grid)


def request_error(request: Mapping[str, Any]) -> CliError | None:
    """Return the error that a request's record tells of."""
    error = request.get("error")
    return CliError(f"{error['code']}: {error['message']}", error.get("hint")) if error else None


def duration(start: str | None, end: str | None) -> str | None:
    """Return the time between two ISO timestamps for people; None while either is missing."""
    if not start or not end:
        return None
    seconds = (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds()
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{seconds:.1f} s"
