"""What a request does: it holds the clock and is recorded."""

from __future__ import annotations

from collections.abc import Callable

from avm_emulator.boundary import Interceptor
from avm_emulator.calls import iso8601
from avm_emulator.context import Emulator
from tests.emulator.boundary.told import last


def test_an_activity_is_held_while_a_call_runs(emulator: Emulator, intercept: Callable[[Interceptor], None]) -> None:
    active: list[int] = []
    intercept(lambda call: active.append(emulator.clock.active))
    emulator.clients.client("kms").list_keys()
    assert active == [1]
    assert emulator.clock.active == 0


def test_a_call_is_recorded_with_the_time_of_its_arrival(emulator: Emulator) -> None:
    emulator.clock.hold(held=True)
    emulator.clock.advance(86400)
    emulator.clients.client("kms").list_keys()
    assert last(emulator).time == iso8601(emulator.clock.now())
    emulator.clock.hold(held=False)


def test_a_record_has_the_fields_that_users_rely_on(emulator: Emulator) -> None:
    emulator.clients.client("kms").list_keys()
    pinned = "seq time service operation account region principal request_id error mutating own source"
    assert last(emulator).to_dict().keys() >= set(pinned.split())
