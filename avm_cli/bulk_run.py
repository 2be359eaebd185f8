"""Takes rows of account requests through the API: checks all of them first, sends them, follows them to their end."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Protocol, Self

from avm_cli.api import ApiError, JsonObject, VendingApi
from avm_cli.bulk_file import Problem, Row
from avm_cli.errors import ExitCode
from avm_cli.waiting import Waiting, outcome

_PAUSE = 5.0
"""Seconds between two looks at all that is open."""
_OF_THE_ROW = {
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.CONFLICT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
}
"""Answers that are about one row; any other ends the command: the next row would fare no better."""
_WORST_FIRST = (ExitCode.FAILED, ExitCode.REJECTED, ExitCode.BAD_INPUT, ExitCode.TIMED_OUT)


@dataclass
class Item:
    """A row, and what has become of it."""

    row: Row
    checked: JsonObject | None = None
    """What the preflight has found of a sound row."""
    request: JsonObject | None = None
    """The request object, once it was sent."""
    problems: list[Problem] = field(default_factory=list)
    """Each ``{field, reason, hint}``; a row with problems is not sent, or was refused."""

    @property
    def status(self) -> str:
        """Return the request's status; ``REFUSED`` with problems, else ``KNOWN`` or ``NEW``: not sent yet."""
        if self.problems:
            return "REFUSED"
        if self.request is not None:
            return str(self.request["status"])
        return "KNOWN" if self.checked and self.checked["status"] else "NEW"

    @property
    def is_open(self) -> bool:
        """Return whether it was sent, and its vend is under way."""
        return self.request is not None and not self.problems and outcome(self.request) is None


class Watcher(Protocol):
    """Hears of every item that has changed."""

    def __enter__(self) -> Self:
        """Begin."""

    def __exit__(self, *_: object) -> None:
        """End, also after an error."""

    def update(self, item: Item) -> None:
        """Show ``item``."""


def preflight(api: VendingApi, rows: Sequence[Row]) -> list[Item]:
    """Check every row as the API would, and against the other rows; nothing is sent.

    Raises ApiError for an answer that is not about a row.
    """
    items = [Item(row, problems=list(row.problems)) for row in rows]
    for item, problem in _doubles(items):
        item.problems.append(problem)
    for item in items:
        if not item.row.request_id:
            continue  # it could not be read
        try:
            item.checked = api.preflight(item.row.body, item.row.request_id)
        except ApiError as error:
            item.problems += _problems_of(error)
    return items


def send(api: VendingApi, items: Iterable[Item], watcher: Watcher) -> None:
    """Send the sound rows; one that is refused all the same, as somebody was faster, keeps none of the others."""
    for item in items:
        if item.problems:
            continue
        try:
            item.request = api.create_request(item.row.body, item.row.request_id)
        except ApiError as error:
            item.problems += _problems_of(error)
        watcher.update(item)


def follow_all(api: VendingApi, items: Sequence[Item], watcher: Watcher, *, timeout: float, waiting: Waiting) -> None:
    """Look at what is open, again and again, until nothing is or ``timeout`` seconds have passed."""
    deadline = waiting.monotonic() + timeout
    while any(item.is_open for item in items) and (left := deadline - waiting.monotonic()) > 0:
        waiting.sleep(min(_PAUSE, left))
        for item in items:
            if item.is_open:
                item.request = api.get_request(item.row.request_id)
                watcher.update(item)


def exit_code(items: Sequence[Item], *, waited: bool) -> ExitCode:
    """Return the worst that has become of any row."""
    codes = {ExitCode.BAD_INPUT for item in items if item.problems}
    for item in items:
        if item.request is not None and not item.problems:
            code = outcome(item.request)
            codes.add(code if code is not None else ExitCode.TIMED_OUT if waited else ExitCode.DONE)
    return next((code for code in _WORST_FIRST if code in codes), ExitCode.DONE)


def _doubles(items: Sequence[Item]) -> Iterator[tuple[Item, Problem]]:
    """Yield rows that ask for what an earlier one asks for: no account could be made of both."""
    for name in ("request_id", "name", "email"):
        first: dict[str, str] = {}
        for item in items:
            value = item.row.request_id if name == "request_id" else item.row.body.get(name)
            if not isinstance(value, str) or not value:
                continue
            place = first.setdefault(value if name == "request_id" else value.lower(), item.row.place)
            if place != item.row.place:
                reason = f"'{value}' is asked for by {place} already"
                yield item, {"field": name, "reason": reason, "hint": "each row asks for an account of its own"}


def _problems_of(error: ApiError) -> list[Problem]:
    if error.status not in _OF_THE_ROW:
        raise error
    return error.problems or [{"field": "", "reason": str(error), "hint": error.hint or ""}]
