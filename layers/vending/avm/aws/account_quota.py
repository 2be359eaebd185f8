"""How many accounts AWS lets the organization have, as Service Quotas of the management account shows it."""

from __future__ import annotations

from avm.aws.broker import READ_FOUNDATION, Broker
from avm.aws.errors import translated

_NAME = "maximum number of accounts"
"""How the quota's name ends. AWS warns that codes of quotas change, names do not (Organizations User Guide, quotas)."""


class AccountQuota:
    """The quota; every read is of now."""

    def __init__(self, broker: Broker, region: str) -> None:
        """``region``: in which the partition answers for Organizations; its quotas are nowhere else."""
        self._broker = broker
        self._region = region

    def value(self) -> int | None:
        """Return the quota; None where Service Quotas does not show it: it lists only quotas with an applied value."""
        with translated():
            pages = (
                self._broker.service_quotas(READ_FOUNDATION, self._region)
                .get_paginator("list_service_quotas")
                .paginate(ServiceCode="organizations")
            )
            quotas = [quota for page in pages for quota in page["Quotas"]]
        return next((int(quota["Value"]) for quota in quotas if quota["QuotaName"].lower().endswith(_NAME)), None)
