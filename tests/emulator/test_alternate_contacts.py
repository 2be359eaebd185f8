"""Alternate contacts: who may ask for whose, and what AWS takes."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from avm_emulator.context import Emulator

MANAGEMENT = "123456789012"
CONTACT = {
    "AlternateContactType": "SECURITY",
    "Name": "Security Team",
    "Title": "SOC",
    "EmailAddress": "security@example.com",
    "PhoneNumber": "+49 30 123456",
}


@pytest.fixture(scope="module")
def member_id(emulator: Emulator) -> str:
    emulator.latencies.change({"organizations:CreateAccount": 0})
    organizations = emulator.clients.client("organizations")
    organizations.create_organization(FeatureSet="ALL")
    status = organizations.create_account(AccountName="member", Email="member@example.com")["CreateAccountStatus"]
    while status["State"] == "IN_PROGRESS":
        status = organizations.describe_create_account_status(CreateAccountRequestId=status["Id"])[
            "CreateAccountStatus"
        ]
    return str(status["AccountId"])


@pytest.fixture
def own(emulator: Emulator, member_id: str) -> Any:
    """Return the API as the member account itself asks it."""
    return emulator.clients.client("account", role_arn=f"arn:aws:iam::{member_id}:role/OrganizationAccountAccessRole")


def test_an_account_sets_and_deletes_its_own_contact(own: Any) -> None:
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        own.get_alternate_contact(AlternateContactType="SECURITY")
    own.put_alternate_contact(**CONTACT)
    assert own.get_alternate_contact(AlternateContactType="SECURITY")["AlternateContact"] == CONTACT
    own.delete_alternate_contact(AlternateContactType="SECURITY")
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        own.delete_alternate_contact(AlternateContactType="SECURITY")


@pytest.mark.parametrize(
    "wrong",
    [
        {"EmailAddress": "nobody"},
        {"PhoneNumber": "call me"},
        {"PhoneNumber": "1" * 26},
        {"Name": "n" * 65},
        {"AlternateContactType": "LEGAL"},
    ],
)
def test_what_aws_does_not_take_is_refused(own: Any, wrong: dict[str, str]) -> None:
    with pytest.raises(ClientError, match=rf"ValidationException.*{next(iter(wrong))}"):
        own.put_alternate_contact(**{**CONTACT, **wrong})


def test_members_are_reached_with_trusted_access_and_by_the_organization_only(
    emulator: Emulator, own: Any, member_id: str
) -> None:
    management = emulator.clients.client("account")
    with pytest.raises(ClientError, match=r"AccessDeniedException.*first enable trusted access"):
        management.put_alternate_contact(AccountId=member_id, **CONTACT)
    emulator.clients.client("organizations").enable_aws_service_access(ServicePrincipal="account.amazonaws.com")
    management.put_alternate_contact(AccountId=member_id, **CONTACT)
    assert own.get_alternate_contact(AlternateContactType="SECURITY")["AlternateContact"]["Title"] == "SOC"
    with pytest.raises(ClientError, match=r"AccessDeniedException.*standalone context"):
        management.put_alternate_contact(AccountId=MANAGEMENT, **CONTACT)
    with pytest.raises(ClientError, match="AccessDeniedException"):
        management.put_alternate_contact(AccountId="999999999999", **CONTACT)
    with pytest.raises(ClientError, match="AccessDeniedException"):
        own.get_alternate_contact(AccountId=member_id, AlternateContactType="SECURITY")
