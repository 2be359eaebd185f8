"""Rules of faults, set by HTTP as users set them, in an emulator with functions and deliveries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError

from avm_emulator.context import Emulator
from avm_emulator.engine import Options
from tests.emulator.lab import Lab

Put = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def options() -> Options:
    parts = (
        *("managed_policies", "organizations", "identity_center", "guardduty", "security_hub", "functions"),
        *("delivery", "cloudtrail", "faults"),
    )
    wanted = [f"avm_emulator.{part}" for part in parts]
    return Options(speed="max", prepare=False, deploy=False, parts=wanted, random_seed=11)


@pytest.fixture(scope="module")
def lab(emulator: Emulator) -> Lab:
    emulator.clients.client("organizations").create_organization()
    return Lab(emulator)


@pytest.fixture
def put(emulator: Emulator, lab: Lab) -> Iterator[Put]:
    """Return what sets fault rules; they are cleared afterwards."""
    url = f"{emulator.endpoint_url}/_emulator/faults"

    def put(*rules: dict[str, Any], seed: int = 0) -> dict[str, Any]:
        answer = requests.put(url, json=rules, params={"seed": seed}, timeout=30)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    yield put
    requests.delete(url, timeout=30).raise_for_status()


def shown(emulator: Emulator) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = requests.get(f"{emulator.endpoint_url}/_emulator/faults", timeout=30).json()["rules"]
    return rules


def code_of(call: Callable[..., Any], **parameters: Any) -> tuple[str, int]:
    with pytest.raises(ClientError) as refusal:
        call(**parameters)
    response = refusal.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]
