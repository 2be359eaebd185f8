"""PutEvents on a bus of another account: moto takes the bus's ARN for a name in the caller's account."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any

from moto.events.models import EventsBackend, events_backends

_MOST_ENTRIES = 10

_put_events: Callable[..., list[dict[str, Any]]] = EventsBackend.put_events
_account: ContextVar[str | None] = ContextVar("account", default=None)


def origin() -> Mapping[str, str]:
    """Return what an event's envelope says of its sender, where the bus is another account's."""
    account = _account.get()
    return {} if account is None else {"account": account}


def install() -> None:
    """Let each entry of PutEvents go to the account that its bus belongs to."""

    def put_events(backend: Any, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if len(events) > _MOST_ENTRIES:  # moto refuses them
            return _put_events(backend, events)
        return [answer for event in events for answer in _put(backend, event)]

    EventsBackend.put_events = put_events


def _put(backend: Any, event: dict[str, Any]) -> list[dict[str, Any]]:
    bus = str(event.get("EventBusName", ""))
    owner = bus.split(":")[4] if bus.startswith("arn:") else backend.account_id
    if owner == backend.account_id:
        return _put_events(backend, [event])
    token = _account.set(backend.account_id)
    try:
        return _put_events(events_backends[owner][backend.region_name], [event])
    finally:
        _account.reset(token)
