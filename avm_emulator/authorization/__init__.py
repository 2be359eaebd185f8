"""Authorization: every call is decided by the policies that apply to it, as AWS decides it.

Calls of the emulator's own key (seed, deployer, services that assume a role) and unsigned ones are not decided here.
What AWS services do to one another in process asks ``services``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from avm_emulator.moto_classes import restore_on_stop

if TYPE_CHECKING:
    from avm_emulator.context import Emulator

__all__ = ["install"]


def install(emulator: Emulator) -> None:
    """Refuse what policies do not allow, before anything answers."""
    # moto's parts must be imported in the engine's order.
    from moto.iam.access_control import PermissionResult  # noqa: PLC0415
    from moto.s3.models import FakeBucket  # noqa: PLC0415

    # moto decides by bucket policies without their conditions: a Deny without TLS denies all
    restore_on_stop(emulator, FakeBucket)
    FakeBucket.get_permission = lambda *_: PermissionResult.NEUTRAL
    from avm_emulator.authorization.enforcer import Enforcer  # noqa: PLC0415
    from avm_emulator.authorization.judge import Judge  # noqa: PLC0415

    emulator.judge = Judge(emulator)
    enforcer = Enforcer(emulator, emulator.judge)
    emulator.boundary.interceptors.insert(0, enforcer.refuse)
    emulator.boundary.wrappers.append(enforcer.note)
