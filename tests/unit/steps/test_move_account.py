"""MoveAccount."""

import pytest

from avm.domain.errors import FoundationBehind, UnexpectedParent
from avm.steps import move_account
from tests.unit.steps.conftest import World


@pytest.mark.parametrize(
    ("account_type", "ou"), [("sandbox", "Sandbox"), ("production", "Prod"), ("security", "Security")]
)
def test_the_account_comes_into_the_ou_of_its_type(world: World, account_type: str, ou: str) -> None:
    record, account_id = world.created(type=account_type)
    world.run(move_account, record, account_id=account_id)
    assert world.organizations.parent_id(account_id) == world.organizations.ou_id(ou)


def test_a_second_run_makes_no_mutating_call(world: World) -> None:
    record, account_id = world.created()
    world.run(move_account, record, account_id=account_id)
    since = world.last_call()
    world.run(move_account, record, account_id=account_id)
    assert world.mutating_calls(since) == []


def test_an_account_in_a_strange_ou_is_left_there(world: World) -> None:
    record, account_id = world.created()
    prod = world.organizations.ou_id("Prod")
    world.organizations.move_account(account_id, world.organizations.root_id(), prod)
    with pytest.raises(UnexpectedParent, match=prod):
        world.run(move_account, record, account_id=account_id)
    assert world.organizations.parent_id(account_id) == prod


def test_a_missing_ou_is_named(world: World) -> None:
    with pytest.raises(FoundationBehind, match="Castle"):
        world.organizations.ou_id("Castle")
