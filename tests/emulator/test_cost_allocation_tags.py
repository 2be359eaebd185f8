"""Cost allocation tags: known a day after a key is used first, switched by the account that pays."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from avm_emulator.context import Emulator
from avm_emulator.cost_explorer import FUNCTIONS
from avm_emulator.engine import Options
from tests.emulator.members import found, inside

DAY = 86400


@pytest.fixture(scope="module")
def options() -> Options:
    parts = ("managed_policies", "organizations", "cost_explorer")
    return Options(speed="max", prepare=False, deploy=False, parts=[f"avm_emulator.{part}" for part in parts])


@pytest.fixture(scope="module")
def member(emulator: Emulator) -> str:
    """Tag an account and resources of another one in several ways, a day ago."""
    account_id = found(emulator, "payments")["payments"]
    organizations = emulator.clients.client("organizations")
    organizations.tag_resource(ResourceId=account_id, Tags=[{"Key": "avm:owner", "Value": "team"}])
    inside(emulator, "sqs", account_id).create_queue(QueueName="tagged", tags={"avm:cost-center": "1"})
    specification = {"ResourceType": "vpc", "Tags": [{"Key": "stage", "Value": "test"}]}
    inside(emulator, "ec2", account_id).create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=[specification])
    emulator.clock.advance(DAY)
    return account_id


@pytest.fixture
def ce(emulator: Emulator, member: str) -> Any:
    assert member
    return emulator.clients.client("ce", "us-east-1")


def statuses(ce: Any, **filters: Any) -> dict[str, str]:
    return {tag["TagKey"]: tag["Status"] for tag in ce.list_cost_allocation_tags(**filters)["CostAllocationTags"]}


def switch(ce: Any, status: str, *keys: str) -> list[dict[str, str]]:
    entries = [{"TagKey": key, "Status": status} for key in keys]
    return list(ce.update_cost_allocation_tags_status(CostAllocationTagsStatus=entries)["Errors"])


def test_every_function_is_named_like_an_operation(ce: Any) -> None:
    assert [function.__name__ for function in FUNCTIONS if not hasattr(ce, function.__name__)] == []


def test_keys_on_accounts_and_resources_are_known_and_inactive(ce: Any) -> None:
    used = {"avm:owner", "avm:cost-center", "stage"}
    assert statuses(ce, Type="UserDefined") == dict.fromkeys(used, "Inactive")
    assert statuses(ce, Type="AWSGenerated") == {"aws:createdBy": "Inactive"}
    assert list(statuses(ce, MaxResults=1)) == ["avm:cost-center"]


def test_a_key_is_switched_and_one_that_is_so_already_stays_as_it_is(ce: Any) -> None:
    assert switch(ce, "Active", "stage") == []
    assert statuses(ce, Status="Active") == {"stage": "Active"}
    (before,) = ce.list_cost_allocation_tags(TagKeys=["stage"])["CostAllocationTags"]
    assert switch(ce, "Active", "stage") == []
    (after,) = ce.list_cost_allocation_tags(TagKeys=["stage"])["CostAllocationTags"]
    assert before == after
    assert after["LastUpdatedDate"].endswith("Z")
    assert switch(ce, "Inactive", "stage") == []
    assert statuses(ce, Status="Active") == {}


def test_an_unknown_key_is_among_the_errors_and_the_others_are_switched(ce: Any) -> None:
    (error,) = switch(ce, "Active", "avm:owner", "never-used")
    assert (error["TagKey"], error["Code"]) == ("never-used", "TagKeysNotFound")
    assert statuses(ce, Status="Active") == {"avm:owner": "Active"}


def test_a_key_is_known_a_day_after_its_first_use(emulator: Emulator, ce: Any, member: str) -> None:
    inside(emulator, "sqs", member).create_queue(QueueName="later", tags={"late": "1"})
    assert [error["TagKey"] for error in switch(ce, "Active", "late")] == ["late"]
    emulator.clock.advance(DAY)
    assert switch(ce, "Active", "late") == []


def test_twenty_at_once_and_only_by_who_pays(emulator: Emulator, ce: Any, member: str) -> None:
    with pytest.raises(ClientError, match="ValidationException"):
        switch(ce, "Active", *(f"key-{number}" for number in range(21)))
    linked = inside(emulator, "ce", member, "us-east-1")
    for call in (lambda: statuses(linked), lambda: switch(linked, "Active", "stage")):
        with pytest.raises(ClientError, match="AccessDeniedException"):
            call()
