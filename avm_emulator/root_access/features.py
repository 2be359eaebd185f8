"""The two features of central root access: credentials, and privileged sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from avm_emulator.errors import AwsError
from avm_emulator.root_access.state import CREDENTIALS_MANAGEMENT, SESSIONS, RootAccess

if TYPE_CHECKING:
    from avm_emulator.boundary import Call
    from avm_emulator.organizations.state import Organization


def enable_organizations_root_credentials_management(root_access: RootAccess, call: Call) -> dict[str, Any]:
    """Manage the credentials of root users; accounts that are opened from now on have none."""
    return _enable(root_access, call, CREDENTIALS_MANAGEMENT)


def enable_organizations_root_sessions(root_access: RootAccess, call: Call) -> dict[str, Any]:
    """Let AssumeRoot work."""
    return _enable(root_access, call, SESSIONS)


def disable_organizations_root_credentials_management(root_access: RootAccess, call: Call) -> dict[str, Any]:
    """Manage the credentials of root users no more; who has none gets none by that."""
    return _disable(root_access, call, CREDENTIALS_MANAGEMENT)


def disable_organizations_root_sessions(root_access: RootAccess, call: Call) -> dict[str, Any]:
    """Let AssumeRoot work no more."""
    return _disable(root_access, call, SESSIONS)


def list_organizations_features(root_access: RootAccess, call: Call) -> dict[str, Any]:
    """Return the features that are on."""
    organization = root_access.organization(call)
    return {
        "OrganizationId": organization.entity.id,
        "EnabledFeatures": sorted(root_access.enabled(organization)),
    }


def _enable(root_access: RootAccess, call: Call, feature: str) -> dict[str, Any]:
    organization = root_access.organization(call)
    if call.account != organization.account_id:
        # botocore names this error for the two that enable, and not for the others
        sentence = "The account making the request is not the management account for the organization."
        raise AwsError("CallerIsNotManagementAccountException", sentence)
    _change(root_access, organization, {*root_access.enabled(organization), feature})
    return list_organizations_features(root_access, call)


def _disable(root_access: RootAccess, call: Call, feature: str) -> dict[str, Any]:
    organization = root_access.organization(call)
    _change(root_access, organization, root_access.enabled(organization) - {feature})
    return list_organizations_features(root_access, call)


def _change(root_access: RootAccess, organization: Organization, features: set[str]) -> None:
    enabled = root_access.enabled(organization)
    if (CREDENTIALS_MANAGEMENT in enabled) != (CREDENTIALS_MANAGEMENT in features):
        root_access.keep_passwords(organization)
    enabled.clear()
    enabled.update(features)
