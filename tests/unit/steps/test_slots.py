"""Turns that all vends share, and waiting for them."""

from datetime import timedelta
from typing import Literal

import pytest

from avm.domain.time import from_iso, iso
from avm.steps import move_account, quarantine_account, release_account
from avm.steps.slots import next_turn
from avm.steps.step import TurnInput, due
from tests.unit.steps.conftest import World

NOW = "2030-01-01T00:00:00.000Z"
RATES: tuple[Literal["move-account", "policy-writes"], ...] = ("move-account", "policy-writes")


def later(seconds: float) -> str:
    return iso(from_iso(NOW) + timedelta(seconds=seconds))


@pytest.mark.parametrize("kind", RATES)
def test_turns_follow_each_other_at_awss_rate_once_its_burst_is_used_up(
    world: World, kind: Literal["move-account", "policy-writes"]
) -> None:
    turns = [next_turn(world.gateways, kind, NOW) for _ in range(5)]
    ahead = [(from_iso(turn) - from_iso(NOW)).total_seconds() for turn in turns]
    assert ahead == pytest.approx([0, 0, 0, 0.5, 1], abs=0.05)


def test_kinds_of_calls_do_not_wait_for_each_other(world: World) -> None:
    for _ in range(6):
        next_turn(world.gateways, "move-account", NOW)
    assert next_turn(world.gateways, "policy-writes", NOW) == NOW


@pytest.mark.parametrize(
    ("turn", "taken", "waits_for"),
    [
        (None, NOW, None),
        (None, later(3), later(3)),
        (NOW, "not asked", None),
        (later(3), "not asked", later(3)),
    ],
)
def test_a_step_makes_its_call_when_its_turn_has_come(turn: str | None, taken: str, waits_for: str | None) -> None:
    step = TurnInput(request_id="R", attempt=1, time=NOW, account_id="1", turn=turn)
    assert due(step, lambda: taken) == waits_for


def test_no_call_is_made_before_its_turn(world: World) -> None:
    record, account_id = world.created()
    ids = {"request_id": record.request_id, "attempt": 1, "account_id": account_id}
    for kind in RATES:
        for _ in range(4):
            next_turn(world.gateways, kind, NOW)
    since = world.last_call()
    for step in (quarantine_account, move_account):
        output = step.run(step.Input(**ids, time=NOW), world.gateways)
        assert output.start_at is not None
        assert output.start_at > NOW
    assert not [call for call in world.mutating_calls(since) if call.startswith("organizations:")]
    assert world.run(quarantine_account, record, account_id=account_id).start_at is None
    assert world.run(move_account, record, account_id=account_id).start_at is None
    assert world.catalog.quarantine.aws_name in world.organizations.attached_scps(account_id)


def test_what_is_true_already_takes_no_turn(world: World) -> None:
    record, account_id = world.placed()
    before = {kind: world.gateways.slots.read(kind) for kind in RATES}
    for step in (quarantine_account, move_account):
        world.run(step, record, account_id=account_id)
    assert {kind: world.gateways.slots.read(kind) for kind in before} == before


def test_the_quarantine_stays_until_its_turn_to_go(world: World) -> None:
    record, account_id = world.placed()
    for _ in range(4):
        next_turn(world.gateways, "policy-writes", NOW)
    step = release_account.Input(request_id=record.request_id, attempt=1, time=NOW, account_id=account_id)
    output = release_account.run(step, world.gateways)
    assert output.start_at is not None
    assert world.catalog.quarantine.aws_name in world.organizations.attached_scps(account_id)
    assert "avm:released-at" not in world.organizations.tags(account_id)
    again = step.model_copy(update={"time": output.start_at, "turn": output.start_at})
    assert release_account.run(again, world.gateways).start_at is None
    assert world.catalog.quarantine.aws_name not in world.organizations.attached_scps(account_id)
