"""Shows how a vend comes along: live on a terminal, one line per change in logs and CI."""

import os
from typing import Protocol, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar
from rich.text import Text

from avm_cli.api import JsonObject
from avm_cli.rendering import headline, steps_table, waits_for


class Progress(Protocol):
    """Hears every request object that comes back while the command waits."""

    def __enter__(self) -> Self:
        """Begin."""

    def __exit__(self, *_: object) -> None:
        """End, also after an error."""

    def update(self, request: JsonObject) -> None:
        """Show ``request``."""


def is_live(console: Console) -> bool:
    """Say whether ``console`` can be redrawn; a CI log is no terminal even where it claims to be one."""
    return console.is_terminal and not console.is_dumb_terminal and not os.environ.get("CI")


def progress_on(console: Console) -> Progress:
    """Return the display that suits ``console``."""
    return LiveProgress(console) if is_live(console) else PlainProgress(console)


class ChangedLines:
    """One line per change: of each thing the line is printed that differs from its last one."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._shown: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def show(self, key: str, line: str) -> None:
        """Print the line of a thing if it has changed."""
        if self._shown.get(key) != line:
            self._shown[key] = line
            self._console.print(Text(line), soft_wrap=True)


class PlainProgress(ChangedLines):
    """A vend, one line per change."""

    def update(self, request: JsonObject) -> None:
        """Print what differs from the request object before."""
        self.show("request", headline(request))
        if waiting := waits_for(request):
            self.show("waiting", f"Waits for {waiting}")
        for step in request["steps"]:
            if step["status"] != "PENDING":
                self.show(step["name"], f"{step['name']}: {step['status'].lower()}")


class LiveProgress:
    """The steps with their states, and a bar below them."""

    def __init__(self, console: Console) -> None:
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.fields[count]}"),
            TimeElapsedColumn(),
        )
        self._bar = Bar(*columns, console=console)
        self._task = self._bar.add_task("", total=None, count="")
        self._live = Live(self._bar, console=console, refresh_per_second=8)

    def __enter__(self) -> Self:
        self._live.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.__exit__(None, None, None)

    def update(self, request: JsonObject) -> None:
        """Redraw."""
        steps = request["steps"]
        done = sum(step["status"] == "SUCCEEDED" for step in steps)
        count = f"{done} of {len(steps)} steps" if steps else ""
        total = len(steps) or None
        self._bar.update(self._task, description=headline(request), total=total, completed=done, count=count)
        parts: list[RenderableType] = [steps_table(steps)] if steps else []
        waiting = waits_for(request)
        note = [Text(f"Waits for {waiting}", style="yellow")] if waiting else []
        self._live.update(Group(*parts, self._bar, *note), refresh=True)
