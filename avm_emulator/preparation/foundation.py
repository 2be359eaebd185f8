"""Brings the foundation's own controls on, as the root user of the management account and without waiting for AWS.

The steps are those of ``avm foundation apply``: what stands in the emulator is what an apply makes. Two things are
shorter, so that a start takes seconds: the machine's roles are not there yet, so the emulator's own key does what the
broker would; and an account that the foundation asks for is made, tagged and given its buckets instead of being vended.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

from moto.utilities.utils import get_partition

from avm.aws.account_quota import AccountQuota
from avm.aws.broker import Broker, Use
from avm.aws.cost_allocation import CostAllocation
from avm.aws.designations import Designations
from avm.aws.management_trails import ManagementTrails
from avm.aws.organization_setup import OrganizationSetup
from avm.aws.organizations import Account, Organizations
from avm.aws.permission_sets import PermissionSets
from avm.aws.root_access import RootAccess
from avm.controls.control import Reach, Target
from avm.controls.log_archive_stores import LogArchiveStores
from avm.controls.registry import waves
from avm.domain.account import TYPE_TAG, AccountStatus
from avm.domain.catalog import Catalog
from avm.domain.foundation import LOG_ARCHIVE_TYPE, SECURITY_TYPE, Foundation
from avm.domain.request_rules import parse_request
from avm.domain.trust import BOOTSTRAP_ROLE, Trusted, role_arn
from avm.foundation.control import FoundationTarget, Standing
from avm.foundation.registry import all_foundation_controls
from avm_emulator.clients import Clients
from avm_emulator.organizations.events import EVENTS_REGION
from avm_emulator.preparation.accounts import NewAccount, create_accounts

if TYPE_CHECKING:
    from avm_emulator.context import Emulator

FUNCTIONS_PATH = "/avm-functions/"
"""Where the roles of the application's functions will be (``template.yaml``, RolePath)."""

LEFT_TO_APPLY = frozenset({"config-aggregator", "foundational-accounts", "shared-services-account", "tooling-account"})
"""What needs a vend, or a role of the machine."""


def bring_on_foundation(emulator: Emulator, catalog: Catalog, *names: str) -> None:
    """Do the steps of foundation controls, in their order; without ``names`` of all that need no vend.

    Raises:
        RuntimeError: a control is not true afterwards.
    """
    reach = _OwnKey(emulator, catalog)
    chosen = names or all_foundation_controls().keys() - LEFT_TO_APPLY
    for wave in waves(all_foundation_controls().values()):  # what is left out needs something, too
        for control in (each for each in wave if each.name in chosen):
            for step in control.look(reach.target(), reach).steps:
                step.act()
            look = control.look(reach.target(), reach)
            if look.status not in ("compliant", "pending"):  # for what AWS works on nobody waits here
                message = f"{control.name} is {look.status} in the prepared emulator: {look}"
                raise RuntimeError(message)


class _Management(Broker):
    """What the broker does, done by the root user of the management account."""

    def __init__(self, clients: Clients) -> None:
        self._own = clients

    def _client(self, service: str, use: Use, account_id: str, region: str | None = None) -> Any:  # noqa: ARG002
        return self._own.client(service, region)


class _Member:
    """Clients of one Region in the bootstrap role of an account."""

    def __init__(self, clients: Clients, arn: str, region: str) -> None:
        self._clients = clients
        self._arn = arn
        self._region = region

    def client(self, service: str) -> Any:
        """Return the client of a service."""
        return self._clients.client(service, self._region, role_arn=self._arn)


class _Inside:
    """The way into an account that control log-archive-stores uses."""

    def __init__(self, reach: _OwnKey, account_id: str) -> None:
        self._reach = reach
        self._account_id = account_id

    def member(self, region: str) -> _Member:
        """Return the account's clients in a Region."""
        return self._reach.member(self._account_id, region)


class _OwnKey:
    """What ``avm.foundation.control.FoundationReach`` describes, by the emulator's own key."""

    def __init__(self, emulator: Emulator, catalog: Catalog) -> None:
        self._emulator = emulator
        self._catalog = catalog
        self._partition = get_partition(emulator.region)
        self._function_roles = role_arn(self._partition, emulator.application_account_id, "", FUNCTIONS_PATH)
        self._memory: dict[str, str] = {}
        broker = _Management(emulator.clients)
        self.setup = OrganizationSetup(broker)
        self.organizations = Organizations(broker)
        self.trails = ManagementTrails(broker)
        self.designations = Designations(broker)
        self.root_access = RootAccess(broker)
        self.cost_allocation = CostAllocation(broker)
        self.account_quota = AccountQuota(broker, EVENTS_REGION)
        self.permission_sets = PermissionSets(emulator.clients.client("sso-admin"))

    def target(self) -> FoundationTarget:
        """Return the organization as it is now."""
        described = self.setup.description()
        foundation = Foundation(
            partition=self._partition,
            organization_id=described.id,
            home_region=self._emulator.region,
            management_account_id=described.management_account_id,
            log_archive_account_id=self.account_of(LOG_ARCHIVE_TYPE),
            security_account_id=self.account_of(SECURITY_TYPE),
            bucket_suffix=self._catalog.organization.log_archive.bucket_suffix,
        )
        return FoundationTarget(self._catalog, described, foundation, self._emulator.application_account_id)

    def account_of(self, account_type: str) -> str | None:
        """Return the account that was asked for, here or before; None before that."""
        before = self._emulator.security_account_id if account_type == SECURITY_TYPE else None
        return self._memory.get(account_type, before)

    def closed_account_of(self, account_type: str) -> str | None:  # noqa: ARG002  no account has stood here before
        """Return None: no account is closed."""
        return None

    def is_open(self, account_id: str) -> bool:  # noqa: ARG002
        """Return True: no account is closed."""
        return True

    def accounts(self) -> list[Account]:
        """Return all accounts of the organization."""
        return self.organizations.accounts()

    def standing(self, request_id: str) -> Standing | None:  # noqa: ARG002  nothing is vended
        """Return None: nobody has made a request."""
        return None

    def request(self, body: Mapping[str, Any]) -> None:
        """Make the account at once, tagged as a vend tags it."""
        kind = str(body["type"])
        email = f"aws+{kind}@example.com"
        wanted = NewAccount(kind, email, self._catalog.account_types[kind].ou, ((TYPE_TAG, kind),))
        account_id = self._memory[kind] = create_accounts(self._emulator, [wanted])[kind]
        if kind == SECURITY_TYPE:
            self._emulator.security_account_id = account_id
        if kind == LOG_ARCHIVE_TYPE:
            account = Account(account_id, kind, email, "ACTIVE", self.setup.description().id)
            inside = cast("Reach", _Inside(self, account_id))
            LogArchiveStores().enforce(self._as_account(account, body), inside)

    def obstacle_to_adoption(self, account_id: str) -> str | None:
        """Return why: the machine is not there yet."""
        return f"account {account_id} cannot be adopted: the machine is not there yet"

    def adopt(self, account_id: str, body: Mapping[str, Any]) -> None:
        """Do nothing: the machine is not there yet."""

    def _as_account(self, account: Account, body: Mapping[str, Any]) -> Target:
        """Return the account as controls of accounts get it."""
        return Target(
            account=account,
            account_type=self._catalog.account_type(account.name),
            catalog=self._catalog,
            request=parse_request(body, self._catalog),
            request_id=str(body["request_id"]),
            foundation=self.target().foundation,
            trusted=Trusted(self._function_roles, "", account.organization_id, ""),
        )

    def security(self, region: str) -> _Member:
        """Return the security account's clients in a Region."""
        return self.member(str(self.account_of(SECURITY_TYPE)), region)

    def log_archive(self, region: str) -> _Member:
        """Return the log archive's clients in a Region."""
        return self.member(str(self.account_of(LOG_ARCHIVE_TYPE)), region)

    def member(self, account_id: str, region: str) -> _Member:
        """Return an account's clients in a Region."""
        arn = role_arn(self._partition, account_id, BOOTSTRAP_ROLE)
        return _Member(self._emulator.clients, arn, region)

    def account_status(self, account_id: str) -> AccountStatus | None:  # noqa: ARG002  nothing is vended
        """Return None: the machine is not there yet."""
        return None

    def convergence(self, account_id: str) -> str | None:  # noqa: ARG002
        """Return None: nothing is repaired."""
        return None

    def converge(self, account_id: str) -> None:
        """Do nothing: the machine is not there yet."""

    def remember(self, key: str, read: Callable[[], str]) -> str:  # noqa: ARG002
        """Return what ``read`` returns now: there are no rounds."""
        return read()

    def forget(self, key: str) -> None:
        """Do nothing: nothing is remembered."""
