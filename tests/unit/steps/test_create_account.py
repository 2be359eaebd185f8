"""CreateAccount: asked for once, whatever becomes of the answer."""

from datetime import timedelta
from typing import Any

import pytest

from avm.domain.errors import AccessDenied, Throttled
from avm.domain.time import from_iso, iso
from avm.steps import create_account
from tests.unit.steps.conftest import World


def calls_of_create_account(world: World, since: int) -> int:
    return world.mutating_calls(since).count("organizations:CreateAccount")


def later(time: str, minutes: int) -> str:
    return iso(from_iso(time) + timedelta(minutes=minutes))


def test_the_account_is_asked_for_with_the_requests_tag(world: World) -> None:
    record, account_id = world.created(tags={"team": "a"})
    assert world.organizations.tags(account_id) == {
        "team": "a",
        "owner": "jane.doe@example.com",
        "cost-center": "CC-1042",
        "avm:request-id": record.request_id,
        "avm:type": "sandbox",
    }
    assert world.organizations.account(account_id).email == record.email


def test_a_second_run_asks_for_nothing(world: World) -> None:
    record = world.started()
    since = world.last_call()
    assert world.run(create_account, record).creation == "IN_PROGRESS"
    assert world.run(create_account, record).creation == "IN_PROGRESS"
    world.awaited(record)
    assert world.run(create_account, record).creation == "SUCCEEDED"
    assert calls_of_create_account(world, since) == 1


def test_a_lost_answer_is_looked_for_and_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    record = world.started()
    since = world.last_call()
    real = world.organizations.create_account

    def lose_the_answer(**arguments: Any) -> None:
        real(**arguments)

    monkeypatch.setattr(world.organizations, "create_account", lose_the_answer)
    world.emulator.clock.hold(held=True)  # or the creation may end meanwhile, and be seen late
    assert world.run(create_account, record).creation == "UNKNOWN"
    assert world.run(create_account, record).creation == "IN_PROGRESS"
    world.emulator.clock.hold(held=False)
    account_id = world.awaited(record)
    assert world.organizations.tags(account_id)["avm:request-id"] == record.request_id
    assert calls_of_create_account(world, since) == 1


def test_a_call_that_never_arrived_is_made_again_after_the_quiet_period_only(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = world.started()
    since = world.last_call()
    with monkeypatch.context() as patched:
        patched.setattr(world.organizations, "create_account", lambda **_: None)
        begun = world.now()
        assert world.run(create_account, record, at=begun).creation == "UNKNOWN"
    assert world.run(create_account, record, at=later(begun, 9)).creation == "UNKNOWN"
    assert calls_of_create_account(world, since) == 0
    assert world.run(create_account, record, at=later(begun, 10)).creation == "IN_PROGRESS"
    assert calls_of_create_account(world, since) == 1


def test_one_turn_is_one_call(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    record = world.started()
    since = world.last_call()
    with monkeypatch.context() as patched:
        patched.setattr(world.organizations, "create_account", lambda **_: None)
        begun = world.now()
        world.run(create_account, record, at=begun)
    assert world.run(create_account, record, at=later(begun, 10), start_at=begun).creation == "AGAIN"
    assert calls_of_create_account(world, since) == 0
    output = world.run(create_account, record, at=later(begun, 11), start_at=later(begun, 11))
    assert output.creation == "IN_PROGRESS"
    assert calls_of_create_account(world, since) == 1


@pytest.mark.parametrize("refusal", [Throttled("slow down"), AccessDenied("no")])
def test_a_refusal_leaves_no_doubt(world: World, monkeypatch: pytest.MonkeyPatch, refusal: Exception) -> None:
    record = world.started()

    def refuse(**_: Any) -> None:
        raise refusal

    with monkeypatch.context() as patched:
        patched.setattr(world.organizations, "create_account", refuse)
        with pytest.raises(type(refusal)):
            world.run(create_account, record)
    assert world.run(create_account, record).creation == "IN_PROGRESS"


def test_of_two_runs_at_once_one_asks(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    record = world.started()
    since = world.last_call()
    stale = world.table.request(record.request_id)
    assert world.run(create_account, record).creation == "IN_PROGRESS"
    monkeypatch.setattr(world.table, "request", lambda _: stale)
    assert world.run(create_account, record).creation == "UNKNOWN"
    assert calls_of_create_account(world, since) == 1
