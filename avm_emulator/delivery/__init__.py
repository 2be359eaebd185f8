"""Event delivery: EventBridge rules and their targets, schedules, SNS to functions.

``install(emulator)`` puts it onto moto, whose event patterns, buses, rules and schedules stay as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from avm_emulator.moto_classes import restore_on_stop

if TYPE_CHECKING:
    from avm_emulator.context import Emulator


def install(emulator: Emulator) -> None:
    """Deliver events and fire schedules. The part that runs functions must be installed, too."""
    # moto takes a second to import, and its parts must be imported in the engine's order.
    from moto.events.models import EventsBackend, Rule  # noqa: PLC0415
    from moto.scheduler.models import EventBridgeSchedulerBackend  # noqa: PLC0415
    from moto.sns.models import Subscription  # noqa: PLC0415

    from avm_emulator.delivery import sns  # noqa: PLC0415
    from avm_emulator.delivery.attempts import Deliveries  # noqa: PLC0415
    from avm_emulator.delivery.rules import Rules  # noqa: PLC0415
    from avm_emulator.delivery.scheduler_targets import SchedulerTargets  # noqa: PLC0415
    from avm_emulator.delivery.schedules import Schedules  # noqa: PLC0415

    restore_on_stop(emulator, EventsBackend, Rule, EventBridgeSchedulerBackend, Subscription)
    deliveries = Deliveries(emulator.clock)
    rules = Rules(emulator, deliveries)
    rules.install()
    Schedules(emulator.clock, rules, SchedulerTargets(emulator, deliveries)).install()
    sns.install()
