"""Errors that end a command, and the exit codes they end it with."""

from enum import IntEnum
from typing import Any


class ExitCode(IntEnum):
    """What the exit status of ``avm`` says."""

    DONE = 0
    FAILED = 1
    """The command failed, or the account is parked."""
    BAD_INPUT = 2
    """Bad usage, or input that the API refuses; nothing was created."""
    REJECTED = 3
    """The request was refused or cancelled."""
    TIMED_OUT = 4
    """Waiting ended before the vend did; the vend goes on."""
    INTERRUPTED = 130
    """Ctrl-C (128 + SIGINT)."""


class CliError(Exception):
    """Something a person can act on; ``str()`` is the cause as a sentence."""

    exit_code = ExitCode.FAILED

    def __init__(self, message: str, hint: str | None = None, *, problems: list[dict[str, Any]] | None = None) -> None:
        """Take the cause, what to do next, and single problems, each ``{field, reason, hint}``."""
        super().__init__(message)
        self.hint = hint
        self.problems = problems or []


class BadInput(CliError):
    """What the user gave cannot be used."""

    exit_code = ExitCode.BAD_INPUT


class TimedOut(CliError):
    """Waiting ended before what is waited for did."""

    exit_code = ExitCode.TIMED_OUT
