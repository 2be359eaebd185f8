"""AWS Account Management for the whole organization: which Regions accounts have enabled, by way of the broker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from avm.aws.broker import ENABLE_OWN_REGION, ENABLE_REGION, READ_REGIONS, Broker
from avm.aws.errors import translated

if TYPE_CHECKING:
    from mypy_boto3_account import AccountClient

BY_DEFAULT = "ENABLED_BY_DEFAULT"
ENABLED = "ENABLED"
ENABLING = "ENABLING"
"""Botocore, RegionOptStatus; the others are DISABLING and DISABLED."""


class AccountRegions:
    """The Regions of accounts; those of members are reached with trusted access (aws-semantics 6)."""

    def __init__(self, broker: Broker) -> None:
        """``broker``: the way into the management account."""
        self._broker = broker

    def of(self, account_id: str) -> dict[str, str]:
        """Return the Regions of a member account, name -> status."""
        return self._statuses(account_id)

    def own(self) -> dict[str, str]:
        """Return the Regions of the management account; it leaves its own id out (botocore: ListRegions)."""
        return self._statuses(None)

    def enable(self, account_id: str, region: str) -> None:
        """Begin to enable a Region of a member account; AWS takes minutes, up to hours (aws-semantics 3).

        Raises ConcurrentChange while AWS disables it.
        """
        client: AccountClient = self._broker.account_management(ENABLE_REGION, account_id)
        with translated():
            client.enable_region(AccountId=account_id, RegionName=region)

    def enable_own(self, region: str) -> None:
        """Begin to enable a Region of the management account; raises as ``enable`` does."""
        client: AccountClient = self._broker.account_management(ENABLE_OWN_REGION)
        with translated():
            client.enable_region(RegionName=region)

    def _statuses(self, account_id: str | None) -> dict[str, str]:
        client: AccountClient = self._broker.account_management(READ_REGIONS)
        whose: Any = {} if account_id is None else {"AccountId": account_id}
        with translated():
            pages = client.get_paginator("list_regions").paginate(**whose)
            return {region["RegionName"]: region["RegionOptStatus"] for page in pages for region in page["Regions"]}
