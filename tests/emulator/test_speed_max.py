"""Discrete time: onlookers do not hold the clock, no thread leaks an activity, compute is measured."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from avm_emulator.clock import Clock
from avm_emulator.clock_threads import ClockEvent, ClockThread
from avm_emulator.compute import Compute
from avm_emulator.context import Emulator
from avm_emulator.engine import Options
from tests.emulator.lab import Lab, until

START = 1_000_000.0
PATIENCE = 30.0


@pytest.fixture
def clock() -> Iterator[Clock]:
    made = Clock("max", start=START)
    yield made
    made.close()


class Idle:
    """Goes on so many times."""

    def __init__(self, times: int) -> None:
        self.times = times
        self.ticks = 0
        self.asked: list[bool] = []

    def goes_on(self, *, watchdog: bool) -> bool:
        self.asked.append(watchdog)
        return self.ticks < self.times

    def ticked(self) -> None:
        self.ticks += 1


def recurring(clock: Clock, seconds: float, kind: Any, seen: list[float]) -> None:
    def fire() -> None:
        seen.append(clock.now() - START)
        clock.call_later(seconds, fire, kind=kind)

    clock.call_later(seconds, fire, kind=kind)


# -- the watchdog ------------------------------------------------------------------------------------------------------
def test_the_clock_goes_on_to_the_watchdog_as_long_as_it_is_told_to(clock: Clock) -> None:
    ticks: list[float] = []
    sweeps: list[float] = []
    clock.idle = idle = Idle(3)
    with clock.activity():
        recurring(clock, 60, "watchdog", ticks)
        recurring(clock, 50, "schedule", sweeps)
    until(lambda: idle.ticks == 3 and clock.active == 0)
    assert ticks == [60, 120, 180]
    assert sweeps == [50, 100, 150]  # on the way
    assert clock.now() == START + 180


def test_work_goes_first_and_the_watchdogs_times_on_the_way_to_it_are_no_ticks(clock: Clock) -> None:
    ticks: list[float] = []
    clock.idle = idle = Idle(0)
    with clock.activity():
        recurring(clock, 60, "watchdog", ticks)
        done = threading.Event()
        clock.call_later(150, done.set)
    assert done.wait(PATIENCE)
    until(lambda: idle.asked)
    assert ticks == [60, 120]
    assert (idle.ticks, clock.now()) == (0, START + 150)


def test_without_a_watchdog_the_clock_stands_and_says_so(clock: Clock) -> None:
    clock.idle = idle = Idle(3)
    with clock.activity():
        clock.call_later(60, lambda: None, kind="schedule")
    until(lambda: idle.asked)
    assert idle.asked[-1] is False


def test_a_held_clock_asks_nobody(clock: Clock) -> None:
    clock.hold(held=True)
    clock.idle = idle = Idle(3)
    with clock.activity():
        clock.call_later(60, lambda: None, kind="watchdog")
    clock.advance(30)
    assert (idle.asked, clock.now()) == ([], START + 30)
    clock.hold(held=False)
    until(lambda: idle.ticks == 1)


# -- onlookers ---------------------------------------------------------------------------------------------------------
def test_who_only_looks_does_not_hold_the_clock(clock: Clock) -> None:
    with clock.activity(onlooker=True):
        done = threading.Event()
        clock.call_later(5, done.set)
        assert done.wait(PATIENCE)
        until(lambda: clock.active == 0)
        assert clock.now() == START + 5


def test_what_is_done_for_an_onlooker_does_not_hold_the_clock_either(clock: Clock) -> None:
    with clock.activity(onlooker=True) as look, clock.activity(look):
        assert clock.active == 0
        clock.sleep(5)
        assert (clock.now(), clock.active) == (START + 5, 0)


def test_what_an_onlooker_sets_off_does(clock: Clock) -> None:
    release = threading.Event()
    with clock.activity(onlooker=True):
        clock.submit(lambda: release.wait(PATIENCE))
        ClockThread(clock, target=lambda: release.wait(PATIENCE)).start()
        assert clock.active == 2
    release.set()
    until(lambda: clock.active == 0)


def test_twenty_onlookers_at_a_time_without_a_gap_do_not_starve_the_clock(clock: Clock) -> None:
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            with clock.activity(onlooker=True):
                over.wait(0.01)

    lookers = [threading.Thread(target=look) for _ in range(20)]
    for looker in lookers:
        looker.start()
    done = threading.Event()

    def work() -> None:
        for _ in range(100):
            clock.sleep(60)
        done.set()

    clock.submit(work)
    assert done.wait(PATIENCE)
    over.set()
    for looker in lookers:
        looker.join(PATIENCE)
    assert clock.now() == START + 6000


# -- accounting --------------------------------------------------------------------------------------------------------
def failing() -> None:
    message = "on purpose"
    raise ValueError(message)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize(
    "act",
    [
        lambda clock: clock.submit(failing),
        lambda clock: clock.call_later(1, failing),
        lambda clock: ClockThread(clock, target=failing).start(),
        lambda clock: clock._add(START, failing, "work", "cannot even be started"),
    ],
)
def test_an_exception_in_a_thread_leaks_no_activity(clock: Clock, act: Callable[[Clock], object]) -> None:
    others = set(threading.enumerate())
    with clock.activity():
        act(clock)
    done = threading.Event()
    clock.call_later(60, done.set)
    assert done.wait(PATIENCE)
    until(lambda: clock.active == 0)
    assert clock._activities._known == {}
    for thread in set(threading.enumerate()) - others:
        threading.Thread.join(thread, PATIENCE)  # its exception is told at its very end: of this test, not of the next


@pytest.mark.parametrize("onlooker", [True, False])
def test_an_exception_in_a_block_leaks_no_activity(clock: Clock, onlooker: bool) -> None:  # noqa: FBT001  a parameter
    with pytest.raises(ValueError, match="on purpose"), clock.activity(onlooker=onlooker), clock.activity():
        failing()
    assert clock.active == 0
    assert clock._activities._known == {}


def test_a_thread_that_cannot_start_leaks_no_activity(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    def start_nothing(_: threading.Thread) -> None:
        message = "can't start new thread"
        raise RuntimeError(message)

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", start_nothing)
        with pytest.raises(RuntimeError, match="can't start"):
            clock.submit(failing)
        with pytest.raises(RuntimeError, match="can't start"):
            ClockThread(clock, target=failing).start()
    assert clock.active == 0
    done = ClockEvent(clock)
    clock.submit(done.set)
    with clock.activity():
        assert done.wait(PATIENCE)


def test_the_clock_survives_whoever_decides_about_idle_time(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    class Confused(Idle):
        def goes_on(self, *, watchdog: bool) -> bool:
            if not self.asked:
                self.asked.append(watchdog)
                failing()
            return super().goes_on(watchdog=watchdog)

    clock.idle = idle = Confused(1)
    with clock.activity():
        clock.call_later(60, lambda: None, kind="watchdog")
    until(lambda: idle.ticks == 1)
    assert "on purpose" in caplog.text


# -- over HTTP ---------------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def options() -> Options:
    return Options(speed="max", prepare=False, deploy=False, parts=("avm_emulator.workflows",))


def advance(emulator: Emulator, seconds: Any) -> requests.Response:
    return requests.post(f"{emulator.endpoint_url}/_emulator/clock", json={"advance": seconds}, timeout=60)


def test_while_the_clock_is_held_requests_are_answered_and_nothing_due_fires(emulator: Emulator) -> None:
    fired: list[float] = []
    emulator.clock.hold(held=True)
    emulator.clock.call_later(5, lambda: fired.append(emulator.clock.now()))
    before = emulator.clock.now()
    assert Lab(emulator).client("kms").list_keys()["Keys"] == []
    assert (fired, emulator.clock.now()) == ([], before)
    assert advance(emulator, 4).status_code == 200
    assert fired == []
    assert advance(emulator, 2).status_code == 200
    until(lambda: fired)
    assert fired == [before + 5]
    emulator.clock.hold(held=False)


@pytest.mark.parametrize(("seconds", "reason"), [(315_360_001, "at most"), (1e300, "at most"), (-0.1, "only moves")])
def test_a_jump_that_makes_no_sense_is_refused(emulator: Emulator, seconds: float, reason: str) -> None:
    answer = advance(emulator, seconds)
    assert answer.status_code == 400
    assert reason in answer.json()["error"]


def test_own_compute_is_told_by_part_and_in_total(emulator: Emulator) -> None:
    def told() -> dict[str, Any]:
        answer: dict[str, Any] = requests.get(f"{emulator.endpoint_url}/_emulator/compute", timeout=30).json()
        return answer

    before = told()
    Lab(emulator).client("kms").list_keys()
    after = told()
    assert after["requests"]["count"] == before["requests"]["count"] + 1  # control calls do not count
    assert after["requests"]["cpu_ms"] > before["requests"]["cpu_ms"]
    assert after["engine_cpu_ms"] > before["engine_cpu_ms"]
    assert after["total_cpu_ms"] == pytest.approx(after["engine_cpu_ms"] + after["functions_cpu_ms"], abs=0.2)


def test_compute_adds_up() -> None:
    compute = Compute()
    with compute.measured("states"):
        sum(range(200_000))
    compute.add("states", 1.5)
    compute.add_invocation("move", duration=0.25, cpu=0.1)
    compute.add_invocation("move", duration=0.75, cpu=0.1)
    table = compute.table()
    assert table["functions"] == {"move": {"invocations": 2, "duration_ms": 1000.0, "cpu_ms": 200.0}}
    assert table["states"]["count"] == 2
    assert table["states"]["cpu_ms"] > 1500
    assert table["functions_cpu_ms"] == 200.0
