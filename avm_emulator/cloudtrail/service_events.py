"""Service events: what AWS itself does, as CloudTrail records it and EventBridge delivers it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from moto.events.models import events_backends

from avm_emulator.cloudtrail.history import iso8601

if TYPE_CHECKING:
    from avm_emulator.context import Emulator


@dataclass(frozen=True)
class ServiceEvent:
    """One event, of an account and a Region."""

    service: str
    """As in ``aws.SERVICE`` and ``SERVICE.amazonaws.com``."""
    name: str
    account_id: str
    region: str
    identity: Mapping[str, Any]
    """``userIdentity``."""
    details: Mapping[str, Any]
    """``serviceEventDetails``."""
    more: Mapping[str, Any] = field(default_factory=dict)
    """What the service writes beside that."""


def publish(emulator: Emulator, event: ServiceEvent) -> None:
    """Deliver an event to the default bus of its account and Region."""
    now = emulator.clock.now()
    detail = {
        "eventVersion": "1.11",
        "userIdentity": event.identity,
        "eventTime": iso8601(now),
        "eventSource": f"{event.service}.amazonaws.com",
        "eventName": event.name,
        "awsRegion": event.region,
        **event.more,
        "requestParameters": None,
        "responseElements": None,
        "eventID": str(uuid.uuid4()),
        "readOnly": False,
        "eventType": "AwsServiceEvent",
        "managementEvent": True,
        "recipientAccountId": event.account_id,
        "eventCategory": "Management",
        "serviceEventDetails": event.details,
    }
    entry = {
        "Source": f"aws.{event.service}",
        "DetailType": "AWS Service Event via CloudTrail",
        "Detail": json.dumps(detail),
        "Time": now,
    }
    # Not by PutEvents: on AWS nobody but AWS itself may send events whose source begins with "aws.". In a thread of its
    # own: the caller may hold a lock of the service, which a target of the event may want.
    bus = events_backends[event.account_id][event.region]
    emulator.clock.submit(lambda: bus.put_events([entry]), name=f"event {event.name}")
