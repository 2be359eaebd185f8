"""The identity portal: what a signed-in user finds there and can do with it."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
import requests

from tests.emulator.identity_center.conftest import Center, Refused
from tests.emulator.outsiders import ONCE, client_with

USER = "jane.doe@example.com"


def ask(center: Center, body: dict[str, Any]) -> requests.Response:
    return requests.post(f"{center.emulator.endpoint_url}/_emulator/credentials", json=body, timeout=30)


def sign_in(center: Center) -> str:
    """Return the access token of the user."""
    return str(ask(center, {"user": USER}).json()["accessToken"])


@pytest.fixture
def portal(center: Center) -> Any:
    """A client without credentials, as the portal's are."""
    return boto3.client("sso", region_name="eu-west-1", endpoint_url=center.emulator.endpoint_url, config=ONCE)


def account_ids(portal: Any, token: str) -> list[str]:
    return [account["accountId"] for account in portal.list_accounts(accessToken=token)["accountList"]]


def role_names(portal: Any, token: str, account_id: str) -> list[str]:
    roles = portal.list_account_roles(accessToken=token, accountId=account_id)["roleList"]
    assert {role["accountId"] for role in roles} == {account_id}
    return [role["roleName"] for role in roles]


def test_a_user_signs_in_and_gets_a_token(center: Center) -> None:
    answer = ask(center, {"user": USER})
    assert answer.status_code == 200
    assert answer.json().keys() == {"accessToken", "tokenType", "expiresIn"}
    assert (answer.json()["tokenType"], answer.json()["expiresIn"]) == ("Bearer", 8 * 3600)
    unknown = ask(center, {"user": "nobody@example.com"})
    assert (unknown.status_code, unknown.json()["error"]) == (404, "Identity Center has no user nobody@example.com")
    assert ask(center, {"user": USER, "principal": "root"}).status_code == 400


def test_a_user_finds_his_own_assignments_and_those_of_his_groups(center: Center, portal: Any) -> None:
    center.assign(center.permission_set(), PrincipalType="USER", PrincipalId=center.user_id)
    audit = center.permission_set("Audit")
    center.assign(audit)
    center.assign(audit, TargetId="123456789012")
    center.permission_set("Unassigned")
    token = sign_in(center)
    assert account_ids(portal, token) == [center.account_id]
    assert role_names(portal, token, center.account_id) == ["DeveloperAccess"]
    center.join()
    accounts = portal.list_accounts(accessToken=token)["accountList"]
    assert accounts[0] == {"accountId": center.account_id, "accountName": "one", "emailAddress": "one@example.com"}
    assert [account["accountId"] for account in accounts] == [center.account_id, "123456789012"]
    assert role_names(portal, token, center.account_id) == ["DeveloperAccess", "Audit"]
    assert role_names(portal, token, "123456789012") == ["Audit"]


def test_a_role_is_listed_once_whoever_of_him_and_his_groups_has_it(center: Center, portal: Any) -> None:
    arn = center.permission_set()
    center.assign(arn)
    center.assign(arn, PrincipalType="USER", PrincipalId=center.user_id)
    center.join()
    assert role_names(portal, sign_in(center), center.account_id) == ["DeveloperAccess"]


def test_the_lists_have_pages(center: Center, portal: Any, refused: Refused) -> None:
    for name in ("A", "B", "C"):
        center.assign(center.permission_set(name), PrincipalType="USER", PrincipalId=center.user_id)
    token = sign_in(center)
    arguments = {"accessToken": token, "accountId": center.account_id}
    pages = portal.get_paginator("list_account_roles").paginate(**arguments, PaginationConfig={"PageSize": 2})
    assert [[role["roleName"] for role in page["roleList"]] for page in pages] == [["A", "B"], ["C"]]
    wrong = refused(portal.list_account_roles, **arguments, nextToken="none that was given")
    assert wrong == "InvalidRequestException"


def test_the_credentials_of_a_role_are_a_session_of_the_user_in_the_account(center: Center, portal: Any) -> None:
    center.assign(center.permission_set(SessionDuration="PT2H"), PrincipalType="USER", PrincipalId=center.user_id)
    (role,) = center.roles()
    given = portal.get_role_credentials(
        accessToken=sign_in(center), accountId=center.account_id, roleName="DeveloperAccess"
    )["roleCredentials"]
    assert given["expiration"] / 1000 == pytest.approx(time.time() + 2 * 3600, abs=60)
    credentials = {
        "AccessKeyId": given["accessKeyId"],
        "SecretAccessKey": given["secretAccessKey"],
        "SessionToken": given["sessionToken"],
    }
    identity = client_with(center.emulator, "sts", credentials).get_caller_identity()
    assert identity["Account"] == center.account_id
    assert identity["Arn"] == f"arn:aws:sts::{center.account_id}:assumed-role/{role['RoleName']}/{USER}"
    created = client_with(center.emulator, "sqs", credentials).create_queue(QueueName="of-jane")["QueueUrl"]
    assert f"/{center.account_id}/" in created


def test_sessions_last_as_long_as_the_permission_set_said_when_it_was_provisioned(center: Center, portal: Any) -> None:
    arn = center.permission_set(SessionDuration="PT2H")
    center.assign(arn, PrincipalType="USER", PrincipalId=center.user_id)
    token, target = sign_in(center), {"InstanceArn": center.arn, "PermissionSetArn": arn}

    def hours() -> float:
        given = portal.get_role_credentials(accessToken=token, accountId=center.account_id, roleName="DeveloperAccess")[
            "roleCredentials"
        ]
        return round(float(given["expiration"] / 1000 - time.time()) / 3600, 1)

    center.admin.update_permission_set(**target, SessionDuration="PT4H")
    assert hours() == 2
    center.admin.provision_permission_set(**target, TargetType="ALL_PROVISIONED_ACCOUNTS")
    center.pass_time()
    assert hours() == 4


def test_nobody_gets_credentials_of_what_he_does_not_have(center: Center, portal: Any) -> None:
    arn = center.permission_set()
    center.assign(arn)
    token = sign_in(center)

    def refusal(operation: Any, **arguments: str) -> tuple[str, int]:
        with pytest.raises(portal.exceptions.ClientError) as caught:
            operation(accessToken=token, accountId=center.account_id, **arguments)
        response = caught.value.response
        return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]

    assert refusal(portal.get_role_credentials, roleName="DeveloperAccess") == ("ForbiddenException", 403)
    assert refusal(portal.list_account_roles) == ("ForbiddenException", 403)
    center.join()
    portal.get_role_credentials(accessToken=token, accountId=center.account_id, roleName="DeveloperAccess")
    assert refusal(portal.get_role_credentials, roleName="Audit") == ("ForbiddenException", 403)
    center.unassign(arn)
    assert refusal(portal.get_role_credentials, roleName="DeveloperAccess") == ("ForbiddenException", 403)
    assert account_ids(portal, token) == []


def test_a_closed_account_is_not_shown(center: Center, portal: Any) -> None:
    center.assign(center.permission_set(), PrincipalType="USER", PrincipalId=center.user_id)
    token = sign_in(center)
    assert account_ids(portal, token) == [center.account_id]
    center.emulator.clients.client("organizations").close_account(AccountId=center.account_id)
    assert account_ids(portal, token) == []


def test_after_logout_and_for_strangers_a_token_is_worth_nothing(center: Center, portal: Any) -> None:
    token = sign_in(center)
    assert account_ids(portal, token) == []
    portal.logout(accessToken=token)
    for worthless in (token, "made up"):
        with pytest.raises(portal.exceptions.UnauthorizedException) as refusal:
            portal.list_accounts(accessToken=worthless)
        assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == 401


def test_a_token_ends_after_eight_hours_of_real_time_and_with_its_user(
    center: Center, portal: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, other = sign_in(center), sign_in(center)
    center.pass_time(9 * 3600)
    account_ids(portal, token)
    then = time.time() + 8 * 3600 + 1
    with monkeypatch.context() as later:
        later.setattr("avm_emulator.identity_center.portal.time", SimpleNamespace(time=lambda: then))
        with pytest.raises(portal.exceptions.UnauthorizedException):
            portal.list_accounts(accessToken=token)
    center.store.delete_user(IdentityStoreId=center.instance["IdentityStoreId"], UserId=center.user_id)
    with pytest.raises(portal.exceptions.UnauthorizedException):
        portal.list_accounts(accessToken=other)


def test_credentials_of_a_permission_set_exist_where_it_is_provisioned(center: Center) -> None:
    body = {"account_id": center.account_id, "principal": "DeveloperAccess"}
    arn = center.permission_set()
    refused = ask(center, body)
    assert refused.status_code == 404
    assert f"DeveloperAccess is not provisioned in account {center.account_id}" in refused.json()["error"]
    center.assign(arn)
    (role,) = center.roles()
    identity = client_with(center.emulator, "sts", ask(center, body).json()).get_caller_identity()
    assert identity["Arn"] == f"arn:aws:sts::{center.account_id}:assumed-role/{role['RoleName']}/avm-local"
    center.unassign(arn)
    assert ask(center, body).status_code == 404
