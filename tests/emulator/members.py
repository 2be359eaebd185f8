"""An organization with accounts for tests of services that one account administers for the others."""

from __future__ import annotations

from typing import Any

from avm_emulator.context import Emulator

REGION = "eu-west-1"


def found(emulator: Emulator, *names: str) -> dict[str, str]:
    """Found an organization with an account for each name; return their ids."""
    organizations = emulator.clients.client("organizations")
    organizations.create_organization()
    return {name: join(emulator, name) for name in names}


def join(emulator: Emulator, name: str) -> str:
    """Create an account in the organization and return its id."""
    organizations = emulator.clients.client("organizations")
    emulator.latencies.change({"organizations:CreateAccount": 0, "organizations:ActivateAccount": 0})
    status = organizations.create_account(AccountName=name, Email=email(name))["CreateAccountStatus"]
    while status["State"] == "IN_PROGRESS":
        answer = organizations.describe_create_account_status(CreateAccountRequestId=status["Id"])
        status = answer["CreateAccountStatus"]
    while organizations.describe_account(AccountId=status["AccountId"])["Account"]["State"] != "ACTIVE":
        pass
    emulator.latencies.reset()
    return str(status["AccountId"])


def email(name: str) -> str:
    return f"{name}@example.com"


def inside(emulator: Emulator, service: str, account_id: str, region: str = REGION) -> Any:
    """Return a client of an administrator in an account."""
    role_arn = f"arn:aws:iam::{account_id}:role/OrganizationAccountAccessRole"
    return emulator.clients.client(service, region, role_arn=role_arn)
