"""The name of an account: its own to change, and shown by AWS Organizations."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from avm_emulator.context import Emulator
from avm_emulator.engine import Options


@pytest.fixture(scope="module")
def options() -> Options:
    return Options(speed="max", deploy=False, one_account=True)


def test_an_account_gives_itself_a_name_that_the_organization_shows(emulator: Emulator) -> None:
    organizations = emulator.clients.client("organizations")
    security = next(each for each in organizations.list_accounts()["Accounts"] if each["Name"] == "security")
    role = f"arn:aws:iam::{security['Id']}:role/OrganizationAccountAccessRole"
    account = emulator.clients.client("account", role_arn=role)
    assert account.get_account_information()["AccountName"] == "security"
    account.put_account_name(AccountName="guards")
    assert account.get_account_information()["AccountId"] == security["Id"]
    assert organizations.describe_account(AccountId=security["Id"])["Account"]["Name"] == "guards"
    with pytest.raises(ClientError, match="ValidationException"):
        account.put_account_name(AccountName="<guards>")
    with pytest.raises(ClientError, match="NotImplementedByEmulator"):
        emulator.clients.client("account").put_account_name(AccountName="x", AccountId=security["Id"])
