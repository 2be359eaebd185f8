"""What a step may use: the gateways to AWS and the catalog, made when they are first asked for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from avm.aws.account_quota import AccountQuota
from avm.aws.broker import Broker
from avm.aws.budgets import Budgets
from avm.aws.cost_allocation import CostAllocation
from avm.aws.deliveries import Deliveries
from avm.aws.designations import Designations
from avm.aws.drift_table import DriftTable
from avm.aws.dynamodb import RequestTable
from avm.aws.eventbridge import EventBus
from avm.aws.identity_center import IdentityCenter
from avm.aws.kms import ReportKey
from avm.aws.management_trails import ManagementTrails
from avm.aws.organization_setup import OrganizationSetup
from avm.aws.organizations import Organizations
from avm.aws.permission_sets import PermissionSets
from avm.aws.probes import MemberClients
from avm.aws.product_artifacts import ProductArtifacts
from avm.aws.proposals_table import ProposalsTable
from avm.aws.provisionings import Provisionings
from avm.aws.report_archive import ReportArchive
from avm.aws.root_access import RootAccess
from avm.aws.root_credentials import RootCredentials
from avm.aws.s3 import Reports
from avm.aws.service_catalog import ProvisioningResults
from avm.aws.slots_table import SlotsTable
from avm.aws.sqs import DeadLetterQueues
from avm.aws.stack_answers import StackAnswers
from avm.aws.stacks import Stacks
from avm.aws.step_functions import ControlRuns, Workflows
from avm.aws.sts import Session, Sessions
from avm.aws.ticket_systems import TicketSystems
from avm.aws.webhook_secrets import WebhookSecrets
from avm.catalog import load_built_catalog
from avm.domain.catalog import Catalog
from avm.domain.organization import global_region
from avm.domain.trust import BOOTSTRAP_ROLE, VENDING_PATH, Trusted, role_arn


class Clients(Protocol):
    """Makes boto3 clients; ``runtime.wiring`` provides it."""

    @property
    def partition(self) -> str:
        """The partition of the function's Region."""

    def client(self, service: str) -> Any:
        """Return the client of a service, by boto3's name, in the function's Region and role."""

    def member(self, region: str | None, credentials: Mapping[str, str], *, repeats: bool = False) -> MemberClients:
        """Return the clients of a session; ``region`` None: in the function's own Region.

        ``repeats``: the SDK may repeat a call.
        """

    def now(self) -> datetime:
        """Return the real time: credentials and signatures end by it; nothing else is decided by it."""


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
        broker_role_arn: str = "",
        external_id: str = "",
        function_roles: str = "",
        management_account_id: str = "",
        report_bucket: str = "",
        report_key_arn: str = "",
        controls_machine_arn: str = "",
        foundation_machine_arn: str = "",
        adoption_machine_arn: str = "",
        plan_machine_arn: str = "",
        repair_machine_arn: str = "",
        sweep_machine_arn: str = "",
        webhook_prefix: str = "",
        api_url: str = "",
    ) -> None:
        """Take the names that the function's settings hold; a function has only those that it uses."""
        self._clients = clients
        self._table_name = table_name
        self._bus_name = bus_name
        self._state_machine_arn = state_machine_arn
        self._catalog_dir = catalog_dir
        self._dead_letter_queues = dead_letter_queues or {}
        self.own_roles = own_roles
        self._broker_role_arn = broker_role_arn
        self._external_id = external_id
        self._function_roles = function_roles
        self._management_account_id = management_account_id
        self._report_bucket = report_bucket
        self._report_key_arn = report_key_arn
        self._report_archives: dict[str, ReportArchive] = {}
        self._controls_machine_arn = controls_machine_arn
        self._foundation_machine_arn = foundation_machine_arn
        self._adoption_machine_arn = adoption_machine_arn
        self._plan_machine_arn = plan_machine_arn
        self._repair_machine_arn = repair_machine_arn
        self._sweep_machine_arn = sweep_machine_arn
        self._webhook_prefix = webhook_prefix
        self.api_url = api_url

    @cached_property
    def catalog(self) -> Catalog:
        """The catalog as it was deployed; raises CatalogInvalid."""
        return load_built_catalog(Path(self._catalog_dir))

    @cached_property
    def table(self) -> RequestTable:
        """The application's table."""
        return RequestTable(self._clients.client("dynamodb"), self._table_name)

    @cached_property
    def deliveries(self) -> Deliveries:
        """The webhooks that have become requests, in the application's table."""
        return Deliveries(self._clients.client("dynamodb"), self._table_name)

    @cached_property
    def webhook_secrets(self) -> WebhookSecrets:
        """The secrets of the sources of webhooks."""
        return WebhookSecrets(self._clients.client("secretsmanager"), self._webhook_prefix)

    @cached_property
    def ticket_systems(self) -> TicketSystems:
        """The ticketing systems that are told what becomes of their requests."""
        return TicketSystems()

    @cached_property
    def provisionings(self) -> Provisionings:
        """The records of Service Catalog that have become requests, in the application's table."""
        return Provisionings(self._clients.client("dynamodb"), self._table_name)

    @cached_property
    def provisioning_results(self) -> ProvisioningResults:
        """Service Catalog, which is told how its records end."""
        return ProvisioningResults(self._clients.client("servicecatalog"))

    @cached_property
    def product_artifacts(self) -> ProductArtifacts:
        """The artifacts of Service Catalog's products."""
        return ProductArtifacts(self._sessions, lambda session: self.member_clients(None, session).client("s3"))

    @cached_property
    def stacks(self) -> Stacks:
        """The stacks of Service Catalog's products."""
        return Stacks(self._clients.client("cloudformation"))

    @cached_property
    def stack_answers(self) -> StackAnswers:
        """CloudFormation, where it waits for the answers about its resources."""
        return StackAnswers(self._clients.client("s3"))

    def real_time(self) -> datetime:
        """Return the real time: signatures are made and end by it."""
        return self._clients.now()

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
    def control_runs(self) -> ControlRuns:
        """The executions that observe and repair accounts."""
        return ControlRuns(self._clients.client("stepfunctions"), self._controls_machine_arn)

    @cached_property
    def foundation_runs(self) -> ControlRuns:
        """The executions that look at the foundation and prepare it."""
        return ControlRuns(self._clients.client("stepfunctions"), self._foundation_machine_arn)

    @cached_property
    def adoption_runs(self) -> ControlRuns:
        """The executions that plan adoptions."""
        return ControlRuns(self._clients.client("stepfunctions"), self._adoption_machine_arn)

    @cached_property
    def plan_runs(self) -> ControlRuns:
        """The executions that plan vends."""
        return ControlRuns(self._clients.client("stepfunctions"), self._plan_machine_arn)

    @cached_property
    def drift_runs(self) -> ControlRuns:
        """The executions that look at one control, and repair it."""
        return ControlRuns(self._clients.client("stepfunctions"), self._repair_machine_arn)

    @cached_property
    def sweeps(self) -> ControlRuns:
        """The executions that look at all accounts."""
        return ControlRuns(self._clients.client("stepfunctions"), self._sweep_machine_arn)

    @cached_property
    def drift(self) -> DriftTable:
        """Exceptions, what was found untrue, and the circuit breaker, in the application's table."""
        return DriftTable(self._clients.client("dynamodb"), self._table_name)

    @cached_property
    def proposals(self) -> ProposalsTable:
        """Proposed repairs that wait for a person, in the application's table."""
        return ProposalsTable(self._clients.client("dynamodb"), self._table_name)

    @cached_property
    def reports(self) -> Reports:
        """The reports on accounts."""
        return Reports(self._clients.client("s3"), self._report_bucket)

    @cached_property
    def report_key(self) -> ReportKey:
        """The key that signs reports."""
        return ReportKey(self._clients.client("kms"), self._report_key_arn)

    def report_archive(self, bucket_name: str, account_id: str) -> ReportArchive:
        """Return the log archive's bucket for reports; it admits the function's own role."""
        if bucket_name not in self._report_archives:
            client = self._clients.client("s3")
            self._report_archives[bucket_name] = ReportArchive(client, bucket_name, account_id)
        return self._report_archives[bucket_name]

    @cached_property
    def dead_letters(self) -> DeadLetterQueues:
        """The dead-letter queues."""
        return DeadLetterQueues(self._clients.client("sqs"), self._dead_letter_queues, self.own_roles)

    @property
    def partition(self) -> str:
        """The partition that this runs in: ``aws``, ``aws-us-gov``, ``aws-cn``."""
        return self._clients.partition

    @cached_property
    def _sessions(self) -> Sessions:
        return Sessions(self._clients.client("sts"))

    @cached_property
    def _broker(self) -> Broker:
        def make(service: str, region: str | None, credentials: Mapping[str, str], repeats: bool) -> Any:  # noqa: FBT001
            return self._clients.member(region, credentials, repeats=repeats).client(service)

        return Broker(self._sessions, self._broker_role_arn, self._external_id, make, self._clients.now)

    @cached_property
    def organizations(self) -> Organizations:
        """AWS Organizations, by way of the broker."""
        return Organizations(self._broker)

    @cached_property
    def organization_setup(self) -> OrganizationSetup:
        """What only the foundation does in AWS Organizations, by way of the broker."""
        return OrganizationSetup(self._broker)

    @cached_property
    def management_trails(self) -> ManagementTrails:
        """CloudTrail in the management account, by way of the broker."""
        return ManagementTrails(self._broker)

    @cached_property
    def budgets(self) -> Budgets:
        """The budgets of accounts, by way of the broker."""
        return Budgets(self._broker, self.management_account_id)

    @cached_property
    def root_credentials(self) -> RootCredentials:
        """What root users of member accounts have to sign in with, by way of the broker."""
        return RootCredentials(self._broker)

    @cached_property
    def cost_allocation(self) -> CostAllocation:
        """The tags by which billing allocates costs, by way of the broker."""
        return CostAllocation(self._broker)

    @cached_property
    def account_quota(self) -> AccountQuota:
        """How many accounts AWS lets the organization have, by way of the broker."""
        return AccountQuota(self._broker, global_region(self.catalog.organization.home_region))

    @cached_property
    def root_access(self) -> RootAccess:
        """Central management of root access, by way of the broker."""
        return RootAccess(self._broker)

    @cached_property
    def designations(self) -> Designations:
        """Who administers the security services, by way of the broker."""
        return Designations(self._broker)

    @property
    def management_account_id(self) -> str:
        """The organization's management account: the broker's, for a function that takes the broker."""
        return self._management_account_id or self._broker_role_arn.split(":")[4]

    @property
    def application_account_id(self) -> str:
        """The account that this is deployed into: the functions' roles are there."""
        return self._function_roles.split(":")[4]

    def trusted(self, organization_id: str) -> Trusted:
        """Return whom the machine's roles in accounts of the organization trust."""
        return Trusted(self._function_roles, self._external_id, organization_id, self._broker_role_arn)

    def is_own(self, account_id: str, role: str) -> bool:
        """Return whether a role, by its ARN, is one in which the machine alone works in an account."""
        vending = role_arn(self.partition, account_id, "", VENDING_PATH)
        return role.startswith((vending, self._function_roles))

    def bootstrap_sessions(self, account_id: str) -> Sessions:
        """Return the way into the account's bootstrap role: the broker's."""
        return self._broker.bootstrap(account_id)

    def bootstrap_role(self, account_id: str) -> str:
        """Return the ARN of the account's bootstrap role."""
        return role_arn(self.partition, account_id, BOOTSTRAP_ROLE)

    def session(self, account_id: str, vending_role: str, session_name: str) -> Session:
        """Return a session in one of the account's vending roles, taken by the function itself."""
        arn = role_arn(self.partition, account_id, vending_role, VENDING_PATH)
        return self._sessions.assume(arn, session_name, external_id=self._external_id)

    def member_clients(self, region: str | None, session: Session) -> MemberClients:
        """Return the clients of a Region of an account, as the session there has them; None: in the own Region."""
        return self._clients.member(region, session.credentials)

    @cached_property
    def identity_center(self) -> IdentityCenter:
        """IAM Identity Center."""
        return IdentityCenter(self._clients.client("sso-admin"), self._clients.client("identitystore"))

    @cached_property
    def permission_sets(self) -> PermissionSets:
        """The permission sets of IAM Identity Center themselves."""
        return PermissionSets(self._clients.client("sso-admin"))
