"""Service Quotas: the quotas of AWS Organizations. moto has those of VPC only, and does not list what is applied."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from moto.utilities.utils import get_partition

from avm_emulator.errors import AwsError
from avm_emulator.operations import Operations
from avm_emulator.organizations.events import EVENTS_REGION

if TYPE_CHECKING:
    from avm_emulator.boundary import Call
    from avm_emulator.context import Emulator

__all__ = ["FUNCTIONS", "install"]

ACCOUNTS = "Default maximum number of accounts"
_ACCOUNTS_CODE = "L-29A0C5DF"


class ServiceQuotas:
    """What the operations answer from: how many accounts the emulator's organization may have."""

    def __init__(self, emulator: Emulator) -> None:
        """Show the quota that ``emulator`` enforces."""
        self.emulator = emulator
        self.lock = threading.RLock()

    def settle(self, call: Call) -> None:
        """Do nothing: a quota does not change by itself."""


def list_service_quotas(quotas: ServiceQuotas, call: Call, *, service_code: str, **_: Any) -> dict[str, Any]:
    """Return the quotas of AWS Organizations that are modelled, in the one Region that has them, all on one page."""
    if service_code != "organizations" or call.region != EVENTS_REGION:
        raise AwsError("NoSuchResourceException", f"The request failed because there are no quotas of {service_code}.")
    return {
        "Quotas": [
            {
                "ServiceCode": service_code,
                "ServiceName": "AWS Organizations",
                "QuotaArn": (
                    f"arn:{get_partition(call.region)}:servicequotas:{call.region}:{call.account}:"
                    f"{service_code}/{_ACCOUNTS_CODE}"
                ),
                "QuotaCode": _ACCOUNTS_CODE,
                "QuotaName": ACCOUNTS,
                "Value": float(quotas.emulator.accounts_quota),
                "Unit": "None",
                "Adjustable": True,
                "GlobalQuota": True,
            }
        ]
    }


FUNCTIONS = (list_service_quotas,)
"""What answers here."""


def install(emulator: Emulator) -> None:
    """Serve the quotas of AWS Organizations from here."""
    emulator.boundary.interceptors.append(Operations("service-quotas", ServiceQuotas(emulator), FUNCTIONS).answer)
