"""The watchdog: once a minute, mend what got lost and name what does not get on.

It looks after the requests that are open, and after the slots: a record that no execution belongs to is started, an
execution that ended without recording why is followed by a new attempt (and parked after some), an answer that did not
reach its task token is given again, a slot whose holder is gone is handed on. Every look is at what is true now.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from avm.aws.dynamodb import Audit
from avm.domain.account_request import OPEN, RequestRecord
from avm.domain.errors import RequestNotFound, VendingError, VendInterrupted, VendStuck, problem_details
from avm.domain.naming import execution_name
from avm.domain.time import from_iso
from avm.steps.cancel_request import give_up
from avm.steps.decide_approval import answer
from avm.steps.gateways import Gateways
from avm.steps.park_account import Troubles, hold, hold_unrecorded, park, words_of
from avm.steps.retry_request import try_again
from avm.steps.slots import SLOT_KINDS, SlotKind, hand_on, tell, vacate
from avm.steps.step import StepInput

ACTOR = "watchdog"

SETTLED = timedelta(minutes=2)
"""What changed more recently is still being done by somebody: the door starts what it has just recorded."""

STUCK_AFTER = timedelta(hours=6)
"""No step takes so long; waiting in a queue and for a person does."""

NEVER_TAKEN = timedelta(hours=1)
"""A call of which AWS has shown nothing for so long has not reached it."""

ATTEMPTS = 3
"""Executions that may end without recording why, before the request is parked."""


@dataclass
class Findings:
    """What one round of the watchdog did and found, for log and metrics."""

    started: list[str] = field(default_factory=list)
    parked: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    """What went wrong itself; the next round tries again."""
    gauges: dict[str, float] = field(default_factory=dict, compare=False)
    """How full it is: metric -> value."""


def watch_vends(now: str, gateways: Gateways) -> Findings:
    """Look after all open requests and all slots; ``now``: ISO 8601, of the schedule's event."""
    findings = Findings()
    guarded = _Guard(findings)
    records = list(gateways.table.open_requests())
    if records:
        running = gateways.workflows.running()
        for record in records:
            guarded(partial(_look_after, record, running, now, gateways, findings))
    for kind in SLOT_KINDS:
        guarded(partial(_mend_slots, kind, now, gateways, guarded, findings))
    begun = [from_iso(record.updated_at) for record in records if record.status == "IN_PROGRESS"]
    findings.gauges["OldestVend"] = max(((from_iso(now) - each).total_seconds() for each in begun), default=0)
    return findings


class _Guard:
    """Runs one thing after the other: what fails for one request must not keep the others waiting."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings

    def __call__(self, action: Callable[[], None]) -> None:
        try:
            action()
        except VendingError as error:
            self._findings.failures.append(f"{error.code}: {error}")


def _look_after(record: RequestRecord, running: set[str], now: str, gateways: Gateways, findings: Findings) -> None:
    if record.status == "PARKED":
        _hold_what_was_made(record, now, gateways, findings)
    elif record.status not in OPEN:
        give_up(gateways, record)
        if _is_settled(record, now):
            gateways.table.update_request(record.request_id, {"open": None}, expected={"status": record.status})
    elif execution_name(record.request_id, record.attempt) in running:
        _see_whether_it_gets_on(record, now, gateways, findings)
    elif _is_settled(record, now):
        _bring_on(record, now, gateways, findings)


def _is_settled(record: RequestRecord, now: str) -> bool:
    return from_iso(now) - from_iso(record.updated_at) >= SETTLED


def _hold_what_was_made(record: RequestRecord, now: str, gateways: Gateways, findings: Findings) -> None:
    """Quarantine what AWS has made of a request that was parked meanwhile; then nothing is left to look after."""
    troubles = Troubles([], patient=True)
    step = StepInput(request_id=record.request_id, attempt=record.attempt, time=now)
    held, decided = hold_unrecorded(gateways, record, step, troubles)
    findings.failures += [f"{error['code']}: {error['message']}" for error in troubles.errors]
    never_taken = from_iso(now) - from_iso(record.creation_called_at or now) >= NEVER_TAKEN
    if troubles.errors or not (decided or never_taken):
        return
    account = gateways.table.account(held.account_id) if held.account_id else None
    if account is not None and account.status == "VENDING":
        gateways.table.put_account(account.model_copy(update={"status": "PARKED"}))
    gateways.table.update_request(
        record.request_id, {"open": None}, expected={"status": "PARKED", "attempt": record.attempt}
    )


def _see_whether_it_gets_on(record: RequestRecord, now: str, gateways: Gateways, findings: Findings) -> None:
    if record.approval is not None:
        answer(gateways, record.request_id, record.approval)
    old = from_iso(now) - from_iso(record.updated_at) >= STUCK_AFTER
    if record.status == "PENDING_APPROVAL" or not old or _is_queued(record, gateways):
        return
    state = gateways.workflows.place(record.request_id, record.attempt)
    name = execution_name(record.request_id, record.attempt)
    findings.stuck.append(f"{name} in {state}")
    if record.stuck_since is None:
        message = f"execution {name} has not got on since {record.updated_at}; it is in state {state}"
        gateways.table.update_request(
            record.request_id,
            {"stuck_since": now, "error": problem_details(VendStuck.__name__, message)},
            expected={"status": OPEN, "attempt": record.attempt, "stuck_since": None},
            audit=Audit(now, ACTOR, "VendStuck", {"state": state}),
        )


def _is_queued(record: RequestRecord, gateways: Gateways) -> bool:
    return any(gateways.slots.read(kind).position(record.request_id) for kind in SLOT_KINDS)


def _bring_on(listed: RequestRecord, now: str, gateways: Gateways, findings: Findings) -> None:
    """Start the execution that a record has none of; follow one that ended without a word by another attempt."""
    status = gateways.workflows.status(listed.request_id, listed.attempt)
    # read after the status: what an execution that has ended had to say is in it
    record = gateways.table.request(listed.request_id)
    if record.status not in OPEN or record.attempt != listed.attempt or status == "RUNNING":
        return
    if status is None:
        gateways.workflows.start_vend(record.request_id, record.attempt)
        findings.started.append(execution_name(record.request_id, record.attempt))
    elif record.interruptions < ATTEMPTS:
        if try_again(gateways, record, actor=ACTOR, now=now, interruptions=record.interruptions + 1):
            gateways.workflows.start_vend(record.request_id, record.attempt + 1)
            findings.started.append(execution_name(record.request_id, record.attempt + 1))
    else:
        name = execution_name(record.request_id, record.attempt)
        error, cause = gateways.workflows.ending(record.request_id, record.attempt)
        why = f" ({error}: {words_of(cause)})" if error else ""
        message = f"execution {name} ended as {status}{why}, as {record.interruptions} before it, without a record"
        troubles = Troubles([problem_details(VendInterrupted.__name__, message)], patient=False)
        held = record.adopts is not None or (
            record.account_id is not None and hold(gateways, record.account_id, troubles)
        )
        park(gateways, record, troubles, held=held, failed_state="none", now=now)
        findings.parked.append(name)


def _mend_slots(kind: SlotKind, now: str, gateways: Gateways, guarded: _Guard, findings: Findings) -> None:
    """Hand on the slots of those who are gone, and wake those who have one and were not told."""
    slots = gateways.slots.read(kind)
    known = [*(each.request_id for each in slots.holders), *(each.request_id for each in slots.waiting)]
    for request_id in known:
        guarded(partial(_vacate_if_gone, kind, request_id, gateways))
    hand_on(gateways, kind, now)
    mended = gateways.slots.read(kind)
    findings.gauges[f"{kind.capitalize()}SlotsTaken"] = len(mended.holders)
    findings.gauges[f"{kind.capitalize()}QueueLength"] = len(mended.waiting)
    tell(gateways, kind, mended, {holder.request_id for holder in slots.holders})


def _vacate_if_gone(kind: SlotKind, request_id: str, gateways: Gateways) -> None:
    """Free what a request needs no more: its vend is over, or its account is there. Not while AWS still creates it."""
    try:
        record = gateways.table.request(request_id)
    except RequestNotFound:
        vacate(gateways, kind, request_id)
        return
    over = record.status not in OPEN or (kind == "creation" and record.account_id is not None)
    if over and not (kind == "creation" and _is_being_created(record, gateways)):
        vacate(gateways, kind, request_id)


def _is_being_created(record: RequestRecord, gateways: Gateways) -> bool:
    if record.account_id is not None or record.create_request_id is None:
        return False
    return gateways.organizations.creation(record.create_request_id).state == "IN_PROGRESS"
