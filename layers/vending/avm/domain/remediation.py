"""How drift is dealt with."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from avm.domain.breaker import RepairLimits
from avm.domain.catalog_model import CatalogModel
from avm.domain.exemption import ExemptionLimits

Mode = Literal["observe", "propose", "enforce"]
"""What is done about drift: it is told; it is told, and repaired if somebody agrees; it is repaired, and told."""


class RemediationSettings(CatalogModel):
    """How drift is dealt with, in all accounts."""

    cooldown_seconds: Annotated[int, Field(ge=10, le=86_400)] = Field(
        default=300, description="Seconds in which one control of one account is looked at once because of events."
    )
    repairs_per_hour: RepairLimits = Field(
        default=RepairLimits(), description="Repairs within an hour after which the breaker opens."
    )
    exceptions: ExemptionLimits = Field(default=ExemptionLimits(), description="What an exception may be.")
