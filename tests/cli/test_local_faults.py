"""``avm local faults``, ``latencies`` and ``reset`` against a real emulator."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from avm_emulator.engine import Options, start
from tests.cli.fakes import run_process

Run = Callable[..., subprocess.CompletedProcess[str]]

RULE = {"service": "organizations", "operation": "CreateAccount", "fault": "lost_response", "nth": 1}


@pytest.fixture(scope="module")
def port() -> Iterator[str]:
    parts = ("avm_emulator.organizations", "avm_emulator.identity_center", "avm_emulator.faults")
    with start(Options(speed="max", prepare=False, deploy=False, parts=parts)) as running:
        yield str(running.emulator.port)


@pytest.fixture
def run(port: str) -> Iterator[Run]:
    yield lambda *arguments: run_process("local", *arguments, "--port", port)
    for name in ("faults", "latencies"):
        requests.delete(f"http://127.0.0.1:{port}/_emulator/{name}", timeout=30).raise_for_status()


def written(path: Path, text: str) -> str:
    path.write_text(text)
    return str(path)


def test_faults_are_set_from_yaml_shown_and_cleared(run: Run, tmp_path: Path) -> None:
    file = written(
        tmp_path / "faults.yaml",
        "- {service: organizations, operation: CreateAccount, fault: lost_response, nth: 1}\n"
        '- {service: "*", operation: "*", fault: throttle, probability: 0.05, when: {from: 2026-01-01T00:00:00Z}}\n',
    )
    done = run("faults", file, "--seed", "7", "--json")
    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout)
    assert shown["seed"] == 7
    assert shown["rules"][0] == {**RULE, "matched": 0, "fired": 0}
    assert shown["rules"][1]["when"] == {"from": "2026-01-01T00:00:00+00:00"}
    rows = [line.split() for line in run("faults").stdout.splitlines()]
    assert rows[1] == ["organizations:CreateAccount", "lost_response", "nth", "1", "0", "0"]
    assert rows[2][:4] == ["*:*", "throttle", "probability", "0.05,"]
    assert json.loads(run("faults", "--clear", "--json").stdout) == {"seed": 0, "rules": []}


def test_faults_are_set_from_json_with_their_seed(run: Run, tmp_path: Path) -> None:
    file = written(tmp_path / "faults.json", json.dumps({"seed": 3, "rules": [RULE]}))
    assert json.loads(run("faults", file, "--json").stdout)["seed"] == 3


def test_rules_that_make_no_sense_are_bad_input_with_each_reason(run: Run, tmp_path: Path) -> None:
    wrong = [RULE, {**RULE, "operation": "MakeAccount", "times": 0}]
    refused = run("faults", written(tmp_path / "faults.json", json.dumps(wrong)))
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "rule 1: operation" in refused.stderr
    assert "organizations has no operation 'MakeAccount'" in refused.stderr
    assert "rule 1: times" in refused.stderr
    assert json.loads(run("faults", "--json").stdout)["rules"] == []


def test_latencies_are_shown_with_source_changed_and_cleared(run: Run, tmp_path: Path) -> None:
    file = written(tmp_path / "latencies.yaml", "organizations:CreateAccount: 120\nnew-account:Service: [60, 300]\n")
    changed = json.loads(run("latencies", file, "--seed", "5", "--json").stdout)
    assert changed["seed"] == 5
    assert changed["latencies"]["organizations:CreateAccount"]["seconds"] == 120
    table = run("latencies").stdout
    assert "60 to 300" in table
    assert "set by hand" in table
    assert "assumed" in table
    cleared = json.loads(run("latencies", "--clear", "--json").stdout)["latencies"]
    assert cleared["organizations:CreateAccount"]["seconds"] == 30


def test_a_latency_that_makes_no_sense_is_bad_input(run: Run, tmp_path: Path) -> None:
    refused = run("latencies", written(tmp_path / "l.yaml", "organizations:CreateAccount: -5\n"))
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "organizations:CreateAccount cannot take -5 s" in refused.stderr


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("f.yaml", "- {service: s3\n", "f.yaml:2"),
        ("f.json", "[{]", "f.json:1"),
        ("f.yaml", "- !!binary aGk=\n", "holds what JSON cannot"),
        ("f.yaml", "- {probability: .nan}\n", "holds what JSON cannot"),
        ("f.yaml", "\tx", "f.yaml:1"),
    ],
)
def test_a_file_that_cannot_be_read_is_bad_input(run: Run, tmp_path: Path, name: str, text: str, reason: str) -> None:
    refused = run("faults", written(tmp_path / name, text))
    assert (refused.returncode, refused.stdout) == (2, "")
    assert reason in refused.stderr


@pytest.mark.parametrize("arguments", [["f.yaml", "--clear"], ["--seed", "1"], ["none.yaml"], ["--seed", "x"]])
def test_options_that_make_no_sense_are_bad_usage(run: Run, arguments: list[str]) -> None:
    assert run("faults", *arguments).returncode == 2


def test_without_an_emulator_it_says_how_to_start_one() -> None:
    for command in ("faults", "latencies", "reset"):
        missing = run_process("local", command, "--port", "1")
        assert (missing.returncode, missing.stdout) == (1, "")
        assert "avm local up --port 1" in missing.stderr


def test_reset_returns_when_the_emulator_has_begun_again(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "avm_emulator.main", "--port", "0", "--speed", "max", "--bare", "--no-deploy"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as emulator:  # noqa: S603 - our own
        assert emulator.stdout is not None
        port = json.loads(emulator.stdout.readline())["endpoint_url"].rpartition(":")[2]
        rules = written(tmp_path / "f.json", json.dumps([RULE]))
        assert run_process("local", "faults", rules, "--port", port).returncode == 0
        done = run_process("local", "reset", "--port", port)
        assert (done.returncode, done.stdout) == (0, "")
        assert f"process {emulator.pid}" in done.stderr
        assert json.loads(run_process("local", "faults", "--port", port, "--json").stdout)["rules"] == []
        emulator.send_signal(signal.SIGTERM)
        assert emulator.wait(60) == 0
