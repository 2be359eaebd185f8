"""QuarantineAccount."""

import pytest

from avm.domain.errors import FoundationBehind
from avm.steps import quarantine_account
from tests.unit.steps.conftest import World


def test_the_account_is_held_while_it_stands_under_the_root(world: World) -> None:
    record, account_id = world.created()
    world.run(quarantine_account, record, account_id=account_id)
    assert world.catalog.quarantine.aws_name in world.organizations.attached_scps(account_id)
    assert world.organizations.parent_id(account_id) == world.organizations.root_id()


def test_a_second_run_makes_no_mutating_call(world: World) -> None:
    record, account_id = world.created()
    world.run(quarantine_account, record, account_id=account_id)
    since = world.last_call()
    world.run(quarantine_account, record, account_id=account_id)
    assert world.mutating_calls(since) == []


def test_an_account_that_was_released_is_never_held_again(world: World) -> None:
    record, account_id = world.created()
    world.organizations.tag(account_id, {"avm:released-at": world.now()})
    world.run(quarantine_account, record, account_id=account_id)
    assert world.catalog.quarantine.aws_name not in world.organizations.attached_scps(account_id)


def test_without_its_scp_the_foundation_is_behind(world: World) -> None:
    record, account_id = world.created()
    quarantine = world.catalog.quarantine
    tomorrows = quarantine.model_copy()
    tomorrows.__dict__["aws_name"] = "avm-quarantine-00000000"  # a changed document has another hash, so another name
    world.gateways.catalog = world.catalog.model_copy(
        update={"scps": {**world.catalog.scps, quarantine.name: tomorrows}}
    )
    with pytest.raises(FoundationBehind, match="avm-quarantine-00000000"):
        world.run(quarantine_account, record, account_id=account_id)
