"""What a step may use: the gateways to AWS and the catalog, made when they are first asked for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from avm.aws.dynamodb import RequestTable
from avm.aws.eventbridge import EventBus
from avm.aws.identity_center import IdentityCenter
from avm.aws.organizations import Organizations
from avm.aws.probes import MemberClients
from avm.aws.slots_table import SlotsTable
from avm.aws.sqs import DeadLetterQueues
from avm.aws.step_functions import Workflows
from avm.aws.sts import Sessions
from avm.catalog import load_catalog
from avm.domain.catalog import Catalog


class Clients(Protocol):
    """Makes boto3 clients; ``runtime.wiring`` provides it."""

    @property
    def partition(self) -> str:
        """The partition of the function's Region."""

    def client(self, service: str) -> Any:
        """Return the client of a service, by boto3's name, in the function's Region and role."""

    def member(self, region: str, credentials: Mapping[str, str]) -> MemberClients:
        """Return the clients of a Region of another account, with the credentials of a session there."""


class Gateways:
    """The gateways of one function's process."""

    def __init__(
        self,
        clients: Clients,
        *,
        table_name: str = "",
        bus_name: str = "",
        state_machine_arn: str = "",
        catalog_dir: str = "",
        dead_letter_queues: Mapping[str, str] | None = None,
        own_roles: Collection[str] = (),
    ) -> None:
        """Take the names that the function's settings hold; a function has only those that it uses."""
        self._clients = clients
        self._table_name = table_name
        self._bus_name = bus_name
        self._state_machine_arn = state_machine_arn
        self._catalog_dir = catalog_dir
        self._dead_letter_queues = dead_letter_queues or {}
        self.own_roles = own_roles

    @cached_property
    def catalog(self) -> Catalog:
        """The catalog as it was deployed; raises CatalogInvalid."""
        return load_catalog(Path(self._catalog_dir))

    @cached_property
    def table(self) -> RequestTable:
        """The application's table."""
        return RequestTable(self._clients.client("dynamodb"), self._table_name)

    @cached_property
    def slots(self) -> SlotsTable:
        """Slots, turns, and the task tokens of those who wait, in the application's table."""
        return SlotsTable(self._clients.client("dynamodb"), self._table_name)

    @cached_property
    def events(self) -> EventBus:
        """The application's event bus."""
        return EventBus(self._clients.client("events"), self._bus_name)

    @cached_property
    def workflows(self) -> Workflows:
        """The executions of the vend workflow."""
        return Workflows(self._clients.client("stepfunctions"), self._state_machine_arn)

    @cached_property
    def dead_letters(self) -> DeadLetterQueues:
        """The dead-letter queues."""
        return DeadLetterQueues(self._clients.client("sqs"), self._dead_letter_queues, self.own_roles)

    @property
    def partition(self) -> str:
        """The partition that this runs in: ``aws``, ``aws-us-gov``, ``aws-cn``."""
        return self._clients.partition

    @cached_property
    def sessions(self) -> Sessions:
        """Sessions in roles of other accounts."""
        return Sessions(self._clients.client("sts"))

    def member_clients(self, region: str, credentials: Mapping[str, str]) -> MemberClients:
        """Return the clients of a Region of a member account, with the credentials of a session there."""
        return self._clients.member(region, credentials)

    @cached_property
    def organizations(self) -> Organizations:
        """AWS Organizations."""
        return Organizations(self._clients.client("organizations"))

    @cached_property
    def identity_center(self) -> IdentityCenter:
        """IAM Identity Center."""
        return IdentityCenter(self._clients.client("sso-admin"), self._clients.client("identitystore"))
