"""Accounts after their creation: read, moved, closed, gone."""

from __future__ import annotations

import pytest

from avm_emulator.organizations import accounts
from tests.emulator.organizations.conftest import EventsOf, Refused, World

DAY = 86400


def test_accounts_are_listed_twenty_to_a_page(world: World) -> None:
    for number in range(21):
        if number % 5 == 0:
            world.pass_time()  # five can be in progress
        world.start(f"n{number}")
    world.pass_time()
    pages = [
        [account["Name"] for account in page["Accounts"]]
        for page in world.client.get_paginator("list_accounts").paginate()
    ]
    assert [len(page) for page in pages] == [20, 2]
    assert {name for page in pages for name in page} == {"management", *(f"n{number}" for number in range(21))}


def test_more_than_twenty_accounts_a_page_are_refused(world: World, refused: Refused) -> None:
    assert refused(world.client.list_accounts, MaxResults=21) == ("InvalidInputException", "MAX_VALUE_EXCEEDED")


@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1"])
def test_every_region_shows_the_same_organization(world: World, region: str) -> None:
    account_id = world.account()
    elsewhere = world.emulator.clients.client("organizations", region)
    assert account_id in [account["Id"] for account in elsewhere.list_accounts()["Accounts"]]


def test_a_moved_account_is_in_its_new_place_only(world: World) -> None:
    account_id, unit_id = world.account(), world.unit("Dev")
    world.client.move_account(AccountId=account_id, SourceParentId=world.root_id, DestinationParentId=unit_id)
    assert world.client.list_parents(ChildId=account_id)["Parents"] == [{"Id": unit_id, "Type": "ORGANIZATIONAL_UNIT"}]
    organization_id = world.client.describe_organization()["Organization"]["Id"]
    assert world.describe(account_id)["Paths"] == [f"{organization_id}/{world.root_id}/{unit_id}/{account_id}/"]

    def accounts_of(parent_id: str) -> list[str]:
        return [account["Id"] for account in world.client.list_accounts_for_parent(ParentId=parent_id)["Accounts"]]

    assert accounts_of(unit_id) == [account_id]
    assert accounts_of(world.root_id) == ["123456789012"]


def test_a_move_to_where_the_account_is_already_is_a_duplicate(world: World, refused: Refused) -> None:
    account_id = world.account()
    arguments = {"AccountId": account_id, "SourceParentId": world.root_id, "DestinationParentId": world.root_id}
    assert refused(world.client.move_account, **arguments)[0] == "DuplicateAccountException"


def test_a_repeated_move_is_a_duplicate_although_its_source_is_stale(world: World, refused: Refused) -> None:
    account_id, unit_id = world.account(), world.unit("Dev")
    arguments = {"AccountId": account_id, "SourceParentId": world.root_id, "DestinationParentId": unit_id}
    world.client.move_account(**arguments)
    assert refused(world.client.move_account, **arguments)[0] == "DuplicateAccountException"


def test_a_move_names_what_it_does_not_find(world: World, refused: Refused) -> None:
    account_id, dev, test = world.account(), world.unit("Dev"), world.unit("Test")
    nowhere = f"ou-{world.root_id[2:]}-00000000"

    def error(account: str, source: str, destination: str) -> str:
        arguments = {"AccountId": account, "SourceParentId": source, "DestinationParentId": destination}
        return refused(world.client.move_account, **arguments)[0]

    assert error("000000000000", world.root_id, dev) == "AccountNotFoundException"
    assert error(account_id, world.root_id, nowhere) == "DestinationParentNotFoundException"
    assert error(account_id, nowhere, dev) == "SourceParentNotFoundException"
    assert error(account_id, test, dev) == "SourceParentNotFoundException"  # there is such an OU; it does not hold it
    assert error(account_id, "root", dev) == "InvalidInputException"


def test_an_unknown_account_is_not_found_and_an_impossible_one_is_invalid(world: World, refused: Refused) -> None:
    assert refused(world.client.describe_account, AccountId="000000000000")[0] == "AccountNotFoundException"
    assert refused(world.client.describe_account, AccountId="12")[0] == "InvalidInputException"


def test_an_account_is_closed_in_the_background_and_keeps_its_place(
    world: World, refused: Refused, events_of: EventsOf
) -> None:
    account_id = world.account()
    with events_of(world.emulator) as received:
        world.client.close_account(AccountId=account_id)
        account = world.describe(account_id)
        assert (account["State"], account["Status"]) == ("PENDING_CLOSURE", "PENDING_CLOSURE")
        assert refused(world.client.close_account, AccountId=account_id)[0] == "ConflictException"
        world.pass_time(600)
    account = world.describe(account_id)
    assert (account["State"], account["Status"]) == ("CLOSED", "SUSPENDED")
    assert refused(world.client.close_account, AccountId=account_id)[0] == "AccountAlreadyClosedException"
    results = [e["detail"]["serviceEventDetails"] for e in received if e["detail"]["eventName"] == "CloseAccountResult"]
    assert [(r["closeAccountStatus"]["accountId"], r["closeAccountStatus"]["state"]) for r in results] == [
        (account_id, "SUCCEEDED")
    ]


def test_a_closed_account_is_gone_after_ninety_days(world: World, events_of: EventsOf) -> None:
    account_id = world.account()
    world.client.close_account(AccountId=account_id)
    world.pass_time(600)
    with events_of(world.emulator) as received:
        world.pass_time(91 * DAY)
    assert [account["Name"] for account in world.client.list_accounts()["Accounts"]] == ["management"]
    departed = [event["detail"] for event in received]
    assert [detail["eventName"] for detail in departed] == ["AccountDepartedOrganization"]
    assert departed[0]["serviceEventDetails"]["departureMethod"] == "CLEANED"


def test_three_closures_can_be_in_progress(world: World, refused: Refused) -> None:
    *closing, last = [world.account(f"n{number}") for number in range(4)]
    for account_id in closing:
        world.client.close_account(AccountId=account_id)
    error = refused(world.client.close_account, AccountId=last)
    assert error == ("ConstraintViolationException", "CLOSE_ACCOUNT_REQUESTS_LIMIT_EXCEEDED")
    world.pass_time(600)
    world.client.close_account(AccountId=last)


def test_closures_have_a_quota_of_thirty_days(world: World, refused: Refused, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "CLOSURES_AT_LEAST", 1)
    first, second = world.account("one"), world.account("two")
    world.client.close_account(AccountId=first)
    world.pass_time(29 * DAY)
    error = refused(world.client.close_account, AccountId=second)
    assert error == ("ConstraintViolationException", "CLOSE_ACCOUNT_QUOTA_EXCEEDED")
    world.pass_time(DAY)
    world.client.close_account(AccountId=second)


def test_the_management_account_cannot_be_closed(world: World, refused: Refused) -> None:
    closing = refused(world.client.close_account, AccountId="123456789012")
    assert closing == ("ConstraintViolationException", "CANNOT_CLOSE_MANAGEMENT_ACCOUNT")


def test_a_created_account_stays_four_days(world: World, refused: Refused, events_of: EventsOf) -> None:
    account_id = world.account()
    remove = world.client.remove_account_from_organization
    assert refused(remove, AccountId=account_id) == ("ConstraintViolationException", "WAIT_PERIOD_ACTIVE")
    world.pass_time(4 * DAY)
    with events_of(world.emulator) as received:
        remove(AccountId=account_id)
    assert received[0]["detail"]["serviceEventDetails"]["departureMethod"] == "REMOVED"
    assert refused(world.client.describe_account, AccountId=account_id)[0] == "AccountNotFoundException"


def test_a_member_can_leave_and_belongs_to_nothing_then(world: World, refused: Refused) -> None:
    account_id = world.account()
    member = world.as_member(account_id)
    assert refused(member.leave_organization) == ("ConstraintViolationException", "WAIT_PERIOD_ACTIVE")
    world.pass_time(4 * DAY)
    member.leave_organization()
    assert refused(member.describe_organization)[0] == "AWSOrganizationsNotInUseException"


def test_the_management_account_cannot_leave(world: World, refused: Refused) -> None:
    assert refused(world.client.leave_organization)[0] == "MasterCannotLeaveOrganizationException"


def test_tags_can_be_added_changed_and_removed(world: World, refused: Refused) -> None:
    account_id = world.account()
    world.client.tag_resource(ResourceId=account_id, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    world.client.tag_resource(ResourceId=account_id, Tags=[{"Key": "a", "Value": "3"}])
    world.client.untag_resource(ResourceId=account_id, TagKeys=["b", "never-there"])
    assert world.client.list_tags_for_resource(ResourceId=account_id)["Tags"] == [{"Key": "a", "Value": "3"}]
    more = [{"Key": f"k{number}", "Value": ""} for number in range(50)]
    assert refused(world.client.tag_resource, ResourceId=account_id, Tags=more)[1] == "MAX_TAG_LIMIT_EXCEEDED"
    assert refused(world.client.tag_resource, ResourceId="000000000000", Tags=[])[0] == "TargetNotFoundException"


def test_the_tags_of_ous_roots_and_policies_are_kept_apart(world: World) -> None:
    resources = [world.root_id, world.unit("Dev"), world.policy("avm-one")]
    for resource in resources:
        world.client.tag_resource(ResourceId=resource, Tags=[{"Key": "mine", "Value": resource}])
    for resource in resources:
        tags = world.client.list_tags_for_resource(ResourceId=resource)["Tags"]
        assert tags == [{"Key": "mine", "Value": resource}]
