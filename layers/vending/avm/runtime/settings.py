"""The environment variables of each function, as one model per function. Nothing else reads ``os.environ``.

A test compares these models with ``template.yaml``, both ways.
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Json


class Settings(BaseModel):
    """What every function has. Lambda's own variables (AWS_…, POWERTOOLS_…) are AWS's and Powertools' to read."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    TABLE_NAME: str
    """The stack's table."""


class CatalogSettings(Settings):
    """A function that reads the catalog."""

    CATALOG_DIR: str
    """Where the catalog layer is unpacked: ``/opt/catalog`` on Lambda."""


class EventSettings(Settings):
    """A function that publishes events."""

    BUS_NAME: str
    """The stack's event bus."""


class CatalogEventSettings(CatalogSettings, EventSettings):
    """A function that reads the catalog and publishes events."""


class BrokerSettings(Settings):
    """A function that works in the management account."""

    BROKER_ROLE_ARN: str
    """The broker's role there."""

    EXTERNAL_ID: str
    """What a function says when it takes a role of another account."""


class TrustSettings(BrokerSettings):
    """A function that knows whom the machine's roles trust."""

    FUNCTION_ROLES: str
    """How the ARNs of the application's function roles begin."""


class OrganizationSettings(CatalogSettings, BrokerSettings):
    """A function that works in the management account as the catalog says."""


class ControlSettings(CatalogSettings, TrustSettings):
    """A function that looks at controls, and makes them true."""


class ReportSettings(ControlSettings):
    """A function that keeps what it has found."""

    REPORT_BUCKET: str
    """The stack's bucket for reports."""


class VerificationSettings(ReportSettings, EventSettings):
    """A function that keeps a report, and tells when an account has become ready."""


class SigningSettings(VerificationSettings):
    """A function that signs the reports that it keeps."""

    REPORT_KEY_ARN: str
    """The KMS key that signs reports."""


class FindingSettings(ControlSettings, EventSettings):
    """A function that looks at controls, and tells of what it finds."""


class HintSettings(CatalogEventSettings, BrokerSettings):
    """A function that starts looks at controls, and tells who has joined the organization or left it."""

    DEAD_LETTER_QUEUES: Json[dict[str, str]]
    """JSON: URL of a queue -> URL of its dead-letter queue."""

    MANAGEMENT_ACCOUNT_ID: str
    """The organization's management account."""

    FUNCTION_ROLES: str
    """How the ARNs of the application's function roles begin."""

    REPAIR_MACHINE_ARN: str
    """The workflow that looks at one control and repairs it."""

    FOUNDATION_MACHINE_ARN: str
    """The workflow that looks at the foundation and prepares it."""


class SweepBatchSettings(SigningSettings):
    """A function that sweeps accounts, and starts what repairs them."""

    REPAIR_MACHINE_ARN: str
    """The workflow that looks at one control and repairs it."""


class SweepEndSettings(CatalogSettings):
    """A function that ends a sweep."""

    REPORT_BUCKET: str
    """The stack's bucket for reports."""

    FOUNDATION_MACHINE_ARN: str
    """The workflow that looks at the foundation and prepares it."""


class OverviewSettings(ReportSettings, EventSettings):
    """A function that looks at the whole foundation."""

    CONTROLS_MACHINE_ARN: str
    """The workflow that observes and repairs accounts."""


class RequestSettings(ControlSettings):
    """A function of the foundation that asks for accounts, and for what is deferred in them."""

    STATE_MACHINE_ARN: str
    """The vend workflow."""

    CONTROLS_MACHINE_ARN: str
    """The workflow that observes and repairs accounts."""


class AccountSettings(CatalogEventSettings, BrokerSettings):
    """A function that makes the account and tells of it."""


class HistorySettings(EventSettings):
    """A function that publishes events and reads the history of executions."""

    STATE_MACHINE_ARN: str
    """The vend workflow."""


class OutcomeSettings(HistorySettings, AccountSettings):
    """A function that ends a vend and needs catalog and broker for it."""


class DoorSettings(CatalogEventSettings):
    """A door: it accepts requests, starts vends, and puts aside or sends back what cannot be taken."""

    STATE_MACHINE_ARN: str
    """The vend workflow."""

    DEAD_LETTER_QUEUES: Json[dict[str, str]]
    """JSON: URL of a queue -> URL of its dead-letter queue."""

    OWN_ROLE_IDS: Json[tuple[str, ...]]
    """JSON: the unique ids of the roles whose messages are sent by our own functions."""


class WebhookSettings(CatalogSettings):
    """A function that takes what ticketing systems send."""

    STATE_MACHINE_ARN: str
    """The vend workflow."""

    WEBHOOK_PREFIX: str
    """What the names of the sources' secrets begin with."""


class AnswerSettings(CatalogSettings):
    """A function that tells ticketing systems what becomes of their requests."""

    DEAD_LETTER_QUEUES: Json[dict[str, str]]
    """JSON: URL of a queue -> URL of its dead-letter queue."""

    WEBHOOK_PREFIX: str
    """What the names of the sources' secrets begin with."""

    API_URL: str
    """Base of the API, without the version."""


class StackSettings(CatalogEventSettings):
    """A function that takes the stacks of Service Catalog's products, and answers them."""

    STATE_MACHINE_ARN: str
    """The vend workflow."""

    API_URL: str
    """Base of the API, without the version."""


class OutcomeAnswerSettings(Settings):
    """A function that tells Service Catalog what becomes of its records."""

    DEAD_LETTER_QUEUES: Json[dict[str, str]]
    """JSON: URL of a queue -> URL of its dead-letter queue."""

    API_URL: str
    """Base of the API, without the version."""


class ApiSettings(DoorSettings, BrokerSettings):
    """The API: a door that shows accounts, and starts what observes, repairs and adopts them."""

    REPORT_BUCKET: str
    """The stack's bucket for reports."""

    CONTROLS_MACHINE_ARN: str
    """The workflow that observes and repairs."""

    FOUNDATION_MACHINE_ARN: str
    """The workflow that looks at the foundation and prepares it."""

    ADOPTION_MACHINE_ARN: str
    """The workflow that plans adoptions."""

    PLAN_MACHINE_ARN: str
    """The workflow that plans vends."""

    SWEEP_MACHINE_ARN: str
    """The workflow that looks at all accounts."""


FUNCTION_SETTINGS: Mapping[str, type[Settings]] = {
    "api": ApiSettings,
    "take_message": DoorSettings,
    "take_event": DoorSettings,
    "take_webhook": WebhookSettings,
    "notify_ticket": AnswerSettings,
    "take_provisioning": DoorSettings,
    "take_stack": StackSettings,
    "notify_provisioning": OutcomeAnswerSettings,
    "parse_parameters": CatalogSettings,
    "validate_request": CatalogEventSettings,
    "reserve_account": Settings,
    "request_approval": EventSettings,
    "join_creation_queue": Settings,
    "acquire_creation_slot": OrganizationSettings,
    "release_creation_slot": OrganizationSettings,
    "acquire_access_slot": CatalogSettings,
    "release_access_slot": CatalogSettings,
    "create_account": AccountSettings,
    "await_creation": AccountSettings,
    "adopt_account": AccountSettings,
    "plan_account": ReportSettings,
    "plan_adoption": ReportSettings,
    "quarantine_account": OrganizationSettings,
    "move_account": OrganizationSettings,
    "await_readiness": OrganizationSettings,
    "create_vending_roles": ControlSettings,
    "restrict_bootstrap": ControlSettings,
    "plan_controls": ControlSettings,
    "attach_guardrails": ControlSettings,
    "harden_account": ControlSettings,
    "enroll_logging": ControlSettings,
    "enroll_security": ControlSettings,
    "assign_access": ControlSettings,
    "verify_account": SigningSettings,
    "plan_sweep": VerificationSettings,
    "sweep_accounts": SweepBatchSettings,
    "finish_sweep": SweepEndSettings,
    "notice_drift": HintSettings,
    "observe_drift": FindingSettings,
    "record_drift": FindingSettings,
    "report_finding": OrganizationSettings,
    "request_repair_approval": Settings,
    "plan_foundation": ControlSettings,
    "shape_organization": ControlSettings,
    "prepare_access": ControlSettings,
    "prepare_logging": ControlSettings,
    "prepare_security": ControlSettings,
    "request_accounts": RequestSettings,
    "observe_foundation": OverviewSettings,
    "release_account": OrganizationSettings,
    "record_outcome": HistorySettings,
    "park_account": OutcomeSettings,
    "reject_request": OutcomeSettings,
    "watch_vends": OutcomeSettings,
}
"""The model of each function, by its folder's name."""


def read_settings(function: str, environment: Mapping[str, str]) -> Settings:
    """Return a function's settings; raises pydantic's ValidationError, naming the variable, where one is missing."""
    return FUNCTION_SETTINGS[function].model_validate(environment)
