from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from avm_emulator.activities import Activity
from avm_emulator.clock import Clock
from avm_emulator.clock_threads import ClockEvent

START = 1_000_000.0
PATIENCE = 30.0
"""Real seconds after which a test gives up; none should need one."""


@pytest.fixture
def clock() -> Iterator[Clock]:
    made = Clock("max", start=START)
    yield made
    made.close()


def elsewhere(clock: Clock, action: Callable[[], object], waiter: Activity | None) -> threading.Event:
    """Do something in another thread on behalf of an activity; return what is set when it is done."""
    done = threading.Event()

    def run() -> None:
        action()
        done.set()

    clock.submit(run, waiter=waiter)
    return done


def test_who_waits_for_a_sleeper_sleeps_too(clock: Clock) -> None:
    with clock.activity() as state, clock.activity() as call:
        assert call.waiter is state
        done = elsewhere(clock, lambda: clock.sleep(300), waiter=call)
        assert done.wait(PATIENCE)
        assert clock.now() == START + 300
        assert clock.active == 2
    assert clock.active == 0


def test_who_does_not_wait_keeps_the_clock(clock: Clock) -> None:
    with clock.activity():
        done = elsewhere(clock, lambda: clock.sleep(300), waiter=None)
        assert not done.wait(0.1)
        assert clock.now() == START
    assert done.wait(PATIENCE)


def test_an_outer_activity_of_the_same_thread_does_not_hold_a_sleeper(clock: Clock) -> None:
    with clock.activity(), clock.activity():
        clock.sleep(5)
        assert (clock.now(), clock.active) == (START + 5, 2)


def test_a_waiter_sleeps_while_any_of_what_it_waits_for_sleeps(clock: Clock) -> None:
    # Two threads of one function: one comes back earlier and then waits for the other in real time.
    with clock.activity() as function:
        clock.hold(held=True)
        short = elsewhere(clock, lambda: clock.sleep(1), waiter=function)
        long = elsewhere(clock, lambda: clock.sleep(60), waiter=function)
        while function.sleepers < 2:
            pass
        clock.hold(held=False)
        assert short.wait(PATIENCE)
        assert long.wait(PATIENCE)
        assert clock.now() == START + 60


def test_a_waiter_that_gives_up_is_awake_though_its_sleeper_sleeps_on(clock: Clock) -> None:
    woken = ClockEvent(clock)
    with clock.activity() as state:
        call = clock._activities.open(state)
        asleep = elsewhere(clock, woken.wait, waiter=call)
        while call.sleepers == 0:
            pass
        assert (state.sleepers, clock.active) == (1, 0)
        clock._activities.enter(call)
        clock._activities.leave()  # the function has timed out; its call goes on
        assert (state.sleepers, clock.active) == (0, 1)
        woken.set()
        assert asleep.wait(PATIENCE)
        assert clock.active == 1


def test_an_activity_is_found_by_its_number_until_it_ends(clock: Clock) -> None:
    with clock.activity() as activity:
        assert clock.find(activity.number) is activity
        assert clock.activity_here is activity
    assert clock.find(activity.number) is None
    assert clock.activity_here is None
