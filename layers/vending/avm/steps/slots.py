"""What the steps share that ask for a slot or a turn, or give one up: nobody has more of AWS than it gives.

A request waits on a task token, never in a function. Whoever frees a slot hands it on to the first of the queue; where
that got lost (a function killed between the write and the answer), the watchdog mends it.
"""

from __future__ import annotations

from typing import Literal

from avm.aws.slots_table import TokenKind
from avm.domain.account_request import RequestRecord
from avm.domain.organization import CallRate
from avm.domain.slots import Rate, Slots, Waiting, free, grant, join, leave, renew, take_turn, turn_of
from avm.steps.gateways import Gateways

SlotKind = Literal["creation", "access"]
SLOT_KINDS: tuple[SlotKind, ...] = ("creation", "access")


def enqueue(gateways: Gateways, kind: SlotKind, record: RequestRecord) -> None:
    """Put a request into the queue for a slot, by its arrival; the same again changes nothing."""
    newcomer = Waiting(request_id=record.request_id, name=record.name, arrival=record.arrival)
    gateways.slots.change(kind, lambda slots: join(slots, newcomer))


def park_until_granted(
    gateways: Gateways, kind: SlotKind, record: RequestRecord, *, token: str, now: str, used_turn: str | None = None
) -> None:
    """Let the execution that waits on ``token`` go on as soon as the request has a slot: now, or when one is free.

    ``used_turn``: the turn that it has used up; a request that has its slot still gets another turn.
    """
    gateways.slots.put_token(record.request_id, kind, token)
    enqueue(gateways, kind, record)
    rate = _slot_rate(gateways, kind)
    if used_turn is not None and rate is not None:
        gateways.slots.change(
            kind,
            lambda slots: (
                renew(slots, record.request_id, now, rate)
                if (held := slots.holder(record.request_id)) and held.start_at <= used_turn
                else slots
            ),
        )
    hand_on(gateways, kind, now)
    tell(gateways, kind, gateways.slots.read(kind), {record.request_id})


def hand_on(gateways: Gateways, kind: SlotKind, now: str) -> None:
    """Give the slots that are free to the first of the queue, and wake them.

    AWS is asked what others have in progress only where a slot could be given out: ListCreateAccountStatus has a rate.
    """
    slots = gateways.slots.read(kind)
    at_once = _at_once(gateways, kind)
    if not free(slots, at_once):
        return
    in_progress = gateways.organizations.names_in_progress() if kind == "creation" else []
    rate = _slot_rate(gateways, kind)

    def change(slots: Slots) -> Slots:
        ours = {holder.name for holder in slots.holders}
        others = sum(name not in ours for name in in_progress)
        return grant(slots, free(slots, at_once, others), now, rate)

    before, after = gateways.slots.change(kind, change)
    new = {holder.request_id for holder in after.holders} - {holder.request_id for holder in before.holders}
    tell(gateways, kind, after, new)


def tell(gateways: Gateways, kind: SlotKind, slots: Slots, request_ids: set[str]) -> None:
    """Wake those of ``request_ids`` that have a slot; who waits no longer is left in peace."""
    for holder in slots.holders:
        if holder.request_id in request_ids:
            token = gateways.slots.token(holder.request_id, kind)
            if token is not None:
                gateways.workflows.answer(token, {"start_at": holder.start_at})
                gateways.slots.delete_token(holder.request_id, kind, token)


def vacate(gateways: Gateways, kind: SlotKind, request_id: str) -> None:
    """Give up the request's slot, its place in the queue and its task token."""
    gateways.slots.change(kind, lambda slots: leave(slots, request_id))
    _forget_token(gateways, request_id, kind)


def vacate_all(gateways: Gateways, request_id: str) -> None:
    """Give up everything that the request holds or waits for."""
    for kind in SLOT_KINDS:
        vacate(gateways, kind, request_id)
    _forget_token(gateways, request_id, "approval")


def _forget_token(gateways: Gateways, request_id: str, kind: TokenKind) -> None:
    if gateways.slots.token(request_id, kind) is not None:
        gateways.slots.delete_token(request_id, kind)


def next_turn(gateways: Gateways, kind: Literal["move-account", "policy-writes"], now: str) -> str:
    """Take a turn of a rate that all vends share, and return when it is."""
    limits = gateways.catalog.organization.limits
    rate = _rate(limits.move_account if kind == "move-account" else limits.policy_writes)
    before, _ = gateways.slots.change(kind, lambda slots: take_turn(slots, now, rate))
    return turn_of(before, now, rate)


def _at_once(gateways: Gateways, kind: SlotKind) -> int:
    limits = gateways.catalog.organization.limits
    return limits.creations_at_once if kind == "creation" else limits.assignments_at_once


def _slot_rate(gateways: Gateways, kind: SlotKind) -> Rate | None:
    return _rate(gateways.catalog.organization.limits.create_account) if kind == "creation" else None


def _rate(limit: CallRate) -> Rate:
    return Rate(per_second=limit.per_second, burst=limit.burst)
