from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator

import pytest

from avm_emulator.clock import Clock, Speed
from avm_emulator.clock_threads import ClockCondition, ClockEvent, ClockThread, ThreadingOnClock

START = 1_000_000.0
PATIENCE = 30.0
"""Real seconds after which a test gives up; none should need one."""

MakeClock = Callable[..., Clock]


@pytest.fixture
def make_clock() -> Iterator[MakeClock]:
    clocks: list[Clock] = []

    def make(speed: Speed = "max") -> Clock:
        clocks.append(Clock(speed, start=START))
        return clocks[-1]

    yield make
    for clock in clocks:
        clock.close()


def run(clock: Clock, *targets: Callable[[], None]) -> None:
    """Run targets in threads on the clock and wait in real time for their ends."""
    threads = [ClockThread(clock, target=target) for target in targets]
    with clock.activity():  # all begin at the same time
        for thread in threads:
            thread.start()
    for thread in threads:
        threading.Thread.join(thread, PATIENCE)
        assert not thread.is_alive(), "a thread waits for ever"


def test_at_speed_max_sleep_takes_exactly_its_time(make_clock: MakeClock) -> None:
    clock = make_clock()
    seen: list[float] = []

    def sleeper() -> None:
        clock.sleep(3600)
        seen.append(clock.now())

    run(clock, sleeper)
    assert seen == [START + 3600]


def test_at_speed_max_many_threads_sleep_in_one_exact_order(make_clock: MakeClock) -> None:
    clock = make_clock()
    wrong: list[str] = []
    wakes: list[float] = []

    def sleeper(seed: int) -> Callable[[], None]:
        delays = [random.Random(f"{seed}/{turn}").randint(0, 50) for turn in range(20)]  # noqa: S311  a plan, no secret

        def sleep_all() -> None:
            for delay in delays:
                due = clock.now() + delay
                clock.sleep(delay)
                wakes.append(clock.now())
                if clock.now() != due:
                    wrong.append(f"woke at {clock.now()}, not at {due}")

        return sleep_all

    run(clock, *map(sleeper, range(100)))
    assert not wrong
    assert wakes == sorted(wakes)
    assert clock.active == 0


def test_at_speed_max_time_stands_while_anything_runs(make_clock: MakeClock) -> None:
    clock = make_clock()
    fired = threading.Event()
    with clock.activity():
        clock.call_later(5, fired.set)
        assert not fired.wait(0.05)
        assert clock.now() == START
    assert fired.wait(PATIENCE)
    assert clock.now() == START + 5


def test_whoever_is_woken_counts_before_the_waker_ends(make_clock: MakeClock) -> None:
    clock = make_clock()
    times: list[float] = []
    events = [ClockEvent(clock) for _ in range(200)]

    def relay(position: int) -> Callable[[], None]:
        def hand_on() -> None:
            events[position].wait()
            times.append(clock.now())
            if position + 1 < len(events):
                events[position + 1].set()

        return hand_on

    # If the clock saw a gap between two runners, it would jump to this.
    clock.call_at(START + 10, lambda: None)
    with clock.activity():
        threads = [ClockThread(clock, target=relay(position)) for position in range(len(events))]
        for thread in threads:
            thread.start()
        events[0].set()
        for thread in threads:
            thread.join()
        assert clock.now() == START
    assert times == [START] * len(events)


def test_producers_and_consumers_never_lose_a_wake_up(make_clock: MakeClock) -> None:
    clock = make_clock()
    condition = ClockCondition(clock)
    items: list[int] = []
    taken: list[int] = []

    def producer() -> None:
        for item in range(50):
            clock.sleep(1)
            with condition:
                items.append(item)
                condition.notify()

    def consumer() -> None:
        for _ in range(50):
            with condition:
                condition.wait_for(lambda: items)
                taken.append(items.pop())

    run(clock, *[producer] * 8, *[consumer] * 8)
    assert len(taken) == 400
    assert not items


def test_a_notify_is_not_spent_on_a_wait_that_timed_out(make_clock: MakeClock) -> None:
    clock = make_clock()
    condition = ClockCondition(clock)
    answers: list[bool] = []

    def impatient() -> None:
        with condition:
            answers.append(condition.wait(1, kind="work"))

    def patient() -> None:
        clock.sleep(2)
        with condition:
            answers.append(condition.wait(60, kind="work"))

    def waker() -> None:
        clock.sleep(3)
        with condition:
            condition.notify()

    run(clock, impatient, patient, waker)
    assert answers == [False, True]
    assert clock.now() == START + 3


def test_the_clock_never_jumps_to_a_time_out(make_clock: MakeClock) -> None:
    clock = make_clock()
    event = ClockEvent(clock)
    thread = ClockThread(clock, target=lambda: event.wait(60))
    thread.start()
    threading.Thread.join(thread, 0.05)
    assert thread.is_alive()
    assert clock.now() == START


def test_a_time_out_passes_when_work_is_due_after_it(make_clock: MakeClock) -> None:
    clock = make_clock()
    event = ClockEvent(clock)
    answers: list[tuple[bool, float]] = []
    run(clock, lambda: answers.append((event.wait(60), clock.now())), lambda: clock.sleep(100))
    assert answers == [(False, START + 60)]
    assert clock.now() == START + 100


def test_an_event_that_comes_first_beats_the_time_out(make_clock: MakeClock) -> None:
    clock = make_clock()
    event = ClockEvent(clock)
    answers: list[tuple[bool, float]] = []

    def setter() -> None:
        clock.sleep(10)
        event.set()
        event.clear()

    run(clock, lambda: answers.append((event.wait(60), clock.now())), setter)
    assert answers == [(True, START + 10)]


def test_a_schedule_fires_on_the_way_to_work_and_never_by_itself(make_clock: MakeClock) -> None:
    clock = make_clock()
    ticks: list[float] = []

    def tick() -> None:
        ticks.append(clock.now())
        clock.call_later(60, tick, kind="schedule")

    clock.call_later(60, tick, kind="schedule")
    run(clock, lambda: clock.sleep(200))
    assert ticks == [START + 60, START + 120, START + 180]
    assert clock.now() == START + 200
    assert [timer.due for timer in clock.pending()] == [START + 240]


def test_what_a_time_out_starts_ends_before_the_clock_goes_on(make_clock: MakeClock) -> None:
    clock = make_clock()
    seen: list[float] = []

    def started() -> None:
        clock.sleep(5)
        seen.append(clock.now())

    clock.call_later(60, started, kind="timeout")
    run(clock, lambda: clock.sleep(100))
    assert seen == [START + 65]


def test_due_work_at_the_same_time_runs_one_after_the_other_in_order(make_clock: MakeClock) -> None:
    clock = make_clock()
    order: list[int] = []
    done = threading.Event()
    with clock.activity():
        for number in range(50):
            clock.call_at(START + 1, lambda number=number: order.append(number))  # type: ignore[misc]
        clock.call_at(START + 2, done.set)
    assert done.wait(PATIENCE)
    assert order == list(range(50))


def test_more_actions_may_wait_at_once_than_any_pool_has_threads(make_clock: MakeClock) -> None:
    clock = make_clock()
    event = ClockEvent(clock)
    released = threading.Semaphore(0)

    def wait() -> None:
        event.wait()
        released.release()

    with clock.activity():
        for _ in range(400):
            clock.submit(wait)
        clock.submit(event.set)
    assert all(released.acquire(timeout=PATIENCE) for _ in range(400))


def test_join_gives_the_callers_activity_up(make_clock: MakeClock) -> None:
    clock = make_clock()
    seen: list[float] = []

    def parent() -> None:
        child = ThreadingOnClock(clock).Thread(target=lambda: clock.sleep(30))
        child.start()
        child.join()
        seen.append(clock.now())

    run(clock, parent)
    assert seen == [START + 30]


def test_a_held_clock_stands_and_then_goes_on(make_clock: MakeClock) -> None:
    clock = make_clock()
    fired = threading.Event()
    clock.hold(held=True)
    clock.call_later(5, fired.set)
    assert not fired.wait(0.05)
    assert (clock.now(), clock.held) == (START, True)
    clock.hold(held=False)
    assert fired.wait(PATIENCE)


@pytest.mark.parametrize("speed", ["max", 0.001])
@pytest.mark.parametrize("held", [True, False])
def test_advance_lets_a_chain_of_waits_happen_at_its_times(make_clock: MakeClock, speed: Speed, held: bool) -> None:  # noqa: FBT001  a parameter
    clock = make_clock(speed)
    clock.hold(held=True)
    seen: list[float] = []

    def chain() -> None:
        for _ in range(5):
            clock.sleep(60)
            seen.append(clock.now())

    clock.submit(chain)
    clock.call_later(90, lambda: seen.append(clock.now()), kind="schedule")
    clock.hold(held=held)
    clock.advance(200)
    assert [round(time - START) for time in seen[:4]] == [60, 90, 120, 180]
    assert clock.now() >= START + 200
    assert not held or clock.now() == pytest.approx(START + 200, abs=1)


def test_two_advances_at_once_add_up(make_clock: MakeClock) -> None:
    clock = make_clock()
    clock.hold(held=True)
    threads = [threading.Thread(target=clock.advance, args=(10,)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert clock.now() == START + 200


@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf")])
def test_advance_refuses_what_is_no_way_forward(make_clock: MakeClock, seconds: float) -> None:
    with pytest.raises(ValueError, match="only moves forward"):
        make_clock().advance(seconds)


@pytest.mark.parametrize("speed", [0, -1, float("nan"), float("inf")])
def test_a_speed_is_above_zero(speed: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        Clock(speed)


def test_with_a_numeric_speed_everything_happens_in_its_time(make_clock: MakeClock) -> None:
    clock = make_clock(1000.0)
    done = threading.Event()
    times: dict[str, float] = {}
    for after, kind in ((10, "work"), (20, "timeout"), (30, "schedule")):
        clock.call_later(after, lambda kind=kind: times.update({kind: clock.now()}), kind=kind)  # type: ignore[arg-type, misc]
    clock.call_later(40, done.set)
    assert done.wait(PATIENCE)
    assert times["work"] >= START + 10
    assert times["timeout"] >= START + 20
    assert times["schedule"] >= START + 30


def test_a_cancelled_timer_never_fires_and_is_forgotten(make_clock: MakeClock) -> None:
    clock = make_clock()
    fired: list[int] = []
    clock.call_later(1, lambda: fired.append(0), kind="timeout")
    for number in range(5000):
        clock.call_later(2, lambda number=number: fired.append(number), kind="timeout").cancel()  # type: ignore[misc]
    assert len(clock.pending()) == 1
    assert sum(map(len, clock._timers._heaps.values())) < 1000
    clock.advance(3)
    assert fired == [0]


def test_an_activity_that_never_began_cannot_end(make_clock: MakeClock) -> None:
    clock = make_clock()
    with pytest.raises(RuntimeError, match="never began"):
        clock.end()
    with pytest.raises(RuntimeError, match="never began"):
        clock.sleep(1)
    assert clock.active == 0


def test_an_action_that_fails_is_logged_and_the_clock_goes_on(
    make_clock: MakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    clock = make_clock()
    done = threading.Event()

    def fail() -> None:
        message = "no such thing"
        raise KeyError(message)

    with clock.activity():
        clock.call_later(1, fail, name="the failing one")
        clock.call_later(2, done.set)
    assert done.wait(PATIENCE)
    assert "the failing one" in caplog.text


def test_closing_ends_a_pending_advance(make_clock: MakeClock) -> None:
    clock = make_clock()
    clock.begin()
    thread = threading.Thread(target=clock.advance, args=(10,))
    thread.start()
    clock.close()
    thread.join(PATIENCE)
    assert not thread.is_alive()
