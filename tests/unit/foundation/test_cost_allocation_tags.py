"""Cost allocation tags, on the emulator's organization."""

from typing import Any

import pytest

from avm.domain.account import COST_TAGS
from avm.domain.errors import NotYetVisible
from avm.foundation.cost_allocation_tags import CostAllocationTags
from avm.steps.foundation_step import look_at
from tests.unit.foundation.conftest import Ground

NAME = "cost-allocation-tags"
A_DAY = 86_400


@pytest.fixture
def billing(ground: Ground) -> Any:
    return ground.emulator.clients.client("ce")


def use(ground: Ground, *keys: str) -> None:
    tags = [{"Key": key, "Value": "x"} for key in keys]
    ground.organizations.tag_resource(ResourceId=ground.emulator.management_account_id, Tags=tags)


def test_keys_that_billing_does_not_know_are_waited_for_and_nobody_waits_with_them(ground: Ground) -> None:
    seen = look_at(CostAllocationTags(), ground.target(), ground.reach)
    assert (seen.status, seen.look.steps, len(seen.look.waits_for)) == ("pending", (), len(COST_TAGS))
    assert seen.failure() is None
    with pytest.raises(NotYetVisible, match="owner: TagKeysNotFound"):
        ground.reach.cost_allocation.activate(["owner"])


def test_they_are_switched_on_once_billing_knows_them(ground: Ground) -> None:
    use(ground, *COST_TAGS, "theirs")
    ground.emulator.clock.advance(A_DAY)
    since = ground.last_call()
    (step,) = ground.look(NAME).steps
    assert step.subject == "cost allocation by avm:type, cost-center, owner"
    assert look_at(CostAllocationTags(), ground.target(), ground.reach).failure() is not None
    assert ground.mutating_calls(since) == []
    ground.apply(NAME)
    since = ground.last_call()
    assert (ground.status(NAME), ground.apply(NAME), ground.mutating_calls(since)) == ("compliant", [], [])


def test_one_that_is_switched_off_is_found_and_mended_and_others_are_left_alone(ground: Ground, billing: Any) -> None:
    statuses = [{"TagKey": "owner", "Status": "Inactive"}, {"TagKey": "theirs", "Status": "Active"}]
    billing.update_cost_allocation_tags_status(CostAllocationTagsStatus=statuses)
    found = ground.look(NAME)
    assert ([step.subject for step in found.steps], found.left_alone) == (
        ["cost allocation by owner"],
        ("cost allocation by theirs",),
    )
    ground.apply(NAME)
    assert ground.status(NAME) == "compliant"
    tags = billing.list_cost_allocation_tags(TagKeys=["theirs"])["CostAllocationTags"]
    assert [each["Status"] for each in tags] == ["Active"]


def test_all_pages_are_read(ground: Ground) -> None:
    for number in range(0, 110, 10):
        use(ground, *(f"more-{each}" for each in range(number, number + 10)))
        untag(ground, *(f"more-{each}" for each in range(number, number + 10)))
    ground.emulator.clock.advance(A_DAY)
    assert len([key for key in ground.reach.cost_allocation.tags() if key.startswith("more-")]) == 110


def untag(ground: Ground, *keys: str) -> None:
    ground.organizations.untag_resource(ResourceId=ground.emulator.management_account_id, TagKeys=list(keys))
