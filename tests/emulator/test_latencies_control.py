from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from avm_emulator.context import Emulator
from avm_emulator.engine import Options
from avm_emulator.latencies import LATENCIES


@pytest.fixture(scope="module")
def options() -> Options:
    return Options(speed="max", prepare=False, deploy=False, parts=())


@pytest.fixture
def url(emulator: Emulator) -> Iterator[str]:
    url = f"{emulator.endpoint_url}/_emulator/latencies"
    yield url
    requests.delete(url, timeout=30).raise_for_status()


def test_every_latency_is_shown_with_its_source(url: str) -> None:
    shown = requests.get(url, timeout=30).json()
    assert isinstance(shown["seed"], int)
    assert shown["latencies"].keys() == LATENCIES.keys()
    assert shown["latencies"]["organizations:CreateAccount"]["seconds"] == 30
    assert shown["latencies"]["new-account:Service"]["seconds"] == [40, 80]
    assert all(latency["source"] for latency in shown["latencies"].values())


def test_the_named_ones_change_and_come_back(emulator: Emulator, url: str) -> None:
    figures = {"organizations:CreateAccount": 120.5, "sso-admin:CreateAccountAssignment": [1, 20]}
    changed = requests.put(url, json=figures, params={"seed": 3}, timeout=30).json()
    assert changed["seed"] == 3
    assert changed["latencies"]["organizations:CreateAccount"] == {"seconds": 120.5, "source": "set by hand"}
    assert changed["latencies"]["sso-admin:CreateAccountAssignment"]["seconds"] == [1, 20]
    assert changed["latencies"]["organizations:CloseAccount"]["source"] != "set by hand"
    assert emulator.latencies["organizations:CreateAccount"] == 120.5
    assert requests.delete(url, timeout=30).json()["latencies"]["organizations:CreateAccount"]["seconds"] == 30


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ('{"organizations:CreateAccount": -1}', "organizations:CreateAccount cannot take -1 s"),
        ('{"organizations:CreateAccount": "soon"}', "cannot take 'soon' s"),
        ('{"organizations:CreateAccount": NaN}', "cannot take nan s"),
        ('{"organizations:CreateAccount": [5, 1]}', "cannot take [5, 1] s"),
        ('{"organizations:MakeAccount": 1}', "organizations:MakeAccount has no latency"),
        ('[{"organizations:CreateAccount": 1}]', "send an object"),
        ("soon", "Expecting value"),
    ],
)
def test_a_latency_that_makes_no_sense_is_refused_and_nothing_changes(url: str, body: str, reason: str) -> None:
    before = requests.get(url, timeout=30).json()
    answer = requests.put(url, data=body, timeout=30)
    assert answer.status_code == 400
    assert reason in answer.json()["error"]
    assert requests.get(url, timeout=30).json() == before


def test_a_seed_that_is_no_number_is_refused(url: str) -> None:
    answer = requests.put(url, json={}, params={"seed": "x"}, timeout=30)
    assert answer.status_code == 400
