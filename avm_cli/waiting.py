"""Follows a vend, or a run that ends with a report, to its end."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from avm_cli.api import ApiError, JsonObject, VendingApi
from avm_cli.errors import ExitCode, TimedOut
from avm_cli.progress import Progress

_FIRST_DELAY = 1.0
_LONGEST_DELAY = 5.0
_GROWTH = 1.1
_REPORT_DELAY = 2.0
_NOT_FOUND = 404

_OUTCOMES = {
    "READY": ExitCode.DONE,
    "PARKED": ExitCode.FAILED,
    "REJECTED": ExitCode.REJECTED,
    "CANCELLED": ExitCode.REJECTED,
}


@dataclass(frozen=True)
class Waiting:
    """How the command waits and knows how long it has waited; tests hand in their own (``ctx.obj``)."""

    sleep: Callable[[float], None] = time.sleep
    monotonic: Callable[[], float] = time.monotonic


def outcome(request: JsonObject) -> ExitCode | None:
    """Return the exit code that a request's status means; None while its vend is under way."""
    return _OUTCOMES.get(request["status"])


def follow(api: VendingApi, request: JsonObject, progress: Progress, *, timeout: float, waiting: Waiting) -> JsonObject:
    """Poll until the vend ends or ``timeout`` seconds have passed; return the last request object seen.

    Raises ApiError or CliError when the API cannot be asked any more.
    """
    deadline = waiting.monotonic() + timeout
    delay = _FIRST_DELAY
    progress.update(request)
    while outcome(request) is None and (left := deadline - waiting.monotonic()) > 0:
        waiting.sleep(min(delay, left))
        request = api.get_request(request["request_id"])
        progress.update(request)
        delay = min(delay * _GROWTH, _LONGEST_DELAY)
    return request


def report_of(
    run: JsonObject,
    ask: Callable[[], JsonObject],
    *,
    timeout: float,
    waiting: Waiting,
    key: str = "observation_id",
) -> JsonObject:
    """Ask for the report of ``run`` until there is one, and return it; ``key``: the field that both are known by.

    Raises TimedOut after ``timeout`` seconds; the run goes on.
    """
    deadline = waiting.monotonic() + timeout
    while True:
        try:
            found = ask()
        except ApiError as error:
            if error.status != _NOT_FOUND:  # it has found nothing yet
                raise
        else:
            if found[key] == run[key]:
                return found
        if waiting.monotonic() >= deadline:
            message = f"{run[key]} is not over after {timeout:g} seconds; it goes on."
            raise TimedOut(message)
        waiting.sleep(_REPORT_DELAY)
