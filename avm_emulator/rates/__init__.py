"""Request rates: a caller that is faster than AWS lets it be is throttled, in AWS-seconds, at any speed.

Calls that the emulator's own key signs (preparation, deployer, services that assume a role) use no tokens. Calls take
no AWS-time, so that a burst meets its limit a little earlier than on AWS, where tokens drip in meanwhile.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from avm_emulator.rates.buckets import Buckets
from avm_emulator.rates.table import Rate, by_operation
from avm_emulator.service_errors import throttled

if TYPE_CHECKING:
    from avm_emulator.boundary import Call
    from avm_emulator.context import Emulator

__all__ = ["install"]


def install(emulator: Emulator) -> None:
    """Throttle calls from now on; parts that refuse a caller for who it is come first."""
    # Its module makes boto sessions, and moto's parts must be imported in the engine's order.
    from avm_emulator.organizations import organization_of  # noqa: PLC0415

    limits = dict(by_operation())
    buckets = Buckets()

    def throttle(call: Call) -> None:
        """Raise the service's throttling error (an interceptor). A refused call uses no token: assumed."""
        key: tuple[str, str | None] = (call.service, call.operation)
        limit = limits.get(key) or limits.get(key := (call.service, None))
        if limit is None or call.is_internal:
            return
        wanted: dict[object, Rate] = {(*key, call.account): limit.account}
        organization = organization_of(call.account) if limit.organization else None
        if limit.organization and organization:
            wanted[*key, organization.entity.id] = limit.organization
        if not buckets.take(wanted, call.time):
            raise throttled(call.model)

    emulator.boundary.interceptors.append(throttle)
