"""docs/cli.md names every command, every option and every exit code."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from avm_cli.errors import ExitCode
from avm_cli.main import app

DOC = (Path(__file__).parents[2] / "docs" / "cli.md").read_text()


def commands(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    for child, found in getattr(command, "commands", {}).items():
        if hasattr(found, "commands"):
            yield from commands(found, f"{name} {child}")
        else:
            yield f"{name} {child}", found


ALL = dict(commands(typer.main.get_command(app), "avm"))


def test_every_command_has_a_heading_and_every_heading_a_command() -> None:
    assert set(re.findall(r"^## `(avm [a-z -]+)`$", DOC, re.MULTILINE)) == set(ALL)


def test_every_option_is_described_in_its_commands_section() -> None:
    sections = dict(re.findall(r"^## `(avm [a-z -]+)`\n(.*?)(?=^## |\Z)", DOC, re.MULTILINE | re.DOTALL))
    for name, command in ALL.items():
        options = {option for parameter in command.params for option in parameter.opts if option.startswith("--")}
        described = set(re.findall(r"--[a-z-]+", sections[name]))
        assert options - {"--help"} <= described, name


def test_every_exit_code_is_in_the_table() -> None:
    rows = {int(code) for code in re.findall(r"^\| (\d+) \|", DOC, re.MULTILINE)}
    assert rows == {code.value for code in ExitCode}
