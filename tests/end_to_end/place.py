"""A ready account, and who can break something in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from avm.domain.foundation import SECURITY_TYPE
from tests.end_to_end.conftest import Machine


@dataclass(frozen=True)
class Place:
    """A ready account, and who can break something in it."""

    machine: Machine
    account_id: str
    region: str = "eu-central-1"
    """A governed Region, in which things are broken that each Region has."""

    def inside(self, service: str, region: str | None = None) -> Any:
        """Return a client of the account's bootstrap role, which nothing binds."""
        role = f"arn:aws:iam::{self.account_id}:role/OrganizationAccountAccessRole"
        return self.machine.emulator.clients.client(service, region, role_arn=role)

    def security(self, service: str, region: str) -> Any:
        """Return a client of an administrator of the security account."""
        accounts = self.organizations.list_accounts()["Accounts"]
        account_id = next(each["Id"] for each in accounts if each["Name"] == SECURITY_TYPE)
        role = f"arn:aws:iam::{account_id}:role/OrganizationAccountAccessRole"
        return self.machine.emulator.clients.client(service, region, role_arn=role)

    @property
    def organizations(self) -> Any:
        """AWS Organizations, in the management account."""
        return self.machine.client("organizations")

    def unit(self, name: str) -> str:
        """Return the id of an OU under the root."""
        root = self.organizations.list_roots()["Roots"][0]["Id"]
        units = self.organizations.list_organizational_units_for_parent(ParentId=root)["OrganizationalUnits"]
        return next(str(unit["Id"]) for unit in units if unit["Name"] == name)

    def scp(self, prefix: str) -> str:
        """Return the id of the SCP whose name starts so."""
        policies = self.organizations.list_policies(Filter="SERVICE_CONTROL_POLICY")["Policies"]
        return next(str(policy["Id"]) for policy in policies if policy["Name"].startswith(prefix))
