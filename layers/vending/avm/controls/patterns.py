"""What EventBridge has to look for: the calls after which controls may be untrue, as the controls declare them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from avm.controls.control import Control

FROM_MANAGEMENT = frozenset(
    {"budgets.amazonaws.com", "cloudtrail.amazonaws.com", "organizations.amazonaws.com", "sso.amazonaws.com"}
)
"""Services whose calls in the management account change what is true of other accounts (aws-semantics 9.1)."""


def services_of(controls: Iterable[Control]) -> frozenset[str]:
    """Return the services whose calls the controls declare, as CloudTrail names them."""
    return frozenset(event.source for control in controls for event in control.drift_events)


def drift_pattern(controls: Iterable[Control], services: Iterable[str]) -> dict[str, Any]:
    """Return the event pattern of a rule that sees each declared call of the services; refused calls changed nothing.

    ``services``: as CloudTrail names them, ``ec2.amazonaws.com``. EventBridge gives what CloudTrail records of a
    service the source ``aws.ec2`` (EventBridge User Guide, "AWS service events delivered via AWS CloudTrail").
    """
    declared = {event for control in controls for event in control.drift_events}
    seen = {event for event in declared if event.source in set(services)}
    return {
        "source": sorted({f"aws.{event.source.partition('.')[0]}" for event in seen}),
        "detail-type": ["AWS API Call via CloudTrail"],
        "detail": {
            "errorCode": [{"exists": False}],
            "eventSource": sorted({event.source for event in seen}),
            "eventName": sorted({event.name for event in seen}),
        },
    }
