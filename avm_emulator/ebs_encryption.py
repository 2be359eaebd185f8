"""EBS encryption by default: moto keeps the setting, and makes volumes without regard to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.ec2.models import EC2Backend

from avm_emulator.moto_classes import restore_on_stop

if TYPE_CHECKING:
    from avm_emulator.context import Emulator

_create_volume = EC2Backend.create_volume


def install(emulator: Emulator) -> None:
    """Encrypt new volumes where the account's Region says so, until ``emulator`` stops."""
    restore_on_stop(emulator, EC2Backend)
    EC2Backend.create_volume = _create


def _create(ec2: EC2Backend, *args: Any, encrypted: bool = False, **kwargs: Any) -> Any:
    """Create a volume; one that its maker wants without encryption is encrypted all the same (botocore)."""
    return _create_volume(ec2, *args, encrypted=encrypted or ec2.ebs_encryption_by_default, **kwargs)
