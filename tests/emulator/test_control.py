from __future__ import annotations

from typing import Any

import boto3
import pytest
import requests

from avm_emulator.context import Emulator
from avm_emulator.engine import Options

TRUST = '{"Version": "2012-10-17", "Statement": []}'


@pytest.fixture(scope="module")
def options() -> Options:
    parts = ("avm_emulator.organizations", "avm_emulator.identity_center")
    return Options(speed="max", prepare=False, deploy=False, parts=parts)


def get(emulator: Emulator, name: str, **query: str) -> requests.Response:
    return requests.get(f"{emulator.endpoint_url}/_emulator/{name}", params=query, timeout=30)


def post(emulator: Emulator, name: str, body: Any) -> requests.Response:
    return requests.post(f"{emulator.endpoint_url}/_emulator/{name}", json=body, timeout=30)


def test_health_says_what_runs_and_where(emulator: Emulator) -> None:
    health = get(emulator, "health").json()
    assert health["status"] == "ready"
    assert health["endpoint_url"] == emulator.endpoint_url
    assert health["api_url"] is None
    assert (health["region"], health["management_account_id"]) == ("eu-west-1", "123456789012")
    assert health["pid"] > 0
    assert health["speed"] == "max"
    assert health["versions"]["moto"] == "5.2.5"


def test_control_calls_are_no_aws_calls(emulator: Emulator) -> None:
    before = len(list(emulator.calls))
    get(emulator, "health")
    get(emulator, "calls")
    assert len(list(emulator.calls)) == before


def test_the_clock_is_read_advanced_and_held(emulator: Emulator) -> None:
    before = get(emulator, "clock").json()
    assert before["now"].endswith("Z")
    assert post(emulator, "clock", {"hold": True}).json()["held"] is True
    after = post(emulator, "clock", {"advance": 3600.5}).json()
    assert after["epoch"] == pytest.approx(before["epoch"] + 3600.5)
    assert post(emulator, "clock", {"hold": False}).json()["held"] is False


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ('{"advance": -1}', "only moves forward"),
        ('{"advance": "an hour"}', "a number of AWS-seconds"),
        ('{"advance": true}', "a number of AWS-seconds"),
        ('{"advance": NaN}', "a number of AWS-seconds"),
        ('{"advance": null}', "a number of AWS-seconds"),
        ('{"hold": "yes"}', "true or false"),
        ('{"hold": true, "advance": 1}', "send"),
        ('{"speed": 3}', "send"),
        ("{}", "send"),
        ("[]", "not a JSON object"),
        ("now", "not JSON"),
    ],
)
def test_a_clock_command_that_makes_no_sense_is_refused(emulator: Emulator, body: str, reason: str) -> None:
    before = get(emulator, "clock").json()
    answer = requests.post(f"{emulator.endpoint_url}/_emulator/clock", data=body, timeout=30)
    assert answer.status_code == 400
    assert reason in answer.json()["error"]
    assert get(emulator, "clock").json() == before


@pytest.mark.parametrize(("method", "path"), [("GET", "coffee"), ("POST", "health"), ("DELETE", "clock")])
def test_an_unknown_control_call_is_refused_as_json(emulator: Emulator, method: str, path: str) -> None:
    answer = requests.request(method, f"{emulator.endpoint_url}/_emulator/{path}", timeout=30)
    assert answer.status_code in {404, 405}
    assert answer.json()["error"]


def test_calls_are_listed_and_selected(emulator: Emulator) -> None:
    emulator.clients.client("kms").list_keys()
    emulator.clients.client("iam").create_role(RoleName="listed", AssumeRolePolicyDocument=TRUST)
    calls = get(emulator, "calls").json()["calls"]
    assert [call["operation"] for call in calls[-2:]] == ["ListKeys", "CreateRole"]
    assert get(emulator, "calls", service="iam", mutating="true").json()["calls"][-1] == calls[-1]
    assert get(emulator, "calls", since=str(calls[-2]["seq"])).json()["calls"] == calls[-1:]
    assert get(emulator, "calls", own="true").json()["calls"] == []


@pytest.mark.parametrize("query", [{"colour": "red"}, {"since": "yesterday"}, {"own": "perhaps"}])
def test_calls_cannot_be_selected_by_what_they_do_not_have(emulator: Emulator, query: dict[str, str]) -> None:
    answer = get(emulator, "calls", **query)
    assert answer.status_code == 400
    assert next(iter(query)) in answer.json()["error"]


def arn_of(emulator: Emulator, credentials: dict[str, str]) -> str:
    client = boto3.client(
        "sts",
        region_name="eu-west-1",
        endpoint_url=emulator.endpoint_url,
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
    )
    arn: str = client.get_caller_identity()["Arn"]
    return arn


def test_credentials_of_root_a_role_and_a_permission_set(emulator: Emulator) -> None:
    iam = emulator.clients.client("iam")
    iam.create_role(RoleName="avm-operator", AssumeRolePolicyDocument=TRUST)
    path = "/aws-reserved/sso.amazonaws.com/eu-west-1/"
    reserved = "AWSReservedSSO_ReadOnlyAccess_0123456789abcdef"
    iam.create_role(RoleName=reserved, Path=path, AssumeRolePolicyDocument=TRUST)

    def arn(principal: str) -> str:
        body = {"account_id": "123456789012", "principal": principal}
        answer = post(emulator, "credentials", body)
        assert answer.json().keys() == {"AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"}
        return arn_of(emulator, answer.json())

    assert arn("root") == "arn:aws:iam::123456789012:root"
    assert arn("avm-operator") == "arn:aws:sts::123456789012:assumed-role/avm-operator/avm-local"
    assert arn("ReadOnlyAccess") == f"arn:aws:sts::123456789012:assumed-role/{reserved}/avm-local"


def test_a_role_is_named_with_or_without_its_path(emulator: Emulator) -> None:
    emulator.clients.client("iam").create_role(RoleName="deep", Path="/avm/", AssumeRolePolicyDocument=TRUST)
    for principal in ("deep", "avm/deep", "/avm/deep"):
        answer = post(emulator, "credentials", {"account_id": "123456789012", "principal": principal})
        assert arn_of(emulator, answer.json()) == "arn:aws:sts::123456789012:assumed-role/deep/avm-local"
    assert post(emulator, "credentials", {"account_id": "123456789012", "principal": "other/deep"}).status_code == 404


def test_credentials_of_a_new_accounts_root(emulator: Emulator) -> None:
    organizations = emulator.clients.client("organizations")
    organizations.create_organization(FeatureSet="ALL")
    created = organizations.create_account(Email="a@example.com", AccountName="a")["CreateAccountStatus"]
    emulator.clock.advance(600)
    status = organizations.describe_create_account_status(CreateAccountRequestId=created["Id"])
    account_id = status["CreateAccountStatus"]["AccountId"]
    answer = post(emulator, "credentials", {"account_id": account_id, "principal": "root"})
    assert arn_of(emulator, answer.json()) == f"arn:aws:iam::{account_id}:root"


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        ({"account_id": "999999999999", "principal": "root"}, 404, "no account 999999999999"),
        ({"account_id": "123456789012", "principal": "ghost"}, 404, "no role ghost"),
        ({"user": "jane.doe@example.com"}, 404, "no user jane.doe@example.com"),
        ({"account_id": "123456789012"}, 400, "send"),
        ({"account_id": "123456789012", "principal": "root", "user": "jane"}, 400, "send"),
        ({"user": 1}, 400, "send"),
        ({"account_id": 123456789012, "principal": "root"}, 400, "send"),
    ],
)
def test_credentials_of_nobody_are_refused(emulator: Emulator, body: dict[str, Any], status: int, reason: str) -> None:
    answer = post(emulator, "credentials", body)
    assert answer.status_code == status
    assert reason in answer.json()["error"]
