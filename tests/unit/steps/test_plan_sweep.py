"""PlanSweep."""

from avm.steps.plan_sweep import BATCH
from tests.unit.steps.conftest import World
from tests.unit.steps.recorders import Published
from tests.unit.steps.sweeps import SWEEP, planned


def test_accounts_under_care_are_planned_in_batches_and_others_named(world: World) -> None:
    _, ready = world.cared_for()
    _, vending = world.created()
    closed_record, closed = world.cared_for()
    world.emulator.clients.client("organizations").close_account(AccountId=closed)
    account = world.table.account(ready)
    assert account is not None
    world.table.put_account(account.model_copy(update={"account_id": "999999999999"}))
    output = planned(world)
    plan = world.gateways.reports.sweep_plan(SWEEP)
    assert [[each.account_id for each in batch] for batch in plan.batches] == [[ready]]
    assert (output.batches, output.key) == (1, f"sweeps/{SWEEP}/plan.json")
    assert plan.left_out[vending] == "it is VENDING"
    assert plan.left_out[closed].startswith("AWS shows it as ")
    assert "no account of the organization" in plan.left_out["999999999999"]
    assert world.emulator.management_account_id not in plan.unmanaged
    assert not {ready, vending, closed} & set(plan.unmanaged)
    assert closed_record.request_id


def test_an_account_that_nobody_has_asked_for_here_is_unmanaged(world: World) -> None:
    account_id = world.by_hand()
    planned(world)
    plan = world.gateways.reports.sweep_plan(SWEEP)
    assert account_id in plan.unmanaged
    assert plan.batches == ()


def test_a_batch_is_what_a_function_can_look_at(world: World) -> None:
    record, account_id = world.cared_for()
    account = world.table.account(account_id)
    assert account is not None
    others = [each.id for each in world.organizations.accounts() if each.state == "ACTIVE"]
    for other in others:
        world.table.put_account(account.model_copy(update={"account_id": other}))
    planned(world)
    batches = world.gateways.reports.sweep_plan(SWEEP).batches
    assert sum(map(len, batches)) == len({*others, account_id})
    assert max(map(len, batches)) <= BATCH
    assert {each.request_id for batch in batches for each in batch} == {record.request_id}


def test_who_has_left_is_told_and_who_has_come_back_is_looked_at_again(world: World, published: Published) -> None:
    _, back = world.cared_for()
    account = world.table.account(back)
    assert account is not None
    world.table.put_account(account.model_copy(update={"status": "DEPARTED"}))
    world.table.put_account(account.model_copy(update={"account_id": "999999999998"}))
    published.events.clear()
    for _ in range(2):  # the function was killed, or a second sweep
        planned(world)
        plan = world.gateways.reports.sweep_plan(SWEEP)
        assert back in {each.account_id for batch in plan.batches for each in batch}
        assert "no account of the organization" in plan.left_out["999999999998"]
        found = [world.table.account(each) for each in (back, "999999999998")]
        assert [each.status for each in found if each] == ["READY", "DEPARTED"]
    assert sorted(published.types()) == ["AccountDeparted", "AccountJoined"]
