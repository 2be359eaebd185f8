"""How moto's modules name the time, so that the clock can stand behind these names."""

from __future__ import annotations

import datetime as dt
import importlib
import sys
import threading
import time
from pathlib import Path
from typing import Any

import moto
import pytest

from avm_emulator import moto_clock
from avm_emulator.clock import Clock
from avm_emulator.clock_threads import ClockCondition

START = 4_000_000_000.0  # in 2096


@pytest.fixture
def clock() -> Any:
    clock = Clock("max", start=START)
    moto_clock.install(clock)
    yield clock
    clock.close()
    moto_clock.release()


def test_a_module_that_is_loaded_later_is_on_the_clock(clock: Clock) -> None:
    sys.modules.pop("moto.glacier.models", None)
    glacier = importlib.import_module("moto.glacier.models")
    assert glacier.datetime.datetime.now(dt.UTC).timestamp() == START


def test_motos_own_helpers_are_on_the_clock(clock: Clock) -> None:
    utils = importlib.import_module("moto.core.utils")
    assert utils.utcnow() == dt.datetime.fromtimestamp(START, dt.UTC).replace(tzinfo=None)
    assert utils.unix_time() == START
    assert utils.iso_8601_datetime_with_milliseconds().startswith("2096-")


def test_time_time_is_on_the_clock_and_the_rest_of_the_module_is_not(clock: Clock) -> None:
    models = importlib.import_module("moto.apigateway.models")
    assert models.time.time() == START
    assert models.time.gmtime().tm_year == 2096
    assert models.time.gmtime(0).tm_year == 1970
    assert models.time.sleep is time.sleep


def test_sts_stays_on_real_time(clock: Clock) -> None:
    sts = importlib.import_module("moto.sts.models")
    assert abs(sts.Token(3600).expiration.replace(tzinfo=dt.UTC).timestamp() - time.time() - 3600) < 60


def test_no_module_that_matters_keeps_the_time_where_it_cannot_be_replaced() -> None:
    # A default of a dataclass or of a parameter is bound when the module runs, before its names are replaced.
    bound = ("default_factory=datetime.now", "=datetime.now,", "=utcnow)", "=time.time)", "datetime = datetime.now()")
    sources = {path: path.read_text(encoding="utf-8") for path in Path(moto.__file__).parent.rglob("*.py")}
    found = {path.parent.name for path, text in sources.items() if any(form in text for form in bound)}
    assert found <= {"shield", "dataclasses"}  # Shield subscriptions; App Mesh


def test_queues_wait_by_a_condition_and_a_method_of_their_own(clock: Clock) -> None:
    sqs = importlib.import_module("moto.sqs.models")
    queue = sqs.Queue("q", "eu-west-1", "123456789012")
    assert isinstance(queue._messages_lock, ClockCondition)
    done = threading.Event()

    def poll() -> None:
        queue.wait_for_messages(20)
        done.set()

    clock.submit(poll)
    assert done.wait(30)
    assert clock.now() == START + 20


def test_moto_has_real_time_again_when_the_emulator_has_stopped(clock: Clock) -> None:
    sqs = importlib.import_module("moto.sqs.models")
    moto_clock.release()
    assert abs(importlib.import_module("moto.core.utils").unix_time() - time.time()) < 60
    queue = sqs.Queue("q", "eu-west-1", "123456789012")
    queue.wait_for_messages(0.01)
    assert isinstance(queue._messages_lock, threading.Condition)
