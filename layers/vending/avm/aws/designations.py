"""Which account administers GuardDuty and Security Hub for the organization: the management account says, by Region."""

from __future__ import annotations

from typing import Literal

from avm.aws.broker import DESIGNATE, READ_DESIGNATIONS, Broker
from avm.aws.errors import translated

SecurityService = Literal["guardduty", "securityhub"]
_ACCOUNT = {"guardduty": "AdminAccountId", "securityhub": "AccountId"}


class Designations:
    """The delegated administrators of the security services; every read is of now."""

    def __init__(self, broker: Broker) -> None:
        """``broker``: the way into the management account."""
        self._broker = broker

    def administrators(self, service: SecurityService, region: str) -> list[str]:
        """Return the accounts that administer a service in a Region; AWS admits one."""
        client = self._broker.security_service(service, region, READ_DESIGNATIONS)
        with translated():
            pages = client.get_paginator("list_organization_admin_accounts").paginate()
            return [str(each[_ACCOUNT[service]]) for page in pages for each in page["AdminAccounts"]]

    def designate(self, service: SecurityService, region: str, account_id: str) -> None:
        """Let an account administer a service in a Region; AWS switches the service on there."""
        client = self._broker.security_service(service, region, DESIGNATE, account_id)
        with translated():
            client.enable_organization_admin_account(AdminAccountId=account_id)
