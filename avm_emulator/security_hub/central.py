"""Central configuration: home Region and linked ones, configuration policies, and what an account has of them.

Only the state and what follows from it. An association comes to be true some time after it was made, the account has
joined or was moved; that is looked at when somebody asks, so that no clock jumps to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from avm_emulator.organizations.state import Account, Organization, Root, Target, organization_of

if TYPE_CHECKING:
    from avm_emulator.latencies import Latencies

SELF_MANAGED = "SELF_MANAGED_SECURITY_HUB"
"""In the place of a policy's id: the account configures itself (botocore, StartConfigurationPolicyAssociation)."""
_LATENCY = "securityhub:StartConfigurationPolicyAssociation"


@dataclass
class Aggregator:
    """A finding aggregator: the Region that it was made in is the home Region (botocore, CreateFindingAggregator)."""

    arn: str
    account_id: str
    home: str
    mode: str
    regions: list[str]
    """By ``mode`` the linked Regions, or those that are not."""
    updated_at: float
    """AWS epoch seconds."""

    def covers(self, region: str) -> bool:
        """Return whether a Region is the home Region or linked to it."""
        if region == self.home or self.mode == "ALL_REGIONS":
            return True
        if self.mode == "ALL_REGIONS_EXCEPT_SPECIFIED":
            return region not in self.regions
        return self.mode == "SPECIFIED_REGIONS" and region in self.regions


@dataclass
class ConfigurationPolicy:
    """A configuration policy; times in AWS epoch seconds."""

    id: str
    arn: str
    name: str
    description: str | None
    content: dict[str, Any]
    """What botocore calls SecurityHubPolicy."""
    created_at: float
    updated_at: float

    @property
    def enables(self) -> bool:
        """Return whether accounts have Security Hub by it."""
        return bool(self.content["ServiceEnabled"])

    @property
    def standards(self) -> frozenset[str]:
        """Return the standards that accounts have by it, by what follows the first ``/`` of their ARNs."""
        return frozenset(arn.partition("/")[2] for arn in self.content.get("EnabledStandardIdentifiers", ()))


@dataclass
class Association:
    """A policy, or ``SELF_MANAGED``, on an account, an OU or the root."""

    target_id: str
    policy_id: str
    updated_at: float
    """AWS epoch seconds."""


@dataclass(frozen=True)
class Effective:
    """The association that counts for an account, an OU or the root: its own, or that of the nearest parent."""

    policy_id: str
    target_id: str
    inherited: bool
    since: float
    """When it came to count: AWS epoch seconds."""


@dataclass
class Centre:
    """Central configuration of one organization."""

    organization: Organization
    aggregator: Aggregator
    ready_at: float
    """Until then its status is PENDING: AWS epoch seconds."""
    policies: dict[str, ConfigurationPolicy] = field(default_factory=dict)
    """By id."""
    associations: dict[str, Association] = field(default_factory=dict)
    """By the id of their targets."""
    released: dict[str, float] = field(default_factory=dict)
    """When a target lost its association, and so came to inherit: AWS epoch seconds."""
    applied: dict[tuple[str, str], Effective] = field(default_factory=dict)
    """What an account has been configured by in a Region."""

    def effective(self, node: Target) -> Effective | None:
        """Return what counts for an account, an OU or the root; None where nothing does: it manages itself."""
        times = [self.ready_at, self.aggregator.updated_at]
        if isinstance(node, Account):
            times += [node.joined_at, node.moved_at]
        place = node
        while (association := self.associations.get(place.id)) is None:
            times.append(self.released.get(place.id, 0.0))
            if isinstance(place, Root):
                return None
            place = self.organization.parent(str(place.parent_id))
        policy = self.policies.get(association.policy_id)
        times += [association.updated_at, policy.updated_at if policy else 0.0]
        return Effective(association.policy_id, place.id, place is not node, max(times))

    def policy_of(self, account_id: str) -> ConfigurationPolicy | None:
        """Return the policy that an account is associated with; None for one that manages itself."""
        with Organization.lock:
            account = next((each for each in self.accounts() if each.id == account_id), None)
            effective = None if account is None else self.effective(account)
        return None if effective is None else self.policies.get(effective.policy_id)

    def accounts(self) -> Iterator[Account]:
        """Yield the accounts in use, the management account among them."""
        return (account for account in self.organization.members() if account.state == "ACTIVE")

    def nodes(self) -> Iterator[Target]:
        """Yield root, OUs and accounts in use."""
        yield self.organization.root
        yield from self.organization.units()
        yield from self.accounts()

    def is_pending(self, node: Target, effective: Effective, latencies: Latencies, now: float) -> bool:
        """Return whether AWS still works on it; on a root or OU, also where it does on an account below that inherits.

        Source: user guide, "Reviewing the association status of a configuration policy".
        """
        if now < due(node, effective, latencies):
            return True
        if isinstance(node, Account):
            return False
        below = (each for each in self.accounts() if f"/{node.id}/" in self.organization.path(each))
        inheriting = ((each, found) for each in below if (found := self.effective(each)) is not None)
        return any(
            found.target_id == effective.target_id and now < due(each, found, latencies) for each, found in inheriting
        )


class Central:
    """The finding aggregators of accounts, and central configuration by organization."""

    def __init__(self) -> None:
        """Begin with local configuration everywhere."""
        self.aggregators: dict[str, Aggregator] = {}
        """By account."""
        self._centres: dict[str, Centre] = {}

    def of(self, account_id: str, region: str) -> Centre | None:
        """Return central configuration of an account's organization, where it is meant for the Region."""
        organization = organization_of(account_id)
        centre = None if organization is None else self._centres.get(organization.account_id)
        return centre if centre is not None and centre.aggregator.covers(region) else None

    def begin(self, centre: Centre) -> None:
        """Turn to central configuration."""
        self._centres[centre.organization.account_id] = centre

    def end(self, administrator: str) -> None:
        """Turn to local configuration; accounts keep what they have."""
        self._centres = {
            key: centre for key, centre in self._centres.items() if centre.aggregator.account_id != administrator
        }


def due(node: Target, effective: Effective, latencies: Latencies) -> float:
    """Return when AWS has done what an association asks of an account, OU or root: AWS epoch seconds."""
    return effective.since + latencies.of(_LATENCY, node.id if isinstance(node, Root) else node.name)
