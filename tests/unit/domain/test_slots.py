"""Slots, turns and the queue: never more than AWS takes, first come first served."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from avm.domain.slots import (
    Holder,
    Rate,
    Slots,
    Waiting,
    free,
    grant,
    join,
    leave,
    renew,
    take_turn,
    turn_of,
)
from avm.domain.time import from_iso, iso

START = datetime(2026, 1, 1, tzinfo=UTC)
CREATE_ACCOUNT = Rate(per_second=0.1, burst=3)
RATES = st.builds(Rate, per_second=st.sampled_from([0.1, 0.3, 1, 2, 20]), burst=st.integers(1, 5))
MOMENTS = st.lists(st.floats(0, 200), min_size=1, max_size=25)
"""Seconds after the start, in any order: a state that was entered earlier may ask later."""


def at(seconds: float) -> str:
    return iso(START + timedelta(seconds=seconds))


def request(number: int) -> Waiting:
    return Waiting(request_id=f"R{number}", name=f"name-{number}", arrival=number)


def queue(*numbers: int) -> Slots:
    slots = Slots()
    for number in numbers:
        slots = join(slots, request(number))
    return slots


def ids(slots: Slots) -> tuple[list[str], list[str]]:
    """Return who holds and who waits."""
    return [each.request_id for each in slots.holders], [each.request_id for each in slots.waiting]


def refused(times: list[str], rate: Rate) -> list[str]:
    """Return which calls a token bucket like AWS's would refuse."""
    tokens, last, result = float(rate.burst), START, []
    for moment in sorted(from_iso(time) for time in times):
        tokens = min(float(rate.burst), tokens + (moment - last).total_seconds() * rate.per_second)
        last = moment
        if tokens < 1 - 1e-6:
            result.append(iso(moment))
        else:
            tokens -= 1
    return result


def test_the_token_bucket_of_these_tests_refuses_what_is_too_much() -> None:
    assert refused([at(0)] * 3, CREATE_ACCOUNT) == []
    assert refused([at(0)] * 4, CREATE_ACCOUNT) == [at(0)]
    assert refused([at(0), at(0), at(0), at(9)], CREATE_ACCOUNT) == [at(9)]


def test_the_first_calls_are_made_at_once_and_the_others_as_tokens_come_back() -> None:
    slots = grant(queue(1, 2, 3, 4, 5), 5, at(0), CREATE_ACCOUNT)
    starts = [(from_iso(holder.start_at) - START).total_seconds() for holder in slots.holders]
    assert starts == [0, 0, 0, pytest.approx(10, abs=0.1), pytest.approx(20, abs=0.1)]


def test_without_a_rate_every_turn_is_now() -> None:
    slots = grant(queue(1, 2, 3, 4), 4, at(7))
    assert {holder.start_at for holder in slots.holders} == {at(7)}
    assert slots.free_at is None


@given(moments=MOMENTS, rate=RATES)
def test_turns_never_exceed_rate_and_burst(moments: list[float], rate: Rate) -> None:
    slots, turns = Slots(), []
    for moment in moments:
        turns.append(turn_of(slots, at(moment), rate))
        slots = take_turn(slots, at(moment), rate)
    assert refused(turns, rate) == []
    assert all(turn >= at(moment) for turn, moment in zip(turns, moments, strict=True))


@given(moments=MOMENTS, rate=RATES, data=st.data())
def test_grants_and_renewals_share_one_rate(moments: list[float], rate: Rate, data: st.DataObject) -> None:
    slots, turns = queue(*range(len(moments))), []
    for moment in moments:
        held = [holder.request_id for holder in slots.holders]
        again = data.draw(st.sampled_from([None, *held]))
        if again is None:
            slots = grant(slots, 1, at(moment), rate)
            turns.append(slots.holders[-1].start_at)
        else:
            slots = renew(slots, again, at(moment), rate)
            turns += [holder.start_at for holder in slots.holders if holder.request_id == again]
    assert refused(turns, rate) == []


@given(moments=MOMENTS, rate=RATES)
def test_after_a_pause_as_long_as_the_burst_nobody_waits(moments: list[float], rate: Rate) -> None:
    slots = Slots()
    for moment in moments:
        slots = take_turn(slots, at(moment), rate)
    assert slots.free_at is not None
    later = from_iso(slots.free_at) + timedelta(seconds=1)
    for _ in range(rate.burst):
        assert turn_of(slots, iso(later), rate) == iso(later)
        slots = take_turn(slots, iso(later), rate)


@given(st.permutations(range(8)))
def test_who_arrived_first_is_first_in_line_in_whatever_order_they_join(order: list[int]) -> None:
    slots = queue(*order)
    assert ids(slots)[1] == [f"R{number}" for number in range(8)]
    assert [slots.position(f"R{number}") for number in range(8)] == list(range(1, 9))
    assert slots.position("R9") is None


def test_those_who_have_no_arrival_number_stand_before_the_others_by_their_id() -> None:
    slots = queue(2)
    for request_id in ("B", "A"):
        slots = join(slots, Waiting(request_id=request_id, name="n", arrival=0))
    assert ids(slots)[1] == ["A", "B", "R2"]


@given(st.permutations(range(5)), st.integers(0, 5), st.integers(0, 4))
def test_joining_again_changes_nothing(order: list[int], granted: int, again: int) -> None:
    slots = grant(queue(*order), granted, at(0), CREATE_ACCOUNT)
    assert join(slots, request(again)) == slots


@given(st.permutations(range(5)), st.integers(0, 5), st.integers(0, 6))
def test_who_has_left_holds_nothing_and_leaving_again_changes_nothing(order: list[int], granted: int, who: int) -> None:
    slots = grant(queue(*order), granted, at(0), CREATE_ACCOUNT)
    left = leave(slots, f"R{who}")
    assert left.holder(f"R{who}") is None
    assert left.position(f"R{who}") is None
    assert leave(left, f"R{who}") == left
    assert left.free_at == slots.free_at  # the turn was taken, and perhaps used
    others = [[each for each in part if each != f"R{who}"] for part in ids(slots)]
    assert list(ids(left)) == others


@pytest.mark.parametrize(
    ("holders", "waiting", "others", "number"),
    [(0, 9, 0, 5), (2, 9, 0, 3), (2, 1, 0, 1), (2, 9, 2, 1), (5, 9, 0, 0), (2, 9, 7, 0), (0, 0, 0, 0)],
)
def test_so_many_are_free(holders: int, waiting: int, others: int, number: int) -> None:
    slots = grant(queue(*range(holders + waiting)), holders, at(0))
    assert free(slots, 5, others) == number


def test_nobody_is_free_where_a_smaller_limit_was_deployed() -> None:
    assert free(grant(queue(1, 2, 3), 2, at(0)), 1) == 0


def test_only_the_holder_who_asks_gets_another_turn() -> None:
    slots = grant(queue(1, 2), 2, at(0), CREATE_ACCOUNT)
    renewed = renew(slots, "R2", at(60), CREATE_ACCOUNT)
    assert renewed.holder("R1") == slots.holder("R1")
    assert renewed.holder("R2") == Holder(request_id="R2", name="name-2", start_at=at(60))


class Queue(RuleBasedStateMachine):
    """Requests that arrive, wait, hold and leave, in any order."""

    AT_ONCE = 3

    def __init__(self) -> None:
        super().__init__()
        self.slots = Slots()
        self.arrivals = 0
        self.others = 0
        self.now = 0.0
        self.turns: list[str] = []

    @rule(seconds=st.floats(0, 30))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule(others=st.integers(0, 4))
    def somebody_else_creates(self, others: int) -> None:
        self.others = others

    @rule()
    def somebody_arrives(self) -> None:
        self.arrivals += 1
        self.slots = join(self.slots, request(self.arrivals))

    @rule()
    def slots_are_handed_on(self) -> None:
        before = self.slots
        number = free(before, self.AT_ONCE, self.others)
        self.slots = grant(before, number, at(self.now), CREATE_ACCOUNT)
        new = self.slots.holders[len(before.holders) :]
        assert [each.request_id for each in new] == ids(before)[1][:number]
        assert not number or len(self.slots.holders) + self.others <= self.AT_ONCE
        self.turns += [each.start_at for each in new]

    @precondition(lambda self: self.slots.holders or self.slots.waiting)
    @rule(data=st.data())
    def somebody_leaves(self, data: st.DataObject) -> None:
        holding, waiting = ids(self.slots)
        self.slots = leave(self.slots, data.draw(st.sampled_from([*holding, *waiting])))

    @invariant()
    def nobody_is_there_twice(self) -> None:
        everybody = [each for part in ids(self.slots) for each in part]
        assert len(everybody) == len(set(everybody))

    @invariant()
    def there_are_never_more_holders_than_slots(self) -> None:
        assert len(self.slots.holders) <= self.AT_ONCE

    @invariant()
    def who_waits_stands_in_order_of_arrival(self) -> None:
        assert all(one.arrival < two.arrival for one, two in pairwise(self.slots.waiting))

    @invariant()
    def no_turn_is_refused(self) -> None:
        assert refused(self.turns, CREATE_ACCOUNT) == []


TestQueue = Queue.TestCase
