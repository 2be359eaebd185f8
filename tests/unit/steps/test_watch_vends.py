"""The watchdog: what got lost is mended, what does not get on is named, nothing else is touched."""

from datetime import timedelta
from typing import Any

import pytest

from avm.aws.organizations import Creation
from avm.domain.account_request import RequestRecord
from avm.domain.errors import ServiceUnavailable, Throttled
from avm.domain.time import from_iso, iso
from avm.steps import acquire_access_slot, acquire_creation_slot, join_creation_queue
from avm.steps.slots import enqueue
from avm.steps.watch_vends import ATTEMPTS, Findings, watch_vends
from tests.unit.steps.conftest import World
from tests.unit.steps.recorders import Executions, Published

AT_ONCE = 5


@pytest.fixture(autouse=True)
def nobody_else(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world.organizations, "names_in_progress", list)


def watch(world: World, *, minutes: float = 0) -> Findings:
    """Let the watchdog look; ``minutes`` after the clock of the world."""
    return watch_vends(iso(from_iso(world.now()) + timedelta(minutes=minutes)), world.gateways)


def vending(world: World, executions: Executions, **changes: Any) -> RequestRecord:
    """Return a request whose execution runs."""
    record = world.started()
    executions.statuses[f"{record.request_id}-1"] = "RUNNING"
    if changes:
        world.table.update_request(record.request_id, changes)
    return world.table.request(record.request_id)


def state(world: World, record: RequestRecord) -> tuple[str, int]:
    stored = world.table.request(record.request_id)
    return stored.status, stored.attempt


# -- executions ------------------------------------------------------------------------------------------------------
def test_a_record_that_no_execution_belongs_to_is_started_once_it_is_settled(
    world: World, executions: Executions
) -> None:
    record = world.accepted()
    assert watch(world, minutes=1.9) == Findings()
    names = ("AccessQueueLength", "AccessSlotsTaken", "CreationQueueLength", "CreationSlotsTaken", "OldestVend")
    assert watch(world, minutes=1.9).gauges == dict.fromkeys(names, 0)
    assert watch(world, minutes=2).started == [f"{record.request_id}-1"]
    assert watch(world, minutes=3) == Findings()
    assert executions.started == [f"{record.request_id}-1"]


def test_a_vend_that_runs_is_left_in_peace(world: World, executions: Executions) -> None:
    record = vending(world, executions)
    found = watch(world, minutes=300)
    assert (found, found.gauges["OldestVend"]) == (Findings(), 300 * 60)
    assert state(world, record) == ("IN_PROGRESS", 1)


@pytest.mark.parametrize("status", ["FAILED", "TIMED_OUT", "ABORTED", "SUCCEEDED"])
def test_an_execution_that_ended_without_a_word_is_followed_by_another_attempt(
    world: World, executions: Executions, status: str
) -> None:
    record = vending(world, executions)
    executions.statuses[f"{record.request_id}-1"] = status
    assert watch(world, minutes=2).started == [f"{record.request_id}-2"]
    assert state(world, record) == ("QUEUED", 2)
    assert world.audited(record, "VendRetried") == ("watchdog", {"attempt": 2})


def test_after_three_interruptions_the_request_is_parked(
    world: World, executions: Executions, published: Published
) -> None:
    record = vending(world, executions)
    for attempt in range(1, ATTEMPTS + 1):
        executions.statuses[f"{record.request_id}-{attempt}"] = "FAILED"
        assert watch(world, minutes=2 * attempt).started == [f"{record.request_id}-{attempt + 1}"]
    executions.statuses[f"{record.request_id}-4"] = "FAILED"
    executions.endings[f"{record.request_id}-4"] = ("AccessDenied", '{"errorMessage": "UpdateItem: not allowed"}')
    findings = watch(world, minutes=8)
    assert (findings.started, findings.parked) == ([], [f"{record.request_id}-4"])
    stored = world.table.request(record.request_id)
    assert (stored.status, stored.attempt) == ("PARKED", 4)
    assert stored.error is not None
    assert stored.error["code"] == "VendInterrupted"
    assert f"{record.request_id}-4 ended as FAILED (AccessDenied: UpdateItem: not allowed)" in stored.error["message"]
    assert published.types() == ["AccountParked"]
    assert watch(world, minutes=20) == Findings()


def test_an_account_is_held_before_its_request_is_parked(world: World, executions: Executions) -> None:
    record, account_id = world.created()
    world.table.update_request(record.request_id, {"interruptions": ATTEMPTS})
    executions.statuses[f"{record.request_id}-1"] = "FAILED"
    assert watch(world, minutes=2).parked == [f"{record.request_id}-1"]
    assert world.catalog.quarantine.aws_name in world.organizations.attached_scps(account_id)
    account = world.table.account(account_id)
    assert account is not None
    assert account.status == "PARKED"


def test_a_vend_that_ends_while_the_watchdog_looks_is_over(
    world: World, executions: Executions, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = vending(world, executions)
    listed = list(world.table.open_requests())
    monkeypatch.setattr(world.table, "open_requests", lambda: iter(listed))
    world.table.update_request(record.request_id, {"status": "READY"})
    executions.statuses[f"{record.request_id}-1"] = "SUCCEEDED"
    assert watch(world, minutes=2) == Findings()
    assert state(world, record) == ("READY", 1)


def test_a_vend_that_becomes_ready_between_two_looks_is_not_parked(
    world: World, executions: Executions, monkeypatch: pytest.MonkeyPatch, published: Published
) -> None:
    record = vending(world, executions, interruptions=ATTEMPTS)

    def end(*_: object) -> str:
        world.table.update_request(record.request_id, {"status": "READY"})
        return "SUCCEEDED"

    monkeypatch.setattr(executions, "running", set)
    monkeypatch.setattr(executions, "status", end)
    assert watch(world, minutes=2) == Findings()
    assert published.events == []


def test_a_request_that_is_retried_while_the_watchdog_looks_is_left_to_its_new_attempt(
    world: World, executions: Executions, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = vending(world, executions)
    listed = list(world.table.open_requests())
    monkeypatch.setattr(world.table, "open_requests", lambda: iter(listed))
    executions.statuses[f"{record.request_id}-1"] = "FAILED"
    world.table.update_request(record.request_id, {"status": "QUEUED", "attempt": 2})
    assert watch(world, minutes=2) == Findings()
    assert state(world, record) == ("QUEUED", 2)


def test_an_execution_that_starts_while_the_watchdog_looks_is_not_followed_by_another(
    world: World, executions: Executions, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = vending(world, executions)
    monkeypatch.setattr(executions, "running", set)
    assert watch(world, minutes=2) == Findings()
    assert state(world, record) == ("IN_PROGRESS", 1)


def test_a_cancellation_that_was_broken_off_is_finished(world: World, executions: Executions) -> None:
    record = vending(world, executions, status="CANCELLED", open="yes")
    enqueue(world.gateways, "creation", record)
    world.gateways.slots.put_token(record.request_id, "creation", "token")
    watch(world)
    assert executions.stopped == [(f"{record.request_id}-1", "RequestCancelled")]
    assert world.line("creation") == ([], [])
    assert world.gateways.slots.token(record.request_id, "creation") is None
    # what a function has written that was under way when the request was cancelled
    enqueue(world.gateways, "creation", record)
    world.emulator.clock.advance(180)
    watch(world)
    assert world.line("creation") == ([], [])
    assert list(world.table.open_requests()) == []


# -- answers ---------------------------------------------------------------------------------------------------------
def test_a_decision_that_did_not_reach_the_workflow_is_told_again(world: World, executions: Executions) -> None:
    approval = {"decision": "approve", "principal": "arn:boss", "time": world.now(), "comment": ""}
    record = vending(world, executions, approval=approval)
    world.gateways.slots.put_token(record.request_id, "approval", "token")
    for _ in range(2):
        watch(world)
    assert executions.answers == [("token", {"decision": "approve", "principal": "arn:boss", "comment": ""})]


def test_who_has_a_slot_and_was_not_told_is_told_once(
    world: World, executions: Executions, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = vending(world, executions)
    now = world.now()

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr(executions, "answer", die)
        with pytest.raises(KeyboardInterrupt):
            world.run(acquire_creation_slot, record, at=now, token="token")  # noqa: S106  no secret: a name
    for minutes in (1, 2):
        watch(world, minutes=minutes)
    assert executions.answers == [("token", {"start_at": now})]


# -- slots -----------------------------------------------------------------------------------------------------------
def full(world: World, executions: Executions) -> tuple[list[RequestRecord], RequestRecord]:
    """Return who holds all slots, and who waits."""
    *holders, waits = [vending(world, executions) for _ in range(AT_ONCE + 1)]
    for record in (*holders, waits):
        world.run(join_creation_queue, record)
    for record in (*holders, waits):
        world.run(acquire_creation_slot, record, token=record.request_id)
    executions.answers.clear()
    return holders, waits


def test_a_slot_whose_hand_over_got_lost_is_handed_on(world: World, executions: Executions) -> None:
    record = vending(world, executions)
    world.gateways.slots.put_token(record.request_id, "creation", "token")
    enqueue(world.gateways, "creation", record)
    watch(world)
    assert executions.answered() == ["token"]
    assert world.line("creation") == ([record.request_id], [])


def test_the_slot_of_one_that_is_gone_is_handed_on_when_its_creation_is_over(
    world: World, executions: Executions, monkeypatch: pytest.MonkeyPatch
) -> None:
    (gone, *_), waits = full(world, executions)
    world.table.update_request(gone.request_id, {"status": "PARKED", "create_request_id": "car-1"})
    looks = iter([Creation("car-1", "IN_PROGRESS", gone.name, None), Creation("car-1", "FAILED", gone.name, None)])
    monkeypatch.setattr(world.organizations, "creation", lambda _: next(looks))
    assert watch(world).failures == []
    assert gone.request_id in world.line("creation")[0]
    assert executions.answers == []
    watch(world)
    assert gone.request_id not in world.line("creation")[0]
    assert executions.answered() == [waits.request_id]


@pytest.mark.parametrize(
    "changes",
    [{"status": "READY", "account_id": "111111111111", "create_request_id": "car-1"}, {"status": "CANCELLED"}],
)
def test_one_that_is_over_holds_no_slot_for_long(world: World, executions: Executions, changes: dict[str, str]) -> None:
    (gone, *_), waits = full(world, executions)
    world.table.update_request(gone.request_id, changes)
    watch(world)
    assert gone.request_id not in world.line("creation")[0]
    assert executions.answered() == [waits.request_id]


def test_who_holds_a_slot_without_a_record_holds_it_no_longer(world: World, executions: Executions) -> None:
    record = vending(world, executions)
    for kind in ("creation", "access"):
        enqueue(world.gateways, kind, record.model_copy(update={"request_id": "nobody"}))
    watch(world)
    assert [world.line(kind) for kind in ("creation", "access")] == [([], []), ([], [])]


def test_access_is_not_kept_for_one_that_is_gone(world: World, executions: Executions) -> None:
    record = vending(world, executions)
    world.run(acquire_access_slot, record, account_id="111111111111", token="token")  # noqa: S106  no secret: a name
    assert world.line("access")[0] == [record.request_id]
    world.table.update_request(record.request_id, {"status": "PARKED", "create_request_id": "car-1"})
    assert watch(world).failures == []
    assert world.line("access") == ([], [])


# -- what does not get on --------------------------------------------------------------------------------------------
def test_what_does_not_get_on_is_named_at_every_look_and_recorded_once(world: World, executions: Executions) -> None:
    record = vending(world, executions)
    assert watch(world, minutes=359).stuck == []
    for minutes in (360, 361):
        assert watch(world, minutes=minutes).stuck == [f"{record.request_id}-1 in AwaitReadiness"]
    stored = world.table.request(record.request_id)
    assert stored.stuck_since is not None
    assert from_iso(stored.stuck_since) - from_iso(record.updated_at) < timedelta(minutes=361)
    assert stored.error is not None
    assert (stored.error["code"], stored.status) == ("VendStuck", "IN_PROGRESS")
    assert "AwaitReadiness" in stored.error["message"]
    assert world.audited(record, "VendStuck") == ("watchdog", {"state": "AwaitReadiness"})


def test_waiting_for_a_person_is_not_being_stuck(world: World, executions: Executions) -> None:
    record = vending(world, executions, status="PENDING_APPROVAL")
    assert watch(world, minutes=1000) == Findings()
    assert world.table.request(record.request_id).error is None


@pytest.mark.parametrize("kind", ["creation", "access"])
def test_waiting_in_line_is_not_being_stuck(world: World, executions: Executions, kind: Any) -> None:
    holders = [vending(world, executions) for _ in range(15)]
    waits = vending(world, executions)
    for record in (*holders, waits):
        enqueue(world.gateways, kind, record)
    stuck = watch(world, minutes=1000).stuck
    assert f"{waits.request_id}-1 in AwaitReadiness" not in stuck


# -- the watchdog itself ---------------------------------------------------------------------------------------------
def test_what_fails_for_one_request_does_not_keep_the_others_waiting(
    world: World, executions: Executions, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = world.accepted(), world.accepted()
    status = executions.status

    def fail_for_the_first(request_id: str, attempt: int) -> str | None:
        if request_id == first.request_id:
            message = "no answer"
            raise ServiceUnavailable(message)
        return status(request_id, attempt)

    with monkeypatch.context() as patched:
        patched.setattr(executions, "status", fail_for_the_first)
        findings = watch(world, minutes=2)
    assert findings.started == [f"{second.request_id}-1"]
    assert findings.failures == ["ServiceUnavailable: no answer"]
    assert watch(world, minutes=3).started == [f"{first.request_id}-1"]


def test_one_holder_that_cannot_be_looked_at_does_not_keep_the_other_slots_from_being_handed_on(
    world: World, executions: Executions, monkeypatch: pytest.MonkeyPatch
) -> None:
    (unknown, gone, *_), waits = full(world, executions)
    world.table.update_request(unknown.request_id, {"status": "PARKED", "create_request_id": "car-1"})
    world.table.update_request(gone.request_id, {"status": "CANCELLED"})

    def fail(_: str) -> Creation:
        message = "slow"
        raise Throttled(message)

    monkeypatch.setattr(world.organizations, "creation", fail)
    assert watch(world).failures == ["Throttled: slow"]
    assert unknown.request_id in world.line("creation")[0]
    assert gone.request_id not in world.line("creation")[0]
    assert executions.answered() == [waits.request_id]


def test_where_nothing_is_open_step_functions_is_not_asked(
    world: World, executions: Executions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executions, "running", lambda: pytest.fail("asked"))
    assert watch(world) == Findings()
