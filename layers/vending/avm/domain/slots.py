"""Who may do something of which AWS takes only so many at once and so many a second: slots, turns, and the queue.

Slots and turns are given out together, in order of arrival (design, section 6). All of it is one value, ``Slots``, that
is changed by pure functions and stored by a conditional write; nobody waits in a function for a slot.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict

from avm.domain.time import from_iso, iso

_ROUNDING = timedelta(milliseconds=5)
"""Times are written in whole milliseconds: turns stand a little further apart than AWS's rate asks for."""


class Rate(BaseModel):
    """How many calls AWS takes: ``per_second`` tokens a second, ``burst`` of them kept (aws-semantics 1.3)."""

    model_config = ConfigDict(frozen=True)

    per_second: float
    burst: int

    def turn(self, now: datetime, free_at: datetime | None) -> tuple[datetime, datetime]:
        """Return when the next call may be made, and the ``free_at`` to keep: when all tokens are there again."""
        interval = timedelta(seconds=1 / self.per_second) + _ROUNDING
        full = max(free_at or now, now)
        return max(now, full - (self.burst - 1) * interval), full + interval


class Holder(BaseModel):
    """A request that has a slot; it may make its call from ``start_at`` on, once."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    request_id: str
    name: str
    start_at: str


class Waiting(BaseModel):
    """A request in the queue; ``arrival`` counts the accepted requests."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    request_id: str
    name: str
    arrival: int


class Slots(BaseModel):
    """All slots of one kind, at one moment."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    holders: tuple[Holder, ...] = ()
    waiting: tuple[Waiting, ...] = ()
    free_at: str | None = None
    """When all tokens of the rate will be there again."""

    def holder(self, request_id: str) -> Holder | None:
        """Return the request's slot, if it has one."""
        return next((each for each in self.holders if each.request_id == request_id), None)

    def position(self, request_id: str) -> int | None:
        """Return the request's place in the queue, 1 for the first; None where it does not wait."""
        return next((n for n, each in enumerate(self.waiting, 1) if each.request_id == request_id), None)


def join(slots: Slots, newcomer: Waiting) -> Slots:
    """Put a request into the queue, before those who arrived later; who waits or holds already stays as it is."""
    if slots.holder(newcomer.request_id) or slots.position(newcomer.request_id):
        return slots
    waiting = sorted((*slots.waiting, newcomer), key=lambda each: (each.arrival, each.request_id))
    return slots.model_copy(update={"waiting": tuple(waiting)})


def leave(slots: Slots, request_id: str) -> Slots:
    """Give up the request's slot or its place in the queue."""
    return slots.model_copy(
        update={
            "holders": tuple(each for each in slots.holders if each.request_id != request_id),
            "waiting": tuple(each for each in slots.waiting if each.request_id != request_id),
        }
    )


def free(slots: Slots, at_once: int, others: int = 0) -> int:
    """Return how many slots can be given out; ``others``: what is in progress in AWS and holds no slot of ours."""
    return min(max(at_once - len(slots.holders) - others, 0), len(slots.waiting))


def grant(slots: Slots, number: int, now: str, rate: Rate | None = None) -> Slots:
    """Give slots to the first ``number`` of the queue, each with its turn; without a rate every turn is now."""
    for first in slots.waiting[:number]:
        start_at, free_at = _turn(slots, now, rate)
        holder = Holder(request_id=first.request_id, name=first.name, start_at=start_at)
        update = {"holders": (*slots.holders, holder), "waiting": slots.waiting[1:], "free_at": free_at}
        slots = slots.model_copy(update=update)
    return slots


def renew(slots: Slots, request_id: str, now: str, rate: Rate) -> Slots:
    """Give the holder of a slot another turn: it has used the one that it had."""
    start_at, free_at = _turn(slots, now, rate)
    holders = tuple(
        each.model_copy(update={"start_at": start_at}) if each.request_id == request_id else each
        for each in slots.holders
    )
    return slots.model_copy(update={"holders": holders, "free_at": free_at})


def _turn(slots: Slots, now: str, rate: Rate | None) -> tuple[str, str | None]:
    if rate is None:
        return now, slots.free_at
    start_at, free_at = rate.turn(from_iso(now), (slots.free_at and from_iso(slots.free_at)) or None)
    return iso(start_at), iso(free_at)


def take_turn(slots: Slots, now: str, rate: Rate) -> Slots:
    """Take a turn without a slot: the rate alone binds; ``turn_of`` says when it is."""
    return slots.model_copy(update={"free_at": _turn(slots, now, rate)[1]})


def turn_of(before: Slots, now: str, rate: Rate) -> str:
    """Return when the turn is that ``take_turn`` took from ``before``."""
    return _turn(before, now, rate)[0]
