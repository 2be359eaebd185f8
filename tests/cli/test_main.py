"""The command as a whole."""

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from avm_cli.main import app
from tests.cli.fakes import FakeApi, RequestBuilder, run_process

COMMANDS = [
    ["vend"],
    ["status"],
    ["list"],
    ["approve"],
    ["reject"],
    ["retry"],
    ["cancel"],
    ["audit"],
    ["dead-letters"],
    ["dead-letters", "list"],
    ["dead-letters", "replay"],
    ["catalog"],
    ["catalog", "validate"],
    ["local"],
    ["local", "up"],
    ["local", "down"],
    ["local", "env"],
    ["local", "calls"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_help(command: list[str]) -> None:
    result = CliRunner().invoke(app, [*command, "--help"])
    assert result.exit_code == 0
    assert "Usage:" in result.stdout


def test_a_wrong_option_is_bad_usage() -> None:
    assert CliRunner().invoke(app, ["vend", "--fast"]).exit_code == 2


def test_an_incomplete_target_is_bad_input(request_path: Path) -> None:
    result = CliRunner().invoke(app, ["vend", str(request_path)])
    assert result.exit_code == 2
    assert "AVM_API_URL (the API's base URL) is not set" in result.stderr
    assert 'eval "$(avm local env)"' in result.stderr


def test_the_start_loads_nothing_heavy() -> None:
    code = (
        "import sys, avm_cli.main; "
        "heavy = {'moto', 'boto3', 'pydantic', 'avm_emulator', 'samtranslator'} & set(sys.modules); "
        "sys.exit(f'loaded: {heavy}' if heavy else 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603 - our own code


def test_the_command_prints_its_version() -> None:
    assert run_process("--version").stdout.startswith("avm ")


def test_a_terminal_without_utf8_shows_no_stack_trace(
    api: FakeApi, request_object: RequestBuilder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AVM_API_URL", api.url)
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    api.script((200, request_object()))
    answer = run_process("status", "R")
    assert (answer.returncode, answer.stderr) == (0, "")
    assert "?  CreateAccount" in answer.stdout
