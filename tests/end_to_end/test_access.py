"""Who a request names has access to its account, and uses it as people do: through the identity portal."""

from typing import Any

import boto3
import pytest
import requests
from botocore import UNSIGNED
from botocore.config import Config

from tests.emulator.outsiders import client_with
from tests.end_to_end.conftest import Machine

JANE = "jane.doe@example.com"


@pytest.fixture
def portal(machine: Machine) -> Any:
    config = Config(signature_version=UNSIGNED)
    return boto3.client("sso", region_name="eu-west-1", endpoint_url=machine.emulator.endpoint_url, config=config)


def control(machine: Machine, method: str, path: str, body: Any = None) -> Any:
    answer = requests.request(method, f"{machine.emulator.endpoint_url}/_emulator/{path}", json=body, timeout=60)
    assert answer.status_code == 200, answer.text
    return answer.json()


def join(machine: Machine, user: str, group: str) -> None:
    store, center = machine.client("identitystore"), machine.client("sso-admin")
    store_id = center.list_instances()["Instances"][0]["IdentityStoreId"]

    def by(path: str, value: str) -> dict[str, Any]:
        unique = {"AttributePath": path, "AttributeValue": value}
        return {"IdentityStoreId": store_id, "AlternateIdentifier": {"UniqueAttribute": unique}}

    user_id = store.get_user_id(**by("userName", user))["UserId"]
    group_id = store.get_group_id(**by("displayName", group))["GroupId"]
    store.create_group_membership(IdentityStoreId=store_id, GroupId=group_id, MemberId={"UserId": user_id})


def test_a_member_of_the_group_works_in_the_account_with_the_role_of_the_request(machine: Machine, portal: Any) -> None:
    access = [{"group": "payments-developers", "permission_set": "DeveloperAccess"}]
    account_id = machine.vend("used", access=access)["account_id"]
    token = control(machine, "POST", "credentials", {"user": JANE})["accessToken"]
    assert account_id not in [
        account["accountId"] for account in portal.list_accounts(accessToken=token)["accountList"]
    ]
    join(machine, JANE, "payments-developers")
    roles = portal.list_account_roles(accessToken=token, accountId=account_id)["roleList"]
    assert [role["roleName"] for role in roles] == ["DeveloperAccess"]
    given = portal.get_role_credentials(accessToken=token, accountId=account_id, roleName="DeveloperAccess")
    credentials = {f"{name[0].upper()}{name[1:]}": value for name, value in given["roleCredentials"].items()}
    arn = client_with(machine.emulator, "sts", credentials).get_caller_identity()["Arn"]
    assert arn.startswith(f"arn:aws:sts::{account_id}:assumed-role/AWSReservedSSO_DeveloperAccess_")
    assert arn.endswith(f"/{JANE}")


def test_an_assignment_whose_answer_got_lost_is_waited_for_and_not_lost(machine: Machine) -> None:
    machine.emulator.latencies.change({"sso-admin:CreateAccountAssignment": 8})
    lost = {"service": "sso-admin", "operation": "CreateAccountAssignment", "fault": "lost_response", "nth": 1}
    control(machine, "PUT", "faults", [lost])
    try:
        request = machine.vend("lost-answer", access=[{"user": JANE, "permission_set": "ReadOnlyAccess"}])
    finally:
        control(machine, "DELETE", "faults")
    assert (request["status"], request["error"]) == ("READY", None)
    made = machine.emulator.calls.select(service="sso-admin", operation="CreateAccountAssignment")
    codes = [call.error for call in made]
    assert "LostResponse" in codes
    assert "ConflictException" in codes, "the first assignment was on its way while the second call came"
