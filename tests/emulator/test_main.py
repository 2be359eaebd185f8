from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest
import requests

from avm_emulator.engine import Options, start

COMMAND = [sys.executable, "-m", "avm_emulator.main"]
BARE = [*COMMAND, "--port", "0", "--speed", "max", "--bare", "--no-deploy"]


@pytest.fixture
def process() -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(BARE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603  our own
        yield process
        process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_one_json_object_says_that_it_is_ready_and_a_signal_ends_it(
    process: subprocess.Popen[str], number: signal.Signals
) -> None:
    assert process.stdout is not None
    ready = json.loads(process.stdout.readline())
    assert ready.keys() == {"endpoint_url", "api_url", "region", "management_account_id", "pid"}
    assert ready["pid"] == process.pid
    health = requests.get(f"{ready['endpoint_url']}/_emulator/health", timeout=30).json()
    assert (health["status"], health["speed"]) == ("ready", "max")
    os.kill(process.pid, number)
    rest, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert rest == ""


def test_a_port_that_is_taken_is_one_line_with_the_way_out() -> None:
    with start(Options(speed="max", prepare=False, deploy=False, parts=())) as running:
        port = str(running.emulator.port)
        ended = subprocess.run([*COMMAND, "--port", port], capture_output=True, text=True, timeout=60, check=False)  # noqa: S603  our own
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr.count("\n") == 1
    assert f"port {port}" in ended.stderr
    assert "--port" in ended.stderr


@pytest.mark.parametrize(
    "arguments", [["--speed", "0"], ["--speed", "fast"], ["--accounts-quota", "-1"], ["--port", "http"], ["--warp"]]
)
def test_an_option_that_makes_no_sense_is_bad_usage(arguments: list[str]) -> None:
    ended = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, timeout=60, check=False)  # noqa: S603  our own
    assert ended.returncode == 2
    assert arguments[0] in ended.stderr or arguments[-1] in ended.stderr
