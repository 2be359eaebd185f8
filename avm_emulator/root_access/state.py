"""Which features an organization has switched on, and which root users have a password."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from avm_emulator.errors import AwsError
from avm_emulator.organizations.state import Organization, organization_of

if TYPE_CHECKING:
    from avm_emulator.boundary import Call

PRINCIPAL = "iam.amazonaws.com"

CREDENTIALS_MANAGEMENT = "RootCredentialsManagement"
SESSIONS = "RootSessions"


class RootAccess:
    """Central root access of one emulator."""

    def __init__(self) -> None:
        """Begin without features; every root user has the password that its account was opened with."""
        self.lock = threading.RLock()
        self._enabled: dict[str, set[str]] = {}
        self._passwords: dict[str, bool] = {}

    def settle(self, call: Call) -> None:
        """Do nothing: nothing here changes by itself."""

    def enabled(self, organization: Organization) -> set[str]:
        """Return the features of an organization."""
        return self._enabled.setdefault(str(organization.entity.id), set())

    def organization(self, call: Call) -> Organization:
        """Return the organization whose central root access the caller may look at and work with.

        Raises:
            AwsError: those of botocore's model of ``ListOrganizationsFeatures``, in the order of its prerequisites.
        """
        organization = organization_of(call.account)
        if organization is None:
            raise AwsError("OrganizationNotFoundException", "No organization is associated with your account.")
        if not is_administrator(call.account, organization):
            raise AwsError(
                "AccountNotManagementOrDelegatedAdministratorException",
                "The account making the request is not the management account or delegated administrator account for "
                "centralized root access.",
            )
        if organization.entity.feature_set != "ALL":
            sentence = "Your organization does not have All features enabled."
            raise AwsError("OrganizationNotInAllFeaturesModeException", sentence)
        if all(trusted["ServicePrincipal"] != PRINCIPAL for trusted in organization.services):
            sentence = "Trusted access is not enabled for IAM in Organizations."
            raise AwsError("ServiceAccessNotEnabledException", sentence)
        return organization

    def has_password(self, account_id: str) -> bool:
        """Return whether an account's root user can sign in.

        An account that is opened while root credentials are managed centrally has none; every other has one, which
        nobody knows until it is recovered, and keeps it until it is deleted.
        """
        if account_id in self._passwords:
            return self._passwords[account_id]
        organization = organization_of(account_id)
        if organization is None or account_id == organization.account_id:
            return True
        return CREDENTIALS_MANAGEMENT not in self.enabled(organization)

    def keep_passwords(self, organization: Organization) -> None:
        """Remember who has a password and who has none, before that feature is switched on or off."""
        with Organization.lock:
            members = [account.id for account in organization.members()]
        self._passwords.update({account_id: self.has_password(account_id) for account_id in members})

    def set_password(self, account_id: str, *, there: bool) -> None:
        """Say that an account's root user has a password, or has none any more."""
        self._passwords[account_id] = there


def is_administrator(account_id: str, organization: Organization) -> bool:
    """Return whether an account manages the organization, or is IAM's delegated administrator in it."""
    return account_id == organization.account_id or organization.is_delegated_administrator(account_id, PRINCIPAL)
