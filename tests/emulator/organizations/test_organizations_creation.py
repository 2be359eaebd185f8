"""CreateAccount: asynchronous, with every outcome of the documentation."""

from __future__ import annotations

import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from avm_emulator.context import Emulator
from avm_emulator.organizations import plan_failure
from avm_emulator.organizations.creation import FAILURE_REASONS
from tests.emulator.organizations.conftest import EventsOf, Refused, World


def test_a_creation_is_in_progress_first_and_shows_neither_account_nor_email(world: World) -> None:
    creation = world.start("one")
    assert set(creation) == {"Id", "AccountName", "State", "RequestedTimestamp"}
    assert creation["State"] == "IN_PROGRESS"
    assert re.fullmatch(r"car-[a-z0-9]{32}", creation["Id"])
    assert world.status(creation) == creation
    assert [account["Name"] for account in world.client.list_accounts()["Accounts"]] == ["management"]


def test_a_creation_takes_its_latency_and_not_less(world: World) -> None:
    world.emulator.latencies.change({"organizations:CreateAccount": 100})
    creation = world.start()
    world.pass_time(99)
    assert world.status(creation)["State"] == "IN_PROGRESS"
    world.pass_time(2)
    done = world.status(creation)
    assert done["State"] == "SUCCEEDED"
    assert done["CompletedTimestamp"] - done["RequestedTimestamp"] == timedelta(seconds=100)
    world.emulator.latencies.change({"organizations:CreateAccount": 30})


def test_a_new_account_is_pending_activation_and_then_active(world: World) -> None:
    creation = world.start()
    world.pass_time(30)
    account_id = world.status(creation)["AccountId"]
    account = world.describe(account_id)
    assert (account["State"], account["Status"]) == ("PENDING_ACTIVATION", "ACTIVE")
    world.pass_time(60)
    account = world.describe(account_id)
    assert (account["State"], account["Status"]) == ("ACTIVE", "ACTIVE")


def test_a_new_account_stands_under_the_root_with_its_name_email_and_tags(world: World) -> None:
    account_id = world.account("one", Tags=[{"Key": "avm:request-id", "Value": "R1"}])
    account = world.describe(account_id)
    organization_id = world.client.describe_organization()["Organization"]["Id"]
    assert account["Arn"] == f"arn:aws:organizations::123456789012:account/{organization_id}/{account_id}"
    assert account["Paths"] == [f"{organization_id}/{world.root_id}/{account_id}/"]
    assert (account["Name"], account["Email"], account["JoinedMethod"]) == ("one", "one@example.com", "CREATED")
    assert world.client.list_parents(ChildId=account_id)["Parents"] == [{"Id": world.root_id, "Type": "ROOT"}]
    assert world.client.list_tags_for_resource(ResourceId=account_id)["Tags"] == [
        {"Key": "avm:request-id", "Value": "R1"}
    ]


def test_a_new_account_has_the_policies_that_aws_puts_on_every_account(world: World) -> None:
    world.client.enable_policy_type(RootId=world.root_id, PolicyType="RESOURCE_CONTROL_POLICY")
    account_id = world.account()
    for kind, name in (
        ("SERVICE_CONTROL_POLICY", "FullAWSAccess"),
        ("RESOURCE_CONTROL_POLICY", "RCPFullAWSAccess"),
    ):
        policies = world.client.list_policies_for_target(TargetId=account_id, Filter=kind)["Policies"]
        assert [(policy["Name"], policy["AwsManaged"]) for policy in policies] == [(name, True)]


@pytest.mark.parametrize("more", [{}, {"RoleName": "OurOwnRole"}])
def test_the_access_role_of_a_new_account_is_an_administrator_and_trusts_the_management_account(
    world: World, more: dict[str, Any]
) -> None:
    account_id = world.account("one", **more)
    name = more.get("RoleName", "OrganizationAccountAccessRole")
    iam = world.emulator.clients.client("iam", role_arn=f"arn:aws:iam::{account_id}:role/{name}")
    role = iam.get_role(RoleName=name)["Role"]
    assert role["Arn"] == f"arn:aws:iam::{account_id}:role/{name}"
    statement = role["AssumeRolePolicyDocument"]["Statement"][0]
    assert statement["Principal"] == {"AWS": "arn:aws:iam::123456789012:root"}
    attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    assert attached == [
        {"PolicyName": "AdministratorAccess", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}
    ]


def test_a_new_account_has_the_service_linked_role_of_organizations(world: World) -> None:
    account_id = world.account()
    iam = world.as_member(account_id, "iam")
    role = iam.get_role(RoleName="AWSServiceRoleForOrganizations")["Role"]
    assert role["Path"] == "/aws-service-role/organizations.amazonaws.com/"


def failure_of(world: World, name: str = "two", **more: Any) -> str | None:
    creation = world.start(name, **more)
    world.pass_time()
    status = world.status(creation)
    assert status["State"] == ("FAILED" if "FailureReason" in status else "SUCCEEDED")
    assert ("AccountId" in status) == (status["State"] == "SUCCEEDED")
    return status.get("FailureReason")


@pytest.mark.parametrize("email", ["one@example.com", "ONE@Example.com", "management@example.com"])
def test_an_email_of_an_account_of_the_organization_fails_the_creation(world: World, email: str) -> None:
    world.account("one")
    assert failure_of(world, Email=email) == "EMAIL_ALREADY_EXISTS"


def test_an_email_of_a_closed_account_stays_taken(world: World) -> None:
    world.client.close_account(AccountId=world.account("one"))
    world.pass_time(600)
    assert failure_of(world, Email="one@example.com") == "EMAIL_ALREADY_EXISTS"


def test_an_email_of_an_account_outside_the_organization_fails_the_creation(world: World) -> None:
    world.organization.foreign_emails.add("elsewhere@example.com")
    assert failure_of(world, Email="Elsewhere@example.com") == "EMAIL_ALREADY_EXISTS"


def test_of_two_creations_with_one_email_at_once_only_the_first_succeeds(world: World) -> None:
    first, second = world.start("one"), world.start("other", Email="One@example.com")
    world.pass_time()
    assert world.status(first)["State"] == "SUCCEEDED"
    assert world.status(second)["FailureReason"] == "CONCURRENT_ACCOUNT_MODIFICATION"


def test_of_many_creations_with_one_email_in_the_same_moment_exactly_one_succeeds(world: World) -> None:
    with ThreadPoolExecutor(8) as pool:
        creations = list(pool.map(lambda number: world.start(f"n{number}", Email="same@example.com"), range(5)))
    world.pass_time()
    outcomes = Counter(world.status(creation).get("FailureReason") for creation in creations)
    assert outcomes == {None: 1, "CONCURRENT_ACCOUNT_MODIFICATION": 4}


def test_five_creations_can_be_in_progress(world: World, refused: Refused) -> None:
    first = [world.start(f"n{number}") for number in range(5)]
    assert refused(world.start) == ("ConstraintViolationException", "ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED")
    world.pass_time()
    assert {world.status(creation)["State"] for creation in first} == {"SUCCEEDED"}
    assert failure_of(world) is None


def test_a_new_organization_may_have_to_be_finalized_first(world: World, refused: Refused) -> None:
    world.emulator.latencies.change({"organizations:FinalizeOrganization": 3600})
    assert refused(world.start) == ("FinalizingOrganizationException", None)
    world.pass_time(3600)
    assert failure_of(world) is None
    world.emulator.latencies.change({"organizations:FinalizeOrganization": 0})


def test_beyond_the_quota_creations_fail_and_closed_accounts_count(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world.emulator, "accounts_quota", 2)
    account_id = world.account("one")
    assert failure_of(world) == "ACCOUNT_LIMIT_EXCEEDED"
    world.client.close_account(AccountId=account_id)
    world.pass_time(600)
    assert failure_of(world) == "ACCOUNT_LIMIT_EXCEEDED"


@pytest.mark.parametrize("reason", FAILURE_REASONS)
def test_every_failure_reason_can_be_had_on_demand(world: World, reason: str) -> None:
    plan_failure(world.organization, reason)
    assert failure_of(world, "one") == reason
    assert failure_of(world, "one") is None


def test_a_failure_reason_that_aws_does_not_know_cannot_be_planned(world: World) -> None:
    with pytest.raises(ValueError, match="BAD_LUCK is no CreateAccountFailureReason; known are ACCOUNT_LIMIT"):
        plan_failure(world.organization, "BAD_LUCK")


def test_an_unknown_creation_has_its_own_error(world: World, refused: Refused) -> None:
    unknown = refused(world.client.describe_create_account_status, CreateAccountRequestId="car-" + "a" * 32)
    assert unknown == ("CreateAccountStatusNotFoundException", None)


def test_creations_are_listed_by_state(world: World) -> None:
    plan_failure(world.organization, "INTERNAL_FAILURE")
    failed, succeeded = world.start("one"), world.start("two")
    world.pass_time()
    in_progress = world.start("three")

    def listed(*states: str) -> list[str]:
        arguments = {"States": list(states)} if states else {}
        return [s["Id"] for s in world.client.list_create_account_status(**arguments)["CreateAccountStatuses"]]

    assert listed() == [failed["Id"], succeeded["Id"], in_progress["Id"]]
    assert listed("FAILED") == [failed["Id"]]
    assert listed("IN_PROGRESS", "SUCCEEDED") == [succeeded["Id"], in_progress["Id"]]


def test_a_state_that_does_not_exist_is_refused(world: World, refused: Refused) -> None:
    assert refused(world.client.list_create_account_status, States=["DONE"]) == (
        "InvalidInputException",
        "INVALID_ENUM",
    )


def test_the_list_of_creations_is_filtered_after_cutting_so_that_a_page_can_be_empty(world: World) -> None:
    for number in range(2):
        world.account(f"done-{number}")
    wanted = world.start("last")
    pages = world.client.get_paginator("list_create_account_status").paginate(
        States=["IN_PROGRESS"], PaginationConfig={"PageSize": 2}
    )
    found = [[status["Id"] for status in page["CreateAccountStatuses"]] for page in pages]
    assert found == [[], [wanted["Id"]]]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"MaxResults": 21}, "MAX_VALUE_EXCEEDED"),
        ({"NextToken": "bm90IG91cnM="}, "INVALID_NEXT_TOKEN"),
        ({"NextToken": "?"}, "INVALID_NEXT_TOKEN"),
    ],
)
def test_a_page_that_cannot_be_is_refused(
    world: World, refused: Refused, arguments: dict[str, Any], reason: str
) -> None:
    assert refused(world.client.list_create_account_status, **arguments) == ("InvalidInputException", reason)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"Email": "a" * 53 + "@example.com"}, "MAX_LENGTH_EXCEEDED"),
        ({"Email": "two words@example.com"}, "INVALID_PATTERN"),
        ({"Email": ".dot@example.com"}, "INVALID_PATTERN"),
        ({"Email": "percent%@example.com"}, "INVALID_PATTERN"),
        ({"Email": "müller@example.com"}, "INVALID_PATTERN"),
        ({"Email": "two@at@example.com"}, "INVALID_PATTERN"),
        ({"Email": "one@examplecom"}, "INVALID_PATTERN"),
        ({"Email": "one@-example.com"}, "INVALID_PATTERN"),
        ({"Email": "one@example.com."}, "INVALID_PATTERN"),
        ({"AccountName": "n" * 51}, "MAX_LENGTH_EXCEEDED"),
        ({"AccountName": "Zoë"}, "INVALID_PATTERN"),
        ({"AccountName": "<script>alert(1)"}, "INVALID_PATTERN"),
        ({"RoleName": "AWSServiceRoleForMe"}, "INVALID_ROLE_NAME"),
        ({"RoleName": "with space"}, "INVALID_ROLE_NAME"),
        ({"RoleName": "r" * 65}, "INVALID_ROLE_NAME"),
        ({"IamUserAccessToBilling": "MAYBE"}, "INVALID_ENUM"),
        ({"Tags": [{"Key": "aws:mine", "Value": ""}]}, "INVALID_SYSTEM_TAGS_PARAMETER"),
        ({"Tags": [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]}, "DUPLICATE_TAG_KEY"),
        ({"Tags": [{"Key": "k" * 129, "Value": ""}]}, "MAX_LENGTH_EXCEEDED"),
    ],
)
def test_input_that_aws_refuses_is_refused_before_anything_is_created(
    world: World, refused: Refused, arguments: dict[str, Any], reason: str
) -> None:
    assert refused(world.start, **arguments) == ("InvalidInputException", reason)
    assert world.client.list_create_account_status()["CreateAccountStatuses"] == []


def test_more_than_fifty_tags_fail_the_whole_request(world: World, refused: Refused) -> None:
    tags = [{"Key": f"k{number}", "Value": ""} for number in range(51)]
    assert refused(world.start, Tags=tags) == ("ConstraintViolationException", "MAX_TAG_LIMIT_EXCEEDED")


@pytest.mark.parametrize("name", ["a", "plus+tag", "under_score", "it=is", "!#$*/?^`{}~"])
def test_emails_that_aws_takes_are_taken(world: World, name: str) -> None:
    assert failure_of(world, Email=f"{name}@sub.example-1.com") is None


def test_without_an_organization_nobody_creates_accounts(empty: Emulator, refused: Refused) -> None:
    client = empty.clients.client("organizations")
    assert refused(client.create_account, AccountName="one", Email="one@example.com") == (
        "AWSOrganizationsNotInUseException",
        None,
    )


def test_the_event_of_a_creation_comes_to_the_management_account_in_us_east_1(
    world: World, events_of: EventsOf
) -> None:
    with events_of(world.emulator) as received:
        plan_failure(world.organization, "INTERNAL_FAILURE")
        failed, succeeded = world.start("one"), world.start("two")
        world.pass_time()
    statuses = {
        event["detail"]["serviceEventDetails"]["createAccountStatus"]["id"]: event
        for event in received
        if event["detail"]["eventName"] == "CreateAccountResult"
    }
    assert set(statuses) == {failed["Id"], succeeded["Id"]}
    event = statuses[succeeded["Id"]]
    assert (event["source"], event["detail-type"]) == ("aws.organizations", "AWS Service Event via CloudTrail")
    assert (event["detail"]["recipientAccountId"], event["detail"]["awsRegion"]) == ("123456789012", "us-east-1")
    status = event["detail"]["serviceEventDetails"]["createAccountStatus"]
    assert (status["state"], status["accountId"]) == ("SUCCEEDED", world.status(succeeded)["AccountId"])
    assert re.fullmatch(r"[A-Z][a-z]{2} \d{1,2}, \d{4} \d{1,2}:\d{2}:\d{2} [AP]M", status["completedTimestamp"])
    status = statuses[failed["Id"]]["detail"]["serviceEventDetails"]["createAccountStatus"]
    assert (status["state"], status["failureReason"]) == ("FAILED", "INTERNAL_FAILURE")
    assert "accountId" not in status


def test_an_account_that_joins_has_an_event_of_its_own(world: World, events_of: EventsOf) -> None:
    with events_of(world.emulator) as received:
        account_id = world.account()
    joined = [e["detail"] for e in received if e["detail"]["eventName"] == "AccountJoinedOrganization"]
    assert [detail["serviceEventDetails"]["accountId"] for detail in joined] == [account_id]
    assert joined[0]["serviceEventDetails"]["joinedMethod"] == "Created"
