"""``avm local`` against a stand-in for the emulator's process: same options, same ready line, same control calls."""

import json
import os
import shlex
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.fakes import COMMAND, FakeApi, run_process

EMULATOR = """
import argparse, http.server, json, os, signal, sys, urllib.parse

parser = argparse.ArgumentParser()
for option in ("--port", "--speed", "--region", "--accounts-quota", "--seed"):
    parser.add_argument(option)
parser.add_argument("--bare", action="store_true")
parser.add_argument("--one-account", action="store_true")
options = parser.parse_args()
if options.region == "nowhere-1":
    print("there is no Region nowhere-1", file=sys.stderr)
    sys.exit(7)


class Control(http.server.BaseHTTPRequestHandler):
    def answer(self, document, status=200):
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        path, _, query = self.path.partition("?")
        wanted = dict(urllib.parse.parse_qsl(query))
        calls = [call for call in CALLS if all(json.dumps(call[name]).strip('"') == wanted[name] for name in wanted)]
        self.answer({"/_emulator/health": ready, "/_emulator/calls": {"calls": calls}}[path])

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if asked != {"account_id": "123456789012", "principal": "avm-operator"}:
            return self.answer({"message": f"who is {asked}?"}, 400)
        self.answer({"AccessKeyId": "ASIA1", "SecretAccessKey": "a'b c", "SessionToken": "t=="})


def call(seq, service, operation, mutating):
    names = ("time", "account", "region", "source", "error")
    return dict.fromkeys(names) | {"seq": seq, "service": service, "operation": operation, "mutating": mutating}


CALLS = [
    call(1, "organizations", "ListAccounts", False),
    call(2, "organizations", "CreateAccount", True),
    call(3, "sso-admin", "CreateAccountAssignment", True),
]
server = http.server.HTTPServer(("127.0.0.1", int(options.port)), Control)
url = f"http://127.0.0.1:{server.server_port}"
ready = {"endpoint_url": url, "api_url": f"{url}/apis/a1", "region": options.region or "eu-west-1"}
ready |= {"management_account_id": "123456789012", "pid": os.getpid()}
if options.bare:
    ready["api_url"] = None  # as before the application is deployed
signals = [None] if options.speed == "1" else []  # at speed 1 the first one is lost
signal.signal(signal.SIGTERM, lambda *_: signals.pop() if signals else sys.exit(0))
print("options", vars(options), file=sys.stderr, flush=True)
print(json.dumps(ready), flush=True)
server.serve_forever()
"""


Run = Callable[..., subprocess.CompletedProcess[str]]
Started = tuple[dict[str, Any], str, subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return ``avm local ...`` in a process of its own, with the stand-in in the emulator's place."""
    package = tmp_path / "path" / "avm_emulator"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "main.py").write_text(EMULATOR)
    monkeypatch.setenv("PYTHONPATH", str(package.parent))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))

    return lambda *arguments: run_process("local", *arguments)


@pytest.fixture
def emulator(run: Run) -> Iterator[Started]:
    """Return a detached emulator: its ready object and its port."""
    started = run("up", "--port", "0", "--detach", "--speed", "60")
    assert started.returncode == 0, started.stderr
    ready = json.loads(started.stdout)
    port = ready["endpoint_url"].rpartition(":")[2]
    yield ready, port, started
    assert run("down", "--port", port).returncode == 0


def test_a_detached_emulator_is_ready_and_names_its_log(emulator: Started, tmp_path: Path) -> None:
    ready, _, started = emulator
    assert set(ready) == {"endpoint_url", "api_url", "region", "management_account_id", "pid"}
    log = Path(started.stderr.split("its log: ")[1].strip())
    assert log.is_relative_to(tmp_path / "state" / "avm")
    assert "'speed': '60'" in log.read_text()
    assert os.getsid(ready["pid"]) == ready["pid"], "a terminal that is closed does not end it"


def test_env_points_a_shell_at_the_emulator(emulator: Started, run: Run) -> None:
    ready, port, _ = emulator
    lines = run("env", "--port", port).stdout.splitlines()
    assert all(line.startswith("export ") for line in lines)
    variables = dict(shlex.split(line)[1].split("=", 1) for line in lines)
    assert variables == {
        "AWS_ENDPOINT_URL": ready["endpoint_url"],
        "AWS_ENDPOINT_URL_S3_CONTROL": ready["endpoint_url"].replace("//", "//account@"),
        "AWS_ACCESS_KEY_ID": "ASIA1",
        "AWS_SECRET_ACCESS_KEY": "a'b c",
        "AWS_SESSION_TOKEN": "t==",
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AVM_API_URL": ready["api_url"],
    }


def test_env_of_an_emulator_that_is_still_starting_prints_nothing(run: Run) -> None:
    ready = json.loads(run("up", "--port", "0", "--detach", "--bare").stdout)
    port = ready["endpoint_url"].rpartition(":")[2]
    answer = run("env", "--port", port)
    run("down", "--port", port)
    assert (answer.returncode, answer.stdout) == (1, "")
    assert "still starting" in answer.stderr


def test_calls_are_filtered(emulator: Started, run: Run) -> None:
    _, port, _ = emulator

    def numbers(*filters: str) -> list[int]:
        return [call["seq"] for call in json.loads(run("calls", "--port", port, "--json", *filters).stdout)["calls"]]

    assert numbers() == [1, 2, 3]
    assert numbers("--mutating") == [2, 3]
    assert numbers("--service", "organizations") == [1, 2]
    assert numbers("--service", "organizations", "--mutating") == [2]
    assert numbers("--operation", "CreateAccountAssignment") == [3]
    table = run("calls", "--port", port, "--mutating").stdout.splitlines()
    assert [row.split()[:3] for row in table[1:]] == [
        ["2", "organizations", "CreateAccount"],
        ["3", "sso-admin", "CreateAccountAssignment"],
    ]


def test_a_taken_port_is_told_before_anything_starts(emulator: Started, run: Run) -> None:
    _, port, _ = emulator
    for detach in ([], ["--detach"]):
        second = run("up", "--port", port, *detach)
        assert second.returncode == 1
        assert f"Port {port} is taken" in second.stderr
        assert f"avm local down --port {port}" in second.stderr


def test_down_stops_it_and_is_fine_without_one(emulator: Started, run: Run) -> None:
    ready, port, _ = emulator
    stopped = run("down", "--port", port)
    assert f"process {ready['pid']}" in stopped.stderr
    assert stopped.stdout == ""
    again = run("down", "--port", port)
    assert again.returncode == 0
    assert "No emulator answers" in again.stderr
    for command in ("env", "calls"):
        missing = run(command, "--port", port)
        assert (missing.returncode, missing.stdout) == (1, "")
        assert f"avm local up --port {port}" in missing.stderr


def test_an_emulator_that_has_missed_a_signal_gets_another(run: Run) -> None:
    ready = json.loads(run("up", "--port", "0", "--detach", "--speed", "1").stdout)
    stopped = run("down", "--port", ready["endpoint_url"].rpartition(":")[2])
    assert stopped.returncode == 0
    assert f"process {ready['pid']}" in stopped.stderr


def test_an_emulator_that_does_not_come_up_shows_the_end_of_its_log(run: Run) -> None:
    failed = run("up", "--port", "0", "--detach", "--region", "nowhere-1")
    assert failed.returncode == 1
    assert failed.stdout == ""
    assert "ended with exit code 7" in failed.stderr
    assert "there is no Region nowhere-1" in failed.stderr


def test_in_the_foreground_the_command_becomes_the_emulator(run: Run) -> None:
    options = [
        "--port",
        "0",
        "--speed",
        "max",
        "--bare",
        "--one-account",
        "--accounts-quota",
        "7",
        "--region",
        "eu-central-1",
    ]
    options += ["--seed", "42"]
    process = subprocess.Popen(  # noqa: S603 - our own command
        [*COMMAND, "local", "up", *options], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout
    ready = json.loads(process.stdout.readline())
    assert ready["pid"] == process.pid
    process.terminate()
    _, log = process.communicate(timeout=30)
    assert process.returncode == 0
    for given in (
        "'speed': 'max'",
        "'bare': True",
        "'one_account': True",
        "'accounts_quota': '7'",
        "'region': 'eu-central-1'",
        "'seed': '42'",
    ):
        assert given in log


def test_something_else_on_the_port_is_neither_used_nor_stopped(run: Run, api: FakeApi) -> None:
    api.script((200, {"hello": "world"}))
    port = api.url.rpartition(":")[2]
    for command in ("down", "env"):
        refused = run(command, "--port", port)
        assert refused.returncode == 1
        assert refused.stdout == ""
        assert "Traceback" not in refused.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["--speed", "0"],
        ["--speed", "fast"],
        ["--speed", "nan"],
        ["--speed", "inf"],
        ["--port", "70000"],
        ["--accounts-quota", "0"],
        ["--seed", "a good one"],
    ],
)
def test_options_that_make_no_sense_are_bad_usage(run: Run, arguments: list[str]) -> None:
    assert run("up", *arguments).returncode == 2
