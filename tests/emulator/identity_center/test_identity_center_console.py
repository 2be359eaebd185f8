"""What has to be clicked in AWS's console is a control call here."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from avm_emulator.context import Emulator
from avm_emulator.engine import Options


@pytest.fixture(scope="module")
def options() -> Options:
    parts = ("organizations", "identity_center", "root_access")
    return Options(speed="max", prepare=False, deploy=False, parts=[f"avm_emulator.{part}" for part in parts])


def click(emulator: Emulator, body: Any) -> requests.Response:
    return requests.post(f"{emulator.endpoint_url}/_emulator/console", json=body, timeout=30)


def test_identity_center_is_enabled_once_and_only_in_an_organization(emulator: Emulator) -> None:
    action = {"action": "enable-identity-center"}
    without = click(emulator, action)
    assert (without.status_code, "CreateOrganization" in without.json()["error"]) == (400, True)
    emulator.clients.client("organizations").create_organization()
    enabled = click(emulator, action)
    assert enabled.status_code == 200
    instances = emulator.clients.client("sso-admin").list_instances()["Instances"]
    assert [each["InstanceArn"] for each in instances] == [enabled.json()["instance_arn"]]
    again = click(emulator, action)
    assert (again.status_code, "enabled already" in again.json()["error"]) == (400, True)


def test_the_root_user_of_the_management_account_gets_a_second_factor(emulator: Emulator) -> None:
    iam = emulator.clients.client("iam")
    assert iam.get_account_summary()["SummaryMap"]["AccountMFAEnabled"] == 0
    assert click(emulator, {"action": "assign-root-mfa"}).json()["account_id"] == emulator.management_account_id
    assert iam.get_account_summary()["SummaryMap"]["AccountMFAEnabled"] == 1


@pytest.mark.parametrize("body", [{}, {"action": "close"}, [], {"action": "enable-identity-center", "more": 1}])
def test_what_has_an_api_is_not_clicked(emulator: Emulator, body: Any) -> None:
    answer = click(emulator, body)
    assert (answer.status_code, "enable-identity-center" in answer.json()["error"]) == (400, True)
