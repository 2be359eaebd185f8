"""``POST /_emulator/reset``: the process begins again."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
import requests

COMMAND = [sys.executable, "-m", "avm_emulator.main", "--port", "0", "--speed", "max", "--bare", "--no-deploy"]
PATIENCE = 60.0
"""Real seconds after which a test gives up."""


@pytest.fixture
def process() -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(COMMAND, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:  # noqa: S603  our own
        yield process
        process.kill()


def until(answer: Callable[[], Any]) -> Any:
    """Wait in real time for an answer of the emulator that is true."""
    give_up = time.monotonic() + PATIENCE
    while time.monotonic() < give_up:
        try:
            if found := answer():
                return found
        except requests.ConnectionError:
            pass  # between its end and its new beginning
        time.sleep(0.05)
    pytest.fail("waited in vain")


def test_a_reset_begins_again_with_the_same_options_port_and_process(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    url = json.loads(process.stdout.readline())["endpoint_url"]
    before = requests.get(f"{url}/_emulator/health", timeout=30).json()
    sqs: Any = boto3.client("sqs", "eu-west-1", endpoint_url=url, aws_access_key_id="a", aws_secret_access_key="b")  # noqa: S106
    sqs.create_queue(QueueName="gone")
    rule = {"service": "sqs", "operation": "*", "fault": "throttle"}
    requests.put(f"{url}/_emulator/faults", json=[rule], timeout=30).raise_for_status()
    requests.put(f"{url}/_emulator/latencies", json={"organizations:CreateAccount": 1}, timeout=30).raise_for_status()

    assert requests.post(f"{url}/_emulator/reset", timeout=30).json() == {"status": "starting"}

    def begun_again() -> Any:
        health = requests.get(f"{url}/_emulator/health", timeout=30).json()
        return health["status"] == "ready" and health["started_at"] != before["started_at"] and health

    after = until(begun_again)
    assert {**after, "started_at": ""} == {**before, "started_at": ""}
    assert "QueueUrls" not in sqs.list_queues()
    assert requests.get(f"{url}/_emulator/faults", timeout=30).json()["rules"] == []
    latencies = requests.get(f"{url}/_emulator/latencies", timeout=30).json()["latencies"]
    assert latencies["organizations:CreateAccount"]["seconds"] == 30
    process.send_signal(signal.SIGTERM)
    rest, _ = process.communicate(timeout=PATIENCE)
    assert (process.returncode, rest) == (0, "")
