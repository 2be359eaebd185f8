"""The delegated administrator of each Region, and what it sets for new accounts: local or central configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from avm_emulator.boundary.moto_app import not_implemented
from avm_emulator.errors import AwsError
from avm_emulator.security_hub.central import Aggregator, Centre
from avm_emulator.security_hub.state import Configuration, SecurityHub, invalid_input, page

if TYPE_CHECKING:
    from avm_emulator.boundary import Call
    from avm_emulator.organizations.state import Organization

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
    """Withdraw the administrator of this Region; not under central configuration.

    Source: user guide, "Removing or changing the delegated administrator"; the error is assumed.
    """
    _check_feature(call, feature)
    centre = security_hub.central.of(admin_account_id, call.region)
    if centre is not None and centre.aggregator.account_id == admin_account_id:
        raise invalid_input(f"Account {admin_account_id} configures the organization centrally.")
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
    """Return how new accounts are set up; the administrator alone may ask (botocore).

    Central configuration is shown in the home Region and in linked ones.
    """
    security_hub.organization(call)
    configuration = security_hub.configuration(call.account, call.region)
    centre = security_hub.central.of(call.account, call.region)
    kind = {"ConfigurationType": "LOCAL", "Status": "ENABLED"}
    if centre is not None:
        is_ready = security_hub.emulator.clock.now() >= centre.ready_at
        kind = {"ConfigurationType": "CENTRAL", "Status": "ENABLED" if is_ready else "PENDING"}
    return {
        "AutoEnable": configuration.auto_enable,
        "AutoEnableStandards": configuration.auto_enable_standards,
        "MemberAccountLimitReached": False,
        "OrganizationConfiguration": kind,
    }


def update_organization_configuration(
    security_hub: SecurityHub,
    call: Call,
    *,
    auto_enable: bool,
    auto_enable_standards: str | None = None,
    organization_configuration: dict[str, Any] | None = None,
) -> None:
    """Say how new accounts are set up: in this Region, or centrally from the home Region."""
    organization = security_hub.organization(call)
    centre = security_hub.central.of(call.account, call.region)
    present = "LOCAL" if centre is None else "CENTRAL"
    wanted = (organization_configuration or {}).get("ConfigurationType", present)
    if wanted == "CENTRAL":
        _refuse_auto_enable(
            auto_enable_standards, auto_enable=auto_enable, is_named=organization_configuration is not None
        )
    aggregator = security_hub.central.aggregators.get(call.account)
    if wanted != present:
        if aggregator is None:
            raise AwsError("ResourceNotFoundException", f"Account {call.account} has no finding aggregator.")
        if call.region != aggregator.home:
            sentence = f"Central configuration is begun and ended in the home Region, {aggregator.home}, only."
            raise AwsError("AccessDeniedException", sentence)
    if wanted == "CENTRAL":
        if centre is None and aggregator is not None:
            _begin(security_hub, call, organization, aggregator)
        return
    if centre is not None:
        _end(security_hub, call, centre)
    before = security_hub.configuration(call.account, call.region)
    security_hub.configurations[call.account, call.region] = Configuration(
        auto_enable=auto_enable,
        auto_enable_standards=auto_enable_standards or before.auto_enable_standards,
        since=before.since
        if before.auto_enable == auto_enable
        else round(call.time, 6),  # as an account that joins then has it
    )


def _begin(security_hub: SecurityHub, call: Call, organization: Organization, aggregator: Aggregator) -> None:
    """Turn to central configuration: auto-enable ends in the home Region and linked ones (botocore).

    All accounts manage themselves at first (user guide, "Centrally managed versus self-managed targets").
    """
    for account_id, region in list(security_hub.configurations):
        if account_id == call.account and aggregator.covers(region):
            security_hub.settle_in(account_id, region)
            security_hub.configurations[account_id, region] = Configuration(
                auto_enable=False, auto_enable_standards="NONE", since=call.time
            )
    latency = security_hub.emulator.latencies["securityhub:UpdateOrganizationConfiguration"]
    security_hub.central.begin(Centre(organization, aggregator, ready_at=call.time + latency))


def _end(security_hub: SecurityHub, call: Call, centre: Centre) -> None:
    """Turn to local configuration, once nothing is associated and no policy is left.

    Source: user guide, "Disabling central configuration"; the error is assumed.
    """
    if centre.associations or centre.policies:
        sentence = "Disassociate all targets and delete all configuration policies before."
        raise AwsError("ResourceConflictException", sentence)
    security_hub.central.end(call.account)


def _refuse_auto_enable(standards: str | None, *, auto_enable: bool, is_named: bool) -> None:
    """Refuse what central configuration excludes; without the type, what is not named stays.

    The sentence is AWS's own (github.com/schubergphilis/terraform-aws-mcaf-landing-zone, pull request 213).
    """
    if auto_enable or standards == "DEFAULT" or (is_named and standards != "NONE"):
        raise invalid_input("Auto Enable and AutoEnableStandards can not be enabled for Central Configuration")


def _check_feature(call: Call, feature: str) -> None:
    if feature != CSPM:
        raise not_implemented(call.service, call.operation, feature)
