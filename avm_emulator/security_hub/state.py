"""What Security Hub knows beside moto's hubs: standards, who administers whom, how members are set up."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from moto.securityhub.models import SecurityHubBackend, securityhub_backends
from moto.utilities.utils import get_partition

from avm_emulator.errors import AwsError
from avm_emulator.organizations.administrators import RegionalAdministrators
from avm_emulator.organizations.state import Account, Organization, organization_of
from avm_emulator.pages import InvalidPageError, cut
from avm_emulator.security_hub.central import Central
from avm_emulator.security_hub.enrolment import bring_in
from avm_emulator.security_hub.known_standards import DEFAULT

if TYPE_CHECKING:
    from avm_emulator.boundary import Call
    from avm_emulator.context import Emulator

T = TypeVar("T")

PRINCIPAL = "securityhub.amazonaws.com"


def invalid_input(sentence: str) -> AwsError:
    """Return the error for what makes no sense."""
    return AwsError("InvalidInputException", sentence)


def invalid_access(account_id: str) -> AwsError:
    """Return the error for an account without Security Hub."""
    return AwsError("InvalidAccessException", f"Account {account_id} is not subscribed to AWS Security Hub")


@dataclass
class Subscription:
    """A standard that is on in one account and Region."""

    standards_arn: str
    subscription_arn: str
    ready_at: float
    """AWS epoch seconds."""
    planned_failure: str | None = None
    """Why it shall never be ready, whatever AWS Config does."""


@dataclass
class Hub:
    """What moto does not keep of an account's Security Hub in one Region."""

    finding_generator: str = "SECURITY_CONTROL"
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    """By the ARN of the standard."""
    findings: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By id: those of the default product."""


@dataclass
class Configuration:
    """How new accounts are set up by themselves, in a Region: UpdateOrganizationConfiguration, type LOCAL."""

    auto_enable: bool = False
    auto_enable_standards: str = "DEFAULT"
    since: float = 0.0
    """When ``auto_enable`` was last changed: AWS epoch seconds."""


@dataclass
class Member:
    """An account as its administrator sees it in one Region."""

    account_id: str
    email: str
    updated_at: float
    """AWS epoch seconds."""
    status: str = "Created"
    """``Created`` until its hub is there, then ``Enabled``; ``Removed`` (botocore: shape Member)."""
    planned_status: str | None = None
    """What it shall become in the place of ``Enabled``."""


class SecurityHub:
    """Security Hub of one emulator."""

    current: ClassVar[SecurityHub]

    def __init__(self, emulator: Emulator) -> None:
        """Begin without administrators."""
        self.emulator = emulator
        self.lock = threading.RLock()
        self.administrators = RegionalAdministrators(PRINCIPAL, invalid_input)
        self.configurations: dict[tuple[str, str], Configuration] = {}
        self.central = Central()
        self._hubs: dict[tuple[str, str], Hub] = {}
        self._members: dict[tuple[str, str], dict[str, Member]] = {}

    def backend(self, account_id: str, region: str) -> SecurityHubBackend:
        """Return moto's state of an account in a Region: whether it is enabled, and since when."""
        found: SecurityHubBackend = securityhub_backends[account_id][region]
        return found

    def is_enabled(self, account_id: str, region: str) -> bool:
        """Return whether an account has Security Hub in a Region."""
        return bool(self.backend(account_id, region).enabled)

    def hub(self, account_id: str, region: str) -> Hub:
        """Return the hub of an account in a Region; raise InvalidAccessException where there is none."""
        if not self.is_enabled(account_id, region):
            raise invalid_access(account_id)
        return self._hubs.setdefault((account_id, region), Hub())

    def close(self, account_id: str, region: str) -> None:
        """Forget the hub of an account in a Region, and whose member it was."""
        self._hubs.pop((account_id, region), None)
        for (_, of_region), members in self._members.items():
            if of_region == region:
                members.pop(account_id, None)

    def organization(self, call: Call) -> Organization:
        """Return the organization that the caller administers in the Region; raise InvalidAccessException."""
        self.hub(call.account, call.region)
        organization = self.administrators.administered(call)
        if organization is None:
            sentence = f"Account {call.account} is not an administrator for this organization"
            raise AwsError("InvalidAccessException", sentence)
        return organization

    def configuration(self, administrator: str, region: str) -> Configuration:
        """Return how new accounts are set up by themselves."""
        return self.configurations.setdefault((administrator, region), Configuration())

    def settle(self, call: Call) -> None:
        """Bring in the accounts that auto-enable, or central configuration, has had time for."""
        self.settle_in(call.account, call.region)

    def settle_in(self, account_id: str, region: str) -> None:
        """Bring about in one Region what is due in the organization of an account."""
        centre = self.central.of(account_id, region)
        if centre is not None:
            bring_in(self, centre, region)
        administrator = self.administrators.of(account_id, region)
        if administrator is None:
            return
        with_standards = self.configuration(administrator, region).auto_enable_standards == "DEFAULT"
        members = self.members(administrator, region)
        for account, since in self._enabled_by_itself(administrator, region):
            if account.id not in members:
                self.enable_member(administrator, region, account, since, with_standards=with_standards)

    def members(self, administrator: str, region: str) -> dict[str, Member]:
        """Return the members of an administrator by account id."""
        return self._members.setdefault((administrator, region), {})

    def enable_member(
        self, administrator: str, region: str, account: Account, now: float, *, with_standards: bool
    ) -> None:
        """Make an account an enabled member. One that has Security Hub keeps it as it is (botocore, CreateMembers)."""
        if not self.is_enabled(account.id, region):
            self.enable(account.id, region, now, with_standards=with_standards)
        self.members(administrator, region)[account.id] = Member(account.id, account.email, now, "Enabled")

    def enable(self, account_id: str, region: str, now: float, *, with_standards: bool) -> None:
        """Give an account Security Hub in a Region."""
        self.backend(account_id, region).enable_security_hub()
        self._hubs[account_id, region] = Hub()
        for standard in DEFAULT if with_standards else ():
            self.subscribe(account_id, region, standard.arn(region), now)

    def switch_off(self, account_id: str, region: str) -> None:
        """Take Security Hub from an account in a Region, with its standards and associations."""
        self.backend(account_id, region).disable_security_hub()
        self.close(account_id, region)

    def refuse_centrally_managed(self, call: Call) -> None:
        """Raise AccessDeniedException to an account that a configuration policy configures, the administrator too.

        The sentence is AWS's own (github.com/hashicorp/terraform-provider-aws, issue 39687).
        """
        centre = self.central.of(call.account, call.region)
        now = self.emulator.clock.now()
        if centre is not None and now >= centre.ready_at and centre.policy_of(call.account) is not None:
            sentence = (
                "This account is currently associated with a central configuration policy, so only the administrator "
                "can access this operation."
            )
            raise AwsError("AccessDeniedException", sentence)

    def subscribe(self, account_id: str, region: str, standards_arn: str, now: float) -> Subscription:
        """Switch a standard on; one that is on stays as it is, unless it came to nothing."""
        hub = self.hub(account_id, region)
        name = standards_arn.partition("/")[2]
        latency = self.emulator.latencies.of("securityhub:BatchEnableStandards", name, region)
        subscription_arn = f"arn:{get_partition(region)}:securityhub:{region}:{account_id}:subscription/{name}"
        known = hub.subscriptions.get(standards_arn)
        if known is None or known.planned_failure is not None:
            hub.subscriptions[standards_arn] = Subscription(standards_arn, subscription_arn, now + latency)
        return hub.subscriptions[standards_arn]

    def administrator_of(self, account_id: str, region: str) -> Member | None:
        """Return the membership of an account with the administrator of its organization."""
        administrator = self.administrators.of(account_id, region)
        return None if administrator is None else self.members(administrator, region).get(account_id)

    def forget(self, administrator: str, region: str) -> None:
        """Forget an administrator's members and what it has set for them."""
        self._members.pop((administrator, region), None)
        self.configurations.pop((administrator, region), None)

    def _enabled_by_itself(self, administrator: str, region: str) -> Iterator[tuple[Account, float]]:
        """Yield the new accounts that auto-enable has had time for, and when it came to them.

        Looked at when somebody asks, so that no clock jumps to it.
        """
        organization = organization_of(administrator)
        configuration = self.configuration(administrator, region)
        if organization is None or not configuration.auto_enable:
            return
        latency = self.emulator.latencies["securityhub:AutoEnable"]
        with Organization.lock:
            accounts = [account for account in organization.members() if account.state == "ACTIVE"]
        for account in accounts:
            due = account.joined_at + latency
            if (
                account.id not in (administrator, organization.account_id)
                and account.joined_at >= configuration.since
                and due <= self.emulator.clock.now()
            ):
                yield account, due


def page(items: Sequence[T], next_token: str | None, max_results: int | None, size: int) -> tuple[list[T], str | None]:
    """Return one page of ``items``, at most ``size``, and the token of the next one; raise InvalidInputException."""
    try:
        return cut(items, next_token, max_results, size=size)
    except InvalidPageError as error:
        raise invalid_input(str(error)) from error
