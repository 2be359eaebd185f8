"""Progress: live on a terminal, lines everywhere else."""

import io
import re

import pytest
from rich.console import Console

from avm_cli.progress import LiveProgress, PlainProgress, progress_on
from avm_cli.rendering import duration
from tests.cli.fakes import RequestBuilder


@pytest.fixture
def terminal() -> Console:
    return Console(
        file=io.StringIO(), force_terminal=True, width=100, markup=False, highlight=False, _environ={"TERM": "xterm"}
    )


def written(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def texts(console: Console) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", written(console))


def test_a_terminal_gets_the_live_display(terminal: Console) -> None:
    assert isinstance(progress_on(terminal), LiveProgress)


def test_a_log_gets_lines(terminal: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(progress_on(Console(file=io.StringIO())), PlainProgress)
    monkeypatch.setenv("CI", "true")
    assert isinstance(progress_on(terminal), PlainProgress)


def test_the_live_display_shows_steps_and_how_many_are_done(terminal: Console, request_object: RequestBuilder) -> None:
    with progress_on(terminal) as progress:
        progress.update(request_object("QUEUED", steps=[], queue_position=3))
        progress.update(request_object("IN_PROGRESS"))
        progress.update(request_object())
    shown = texts(terminal)
    assert "position 3 in the queue" in shown
    assert "0 of 2 steps" in shown
    assert "2 of 2 steps" in shown
    assert "payments-dev: READY" in shown
    assert written(terminal).rstrip().endswith("\x1b[?25h"), "the cursor is given back"


def test_who_can_end_the_waiting_is_said_while_it_lasts(terminal: Console, request_object: RequestBuilder) -> None:
    with progress_on(terminal) as progress:
        progress.update(request_object("PENDING_APPROVAL", steps=[]))
        asked = texts(terminal)
        progress.update(request_object("IN_PROGRESS"))
        went_on = texts(terminal)[len(asked) :]
    assert "avm approve RITM0012345" in asked
    assert "avm cancel RITM0012345" in asked.replace("\n", " ")
    assert "approve" not in went_on


def test_the_cursor_is_given_back_after_ctrl_c(terminal: Console, request_object: RequestBuilder) -> None:
    def interrupted() -> None:
        with progress_on(terminal) as progress:
            progress.update(request_object("IN_PROGRESS"))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert written(terminal).rstrip().endswith("\x1b[?25h")


@pytest.mark.parametrize(
    ("end", "shown"),
    [
        ("10:00:42.04Z", "42.0 s"),
        ("10:01:00Z", "1 min 0 s"),
        ("10:01:59.7+00:00", "2 min 0 s"),
        ("11:02:03Z", "62 min 3 s"),
    ],
)
def test_a_duration_is_seconds_then_minutes(end: str, shown: str) -> None:
    assert duration("2026-11-23T10:00:00Z", f"2026-11-23T{end}") == shown


def test_a_name_with_brackets_is_shown_as_it_is(terminal: Console, request_object: RequestBuilder) -> None:
    with progress_on(terminal) as progress:
        progress.update(request_object(name="a[red]b[/red]"))
    assert "a[red]b[/red]: READY" in texts(terminal)
