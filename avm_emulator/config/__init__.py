"""Recorders and delivery channels of AWS Config as their documentation describes them, on moto's.

moto believes every role and bucket, records without end in the status ``PENDING`` and knows no delivery status.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from moto.config.models import config_backends
from moto.config.responses import ConfigResponse

from avm_emulator.config.state import Config
from avm_emulator.moto_classes import restore_on_stop

if TYPE_CHECKING:
    from avm_emulator.context import Emulator

__all__ = ["Config", "install"]


def install(emulator: Emulator) -> None:
    """Serve recorders and channels from here until ``emulator`` stops."""
    Config.emulator = emulator
    config_backends.clear()
    config_backends.backend = Config
    restore_on_stop(emulator, ConfigResponse)
    ConfigResponse.describe_delivery_channel_status = _describe_delivery_channel_status


def _describe_delivery_channel_status(response: ConfigResponse) -> str:
    names = response._get_param("DeliveryChannelNames")
    return response.config_backend.describe_delivery_channel_status(names)
