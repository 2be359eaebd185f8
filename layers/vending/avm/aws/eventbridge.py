"""The application's event bus."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from avm.aws.errors import translated
from avm.domain.errors import EventNotDelivered

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient

SOURCE = "avm"


class EventBus:
    """Publishes what happened, as ``{schema_version, request_id, account_id, ...}``."""

    def __init__(self, client: EventBridgeClient, bus_name: str) -> None:
        """``bus_name``: of the stack's bus."""
        self._client = client
        self._bus_name = bus_name

    def publish(
        self,
        detail_type: str,
        *,
        request_id: str | None,
        account_id: str | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        """Publish one event; ``request_id`` is None where what happened belongs to no request.

        Raises EventNotDelivered where the bus takes the call and refuses the event.
        """
        detail = {"schema_version": 1, "request_id": request_id, "account_id": account_id, **(details or {})}
        with translated():
            answer = self._client.put_events(
                Entries=[
                    {
                        "EventBusName": self._bus_name,
                        "Source": SOURCE,
                        "DetailType": detail_type,
                        "Detail": json.dumps(detail),
                    }
                ]
            )
        if answer["FailedEntryCount"]:
            entry = answer["Entries"][0]
            message = f"PutEvents: {detail_type}: {entry.get('ErrorCode')}: {entry.get('ErrorMessage')}"
            raise EventNotDelivered(message)
