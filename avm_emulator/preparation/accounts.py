"""Makes the accounts that stand before the first vend, by public AWS calls, as if they had been made long ago."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from avm_emulator.context import Emulator

_POLL_SECONDS = 0.01


@dataclass(frozen=True)
class NewAccount:
    """An account to be made."""

    name: str
    email: str
    ou: str
    """Name of its OU, under the root."""
    tags: tuple[tuple[str, str], ...] = ()


def create_accounts(emulator: Emulator, accounts: Iterable[NewAccount]) -> dict[str, str]:
    """Create accounts, each in its OU, and return their ids by name."""
    organizations = emulator.clients.client("organizations")
    emulator.latencies.change({"organizations:CreateAccount": 0, "organizations:ActivateAccount": 0})
    creations = {account: _create(organizations, account) for account in accounts}
    root_id = organizations.list_roots()["Roots"][0]["Id"]
    units = organizations.list_organizational_units_for_parent(ParentId=root_id)["OrganizationalUnits"]
    unit_ids = {unit["Name"]: unit["Id"] for unit in units}
    ids: dict[str, str] = {}
    for account, creation in creations.items():
        ids[account.name] = _await_account(organizations, creation)
        organizations.move_account(
            AccountId=ids[account.name], SourceParentId=root_id, DestinationParentId=unit_ids[account.ou]
        )
    emulator.latencies.reset()
    return ids


def _create(organizations: Any, account: NewAccount) -> str:
    tags = [{"Key": key, "Value": value} for key, value in account.tags]
    created = organizations.create_account(AccountName=account.name, Email=account.email, Tags=tags)
    return str(created["CreateAccountStatus"]["Id"])


def _await_account(organizations: Any, creation: str) -> str:
    """Return the id of an account when it is created and active."""
    while True:
        status = organizations.describe_create_account_status(CreateAccountRequestId=creation)["CreateAccountStatus"]
        account_id = status.get("AccountId")
        if account_id and organizations.describe_account(AccountId=account_id)["Account"]["State"] == "ACTIVE":
            return str(account_id)
        time.sleep(_POLL_SECONDS)
