"""The only place that builds AWS clients: one Session a process, cached clients.

A Session per call costs 280 ms (local-emulator, section 7). A client's endpoint, Region and credentials come from the
environment that Lambda gives: nothing here knows where it runs.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any

import boto3
from botocore.config import Config

from avm.aws.errors import name_calls
from avm.runtime.settings import Settings, read_settings
from avm.steps.gateways import Gateways

_OWN = frozenset({"dynamodb", "events", "kms", "s3", "secretsmanager", "sqs", "stepfunctions"})
"""Services that hold the application's own resources: the SDK may repeat a call."""

_RETRIED = Config(connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 3})
_ONCE = Config(connect_timeout=3, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 1})
"""Managed services: the SDK repeats no call. CreateAccount must not be (aws-semantics 1.1), and where calls are counted
in tokens a second, pauses belong into the workflow's Retry, not into a function."""
_READS = Config(connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 5})
"""Reads of the organization: pages are counted in tokens, too, and a step that fails begins with the first page. Five
attempts wait 15 s at most, so that the function's own time-out does not hide what AWS has answered."""


class AwsClients:
    """boto3 clients of one process."""

    def __init__(self) -> None:
        """Make the process's Session."""
        self._session = boto3.Session()
        self._clients: dict[str, Any] = {}

    @property
    def partition(self) -> str:
        """The partition of the function's Region."""
        return self._session.get_partition_for_region(self._session.region_name)

    def client(self, service: str) -> Any:
        """Return the client of a service, by boto3's name, in the function's Region and role."""
        if service not in self._clients:
            make: Any = self._session.client
            client = make(service, config=_RETRIED if service in _OWN else _ONCE)
            name_calls(client)
            self._clients[service] = client
        return self._clients[service]

    def member(self, region: str | None, credentials: Mapping[str, str], *, repeats: bool = False) -> MemberAwsClients:
        """Return the clients of a session; ``region`` None: in the function's own Region.

        ``repeats``: the SDK may repeat a call.
        """
        return MemberAwsClients(self._session, region, credentials, _READS if repeats else _ONCE)

    def now(self) -> datetime:
        """Return the real time: credentials and signatures end by it; nothing else is decided by it."""
        return datetime.now(UTC)


class MemberAwsClients:
    """boto3 clients of a session in a role, in one Region; they last as long as the session does."""

    def __init__(
        self, session: boto3.Session, region: str | None, credentials: Mapping[str, str], config: Config
    ) -> None:
        """``credentials``: keyword arguments of a boto3 client."""
        self._make: Any = partial(session.client, region_name=region, config=config, **credentials)

    def client(self, service: str) -> Any:
        """Return the client of a service, by boto3's name."""
        client = self._make(service)
        name_calls(client)
        return client


@cache
def aws_clients() -> AwsClients:
    """Return the process's clients."""
    return AwsClients()


def build_gateways(function: str) -> Gateways:
    """Return the gateways of the function in whose process this runs, from its settings."""
    return gateways_from(read_settings(function, os.environ))


def gateways_from(settings: Settings) -> Gateways:
    """Return the gateways that ``settings`` describe."""
    names = settings.model_dump()
    return Gateways(
        aws_clients(),
        table_name=settings.TABLE_NAME,
        bus_name=names.get("BUS_NAME", ""),
        state_machine_arn=names.get("STATE_MACHINE_ARN", ""),
        catalog_dir=names.get("CATALOG_DIR", ""),
        dead_letter_queues=names.get("DEAD_LETTER_QUEUES"),
        own_roles=names.get("OWN_ROLE_IDS", ()),
        broker_role_arn=names.get("BROKER_ROLE_ARN", ""),
        external_id=names.get("EXTERNAL_ID", ""),
        management_account_id=names.get("MANAGEMENT_ACCOUNT_ID", ""),
        function_roles=names.get("FUNCTION_ROLES", ""),
        report_bucket=names.get("REPORT_BUCKET", ""),
        report_key_arn=names.get("REPORT_KEY_ARN", ""),
        controls_machine_arn=names.get("CONTROLS_MACHINE_ARN", ""),
        foundation_machine_arn=names.get("FOUNDATION_MACHINE_ARN", ""),
        sweep_machine_arn=names.get("SWEEP_MACHINE_ARN", ""),
        repair_machine_arn=names.get("REPAIR_MACHINE_ARN", ""),
        adoption_machine_arn=names.get("ADOPTION_MACHINE_ARN", ""),
        plan_machine_arn=names.get("PLAN_MACHINE_ARN", ""),
        webhook_prefix=names.get("WEBHOOK_PREFIX", ""),
        api_url=names.get("API_URL", ""),
    )
