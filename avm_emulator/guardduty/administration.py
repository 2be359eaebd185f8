"""The delegated administrator of each Region, and what it sets for the organization's accounts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from avm_emulator.guardduty.detectors import BY_DEFAULT
from avm_emulator.guardduty.state import Configuration, GuardDuty, asked, bad_request, page

if TYPE_CHECKING:
    from avm_emulator.boundary import Call


def enable_organization_admin_account(guardduty: GuardDuty, call: Call, *, admin_account_id: str) -> None:
    """Designate the administrator in this Region; GuardDuty is enabled there, too (user guide)."""
    account = guardduty.administrators.designate(call, admin_account_id)
    if guardduty.detector_of(account.id, call.region) is None:
        guardduty.make_detector(account.id, call.region, BY_DEFAULT)


def disable_organization_admin_account(guardduty: GuardDuty, call: Call, *, admin_account_id: str) -> None:
    """Withdraw the administrator of this Region; its members keep their detectors (user guide)."""
    guardduty.administrators.withdraw(call, admin_account_id)
    guardduty.forget(admin_account_id, call.region)


def list_organization_admin_accounts(
    guardduty: GuardDuty, call: Call, *, max_results: int | None = None, next_token: str | None = None
) -> dict[str, Any]:
    """Return the administrator of this Region."""
    found, token = page(guardduty.administrators.listed(call), next_token, max_results)
    accounts = [{"AdminAccountId": account_id, "AdminStatus": "ENABLED"} for account_id in found]
    return {"AdminAccounts": accounts, "NextToken": token}


def describe_organization_configuration(
    guardduty: GuardDuty, call: Call, *, detector_id: str, max_results: int | None = None, next_token: str | None = None
) -> dict[str, Any]:
    """Return how accounts are set up by themselves."""
    guardduty.organization(call, detector_id)
    configuration = guardduty.configuration(call.account, call.region)
    features = [{"Name": name, "AutoEnable": setting} for name, setting in configuration.features.items()]
    found, token = page(features, next_token, max_results)
    return {
        "AutoEnable": configuration.auto_enable != "NONE",
        "AutoEnableOrganizationMembers": configuration.auto_enable,
        "MemberAccountLimitReached": False,
        "Features": found,
        "NextToken": token,
    }


def update_organization_configuration(
    guardduty: GuardDuty,
    call: Call,
    *,
    detector_id: str,
    auto_enable: bool | None = None,
    auto_enable_organization_members: str | None = None,
    features: Sequence[dict[str, Any]] = (),
    **older: Any,
) -> None:
    """Say how accounts are set up by themselves; either of the two auto-enable members must be given (botocore)."""
    guardduty.organization(call, detector_id)
    if (auto_enable is None) == (auto_enable_organization_members is None):
        raise bad_request(
            "The request is rejected because either autoEnable or autoEnableOrganizationMembers must be specified."
        )
    if older:
        raise bad_request(f"The request is rejected because {', '.join(older)} is superseded by features.")
    before = guardduty.configuration(call.account, call.region)
    setting = auto_enable_organization_members or ("NEW" if auto_enable else "NONE")
    guardduty.configurations[call.account, call.region] = Configuration(
        auto_enable=setting,
        since=before.since
        if before.auto_enable == setting
        else round(call.time, 6),  # as an account that joins then has it
        features={**before.features, **asked(features, "AutoEnable")},
    )
