"""AWS Config as its documentation describes it, on moto's: recorders, delivery channels, what an organization has.

moto believes every role and bucket, records without end in the status ``PENDING`` and knows no delivery status; it has
an organization's aggregators and conformance packs for any account, and deploys packs at once, into one account.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from moto.config.models import config_backends
from moto.config.responses import ConfigResponse

from avm_emulator.config import aggregators, conformance_packs
from avm_emulator.config.organization import OrganizationConfig
from avm_emulator.config.state import Config
from avm_emulator.moto_classes import restore_on_stop
from avm_emulator.operations import Operations

if TYPE_CHECKING:
    from avm_emulator.context import Emulator

__all__ = ["FUNCTIONS", "Config", "install"]

FUNCTIONS = (
    aggregators.describe_configuration_aggregator_sources_status,
    conformance_packs.delete_organization_conformance_pack,
    conformance_packs.describe_organization_conformance_pack_statuses,
    conformance_packs.describe_organization_conformance_packs,
    conformance_packs.get_organization_conformance_pack_detailed_status,
    conformance_packs.put_organization_conformance_pack,
)
"""What answers here; the rest are moto's operations, on backends of the class ``Config``."""


def install(emulator: Emulator) -> None:
    """Serve AWS Config from here until ``emulator`` stops."""
    Config.emulator = emulator
    Config.organization = OrganizationConfig(emulator)
    emulator.boundary.interceptors.append(Operations("config", Config.organization, FUNCTIONS).answer)
    config_backends.clear()
    config_backends.backend = Config
    restore_on_stop(emulator, ConfigResponse)
    ConfigResponse.describe_delivery_channel_status = _describe_delivery_channel_status


def _describe_delivery_channel_status(response: ConfigResponse) -> str:
    names = response._get_param("DeliveryChannelNames")
    return response.config_backend.describe_delivery_channel_status(names)
