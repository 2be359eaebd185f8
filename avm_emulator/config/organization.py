"""AWS Config for a whole organization: who may have it collect and deploy there, and what it keeps of that."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from moto.config.models import config_backends

from avm_emulator.errors import AwsError
from avm_emulator.organizations.delegation import enable_aws_service_access
from avm_emulator.organizations.state import Account, Organization, organization_of

if TYPE_CHECKING:
    from avm_emulator.boundary import Call
    from avm_emulator.context import Emulator

AGGREGATORS = "config.amazonaws.com"
"""What an account administers that collects from all accounts."""
DEPLOYMENTS = "config-multiaccountsetup.amazonaws.com"
"""What an account administers that deploys into all accounts."""

RETRIED_FOR = 7 * 3600
"""AWS-seconds after an account has joined in which Config deploys again where no recorder was there (developer guide,
"Managing AWS Config rules across all accounts in your organization")."""


@dataclass
class Deployment:
    """A conformance pack in one account."""

    status: str
    updated_at: float
    """AWS epoch seconds."""
    error: tuple[str, str] | None = None
    """Code and sentence."""


@dataclass
class ConformancePack:
    """A conformance pack of an organization."""

    arn: str
    name: str
    unique_name: str
    settings: dict[str, Any]
    """What DescribeOrganizationConformancePacks tells beside name and ARN."""
    updated_at: float
    """AWS epoch seconds."""
    verb: str = "CREATE"
    """``CREATE``, ``UPDATE`` or ``DELETE``."""
    in_progress: bool = True
    deployments: dict[str, Deployment] = field(default_factory=dict)
    """By account."""

    @property
    def status(self) -> str:
        """Return the status of the whole (botocore: successful in all accounts, or not)."""
        if self.in_progress:
            return f"{self.verb}_IN_PROGRESS"
        failed = any(deployment.error for deployment in self.deployments.values())
        return f"{self.verb}_{'FAILED' if failed else 'SUCCESSFUL'}"


class OrganizationConfig:
    """What AWS Config does for organizations in one emulator."""

    def __init__(self, emulator: Emulator) -> None:
        """Begin without packs."""
        self.emulator = emulator
        self.lock = threading.RLock()
        self._packs: dict[tuple[str, str], dict[str, ConformancePack]] = {}
        self.collected: set[str] = set()
        """ARNs of the aggregators that have collected for the first time."""

    def packs(self, account_id: str, region: str) -> dict[str, ConformancePack]:
        """Return the conformance packs that an account has made in a Region, by name."""
        return self._packs.setdefault((account_id, region), {})

    def settle(self, call: Call) -> None:
        """Deploy into accounts that have joined, and again where a recorder is there by now."""
        organization = organization_of(call.account)
        if organization is None:
            return
        now = call.time
        for pack in self.packs(call.account, call.region).values():
            if pack.in_progress:
                continue
            accounts = {account.id: account for account in self.targets(organization, pack)}
            for account_id in set(pack.deployments) - set(accounts):
                del pack.deployments[account_id]
            for account in accounts.values():
                latency = self.emulator.latencies.of("config:PutOrganizationConformancePack", pack.name, account.name)
                known = pack.deployments.get(account.id)
                is_tried_again = known is not None and known.error and now <= account.joined_at + RETRIED_FOR
                if is_tried_again or (known is None and account.joined_at + latency <= now):
                    pack.deployments[account.id] = deploy(account, call.region, now)

    def targets(self, organization: Organization, pack: ConformancePack) -> list[Account]:
        """Return the accounts that a pack belongs into: all, the management account with them, but the excluded."""
        excluded = set(pack.settings.get("ExcludedAccounts", ()))
        with Organization.lock:
            members = list(organization.members())
        return [account for account in members if account.state == "ACTIVE" and account.id not in excluded]


def deploy(account: Account, region: str, now: float, verb: str = "CREATE") -> Deployment:
    """Deploy into an account, which must have a recorder; AWS Config says so in the code of the failure."""
    if not config_backends[account.id][region].recorders:
        sentence = "Operation failed because there is no configuration recorder available to record the resources."
        return Deployment(f"{verb}_FAILED", now, ("NoAvailableConfigurationRecorder", sentence))
    return Deployment(f"{verb}_SUCCESSFUL", now)


def administered(account_id: str, principal: str) -> Organization:
    """Return the organization for which an account may work, as manager or as administrator of ``principal``.

    The management account gives trusted access by that, as Config does with the call (botocore,
    PutConfigurationAggregator and PutOrganizationConformancePack).

    Raises:
        AwsError: NoAvailableOrganizationException, OrganizationAllFeaturesNotEnabledException,
            OrganizationAccessDeniedException.
    """
    organization = organization_of(account_id)
    if organization is None:
        raise AwsError("NoAvailableOrganizationException", "Organization is no longer available.")
    if organization.entity.feature_set != "ALL":
        sentence = "AWS Config resource cannot be created because your organization does not have all features enabled."
        raise AwsError("OrganizationAllFeaturesNotEnabledException", sentence)
    if account_id == organization.account_id:
        with Organization.lock:
            enable_aws_service_access(organization, service_principal=principal)
    elif not is_administrator(account_id, organization, principal):
        raise access_denied()
    return organization


def is_administrator(account_id: str, organization: Organization, principal: str) -> bool:
    """Return whether an account manages the organization or administers ``principal``, and the service is trusted."""
    trusted = any(service["ServicePrincipal"] == principal for service in organization.services)
    is_one = account_id == organization.account_id or organization.is_delegated_administrator(account_id, principal)
    return trusted and is_one


def access_denied() -> AwsError:
    """Return the error for whoever neither manages nor administers."""
    return AwsError(
        "OrganizationAccessDeniedException",
        "This action can be only made by the organization's management account or a registered delegated administrator "
        "of AWS Config.",
    )
