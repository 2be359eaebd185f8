"""The delegated administrator of each Region, and what it sets for new accounts: local configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from avm_emulator.boundary.moto_app import not_implemented
from avm_emulator.security_hub.state import Configuration, SecurityHub, page

if TYPE_CHECKING:
    from avm_emulator.boundary import Call

CSPM = "SecurityHub"
"""The feature that is modelled; the other one is ``SecurityHubV2``."""


def enable_organization_admin_account(
    security_hub: SecurityHub, call: Call, *, admin_account_id: str, feature: str = CSPM
) -> dict[str, Any]:
    """Designate the administrator in this Region; Security Hub is enabled there, too, without standards (assumed)."""
    _check_feature(call, feature)
    security_hub.administrators.designate(call, admin_account_id)
    if not security_hub.is_enabled(admin_account_id, call.region):
        security_hub.enable(admin_account_id, call.region, call.time, with_standards=False)
    return {"AdminAccountId": admin_account_id, "Feature": feature}


def disable_organization_admin_account(
    security_hub: SecurityHub, call: Call, *, admin_account_id: str, feature: str = CSPM
) -> None:
    """Withdraw the administrator of this Region."""
    _check_feature(call, feature)
    security_hub.administrators.withdraw(call, admin_account_id)
    security_hub.forget(admin_account_id, call.region)


def list_organization_admin_accounts(
    security_hub: SecurityHub,
    call: Call,
    *,
    max_results: int | None = None,
    next_token: str | None = None,
    feature: str = CSPM,
) -> dict[str, Any]:
    """Return the administrator of this Region."""
    _check_feature(call, feature)
    found, token = page(security_hub.administrators.listed(call), next_token, max_results, 10)
    accounts = [{"AccountId": account_id, "Status": "ENABLED"} for account_id in found]
    return {"AdminAccounts": accounts, "NextToken": token, "Feature": feature}


def describe_organization_configuration(security_hub: SecurityHub, call: Call) -> dict[str, Any]:
    """Return how new accounts are set up; the administrator alone may ask (botocore)."""
    security_hub.organization(call)
    configuration = security_hub.configuration(call.account, call.region)
    return {
        "AutoEnable": configuration.auto_enable,
        "AutoEnableStandards": configuration.auto_enable_standards,
        "MemberAccountLimitReached": False,
        "OrganizationConfiguration": {"ConfigurationType": "LOCAL", "Status": "ENABLED"},
    }


def update_organization_configuration(
    security_hub: SecurityHub,
    call: Call,
    *,
    auto_enable: bool,
    auto_enable_standards: str | None = None,
    organization_configuration: dict[str, Any] | None = None,
) -> None:
    """Say how new accounts are set up, in this Region."""
    security_hub.organization(call)
    if (organization_configuration or {}).get("ConfigurationType", "LOCAL") != "LOCAL":
        raise not_implemented(call.service, call.operation, "central configuration")
    before = security_hub.configuration(call.account, call.region)
    security_hub.configurations[call.account, call.region] = Configuration(
        auto_enable=auto_enable,
        auto_enable_standards=auto_enable_standards or before.auto_enable_standards,
        since=before.since
        if before.auto_enable == auto_enable
        else round(call.time, 6),  # as an account that joins then has it
    )


def _check_feature(call: Call, feature: str) -> None:
    if feature != CSPM:
        raise not_implemented(call.service, call.operation, feature)
