"""The delegated administrators that a security service keeps for each Region: GuardDuty, Security Hub.

Designating one gives the service trusted access and registers the account with Organizations, as in AWS's own user
guides (GuardDuty: "Permissions required to designate a delegated GuardDuty administrator account").
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from avm_emulator.errors import AwsError
from avm_emulator.organizations.delegation import enable_aws_service_access, register_delegated_administrator
from avm_emulator.organizations.state import Account, Organization, organization_of

if TYPE_CHECKING:
    from avm_emulator.boundary import Call

Refuse = Callable[[str], AwsError]
"""Makes the service's own error of a sentence."""


class RegionalAdministrators:
    """Who administers one service, by organization and Region."""

    def __init__(self, service_principal: str, refuse: Refuse) -> None:
        """``refuse``: the error for whoever may not, or asks for what cannot be."""
        self._principal = service_principal
        self._refuse = refuse
        self._accounts: dict[tuple[str, str], str] = {}

    def of(self, account_id: str, region: str) -> str | None:
        """Return the administrator of the organization that an account is in."""
        organization = organization_of(account_id)
        return None if organization is None else self._accounts.get((organization.account_id, region))

    def administered(self, call: Call) -> Organization | None:
        """Return the organization that the caller administers in the Region; None where it administers none."""
        organization = organization_of(call.account)
        if organization is None or self.of(call.account, call.region) != call.account:
            return None
        return organization

    def designate(self, call: Call, account_id: str) -> Account:
        """Make a member the administrator in the Region of the call; the same one again changes nothing."""
        organization = self._managed(call)
        with Organization.lock:
            account = next((each for each in organization.members() if each.id == account_id), None)
            if account is None or account.id == organization.account_id:
                sentence = f"The request is rejected because {account_id} is not a member account of the organization."
                raise self._refuse(sentence)
            if self._accounts.get((organization.account_id, call.region), account_id) != account_id:
                sentence = "The request failed because another account is the delegated administrator already."
                raise self._refuse(sentence)
            enable_aws_service_access(organization, service_principal=self._principal)
            if not organization.is_delegated_administrator(account_id, self._principal):
                register_delegated_administrator(organization, account_id=account_id, service_principal=self._principal)
        self._accounts[organization.account_id, call.region] = account_id
        return account

    def appoint(self, organization: Organization, account_id: str, region: str) -> None:
        """Make an administrator that of one more Region, which has none."""
        self._accounts.setdefault((organization.account_id, region), account_id)

    def withdraw(self, call: Call, account_id: str) -> None:
        """Take the Region from its administrator; who administers other Regions stays registered."""
        organization = self._managed(call)
        if self._accounts.get((organization.account_id, call.region)) != account_id:
            raise self._refuse(f"The request is rejected because {account_id} is not the delegated administrator.")
        del self._accounts[organization.account_id, call.region]

    def listed(self, call: Call) -> list[str]:
        """Return the administrator of the caller's organization in the Region, as a list of one or none."""
        organization = self._managed(call)
        account_id = self._accounts.get((organization.account_id, call.region))
        return [] if account_id is None else [account_id]

    def _managed(self, call: Call) -> Organization:
        organization = organization_of(call.account)
        if organization is None or organization.account_id != call.account:
            sentence = "The request is rejected because the caller is not the management account of an organization."
            raise self._refuse(sentence)
        return organization
