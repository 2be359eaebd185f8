"""The event patterns that are made from the declarations of controls."""

import json
from typing import Any

import pytest
from moto.events.models import EventPattern

from avm.controls.patterns import FROM_MANAGEMENT, drift_pattern
from avm.controls.registry import all_controls

CONTROLS = all_controls().values()
DECLARED = sorted({(event.source, event.name) for control in CONTROLS for event in control.drift_events})


def event(service: str, name: str, **detail: str) -> dict[str, Any]:
    return {
        "source": f"aws.{service.partition('.')[0]}",
        "detail-type": "AWS API Call via CloudTrail",
        "detail": {"eventSource": service, "eventName": name, **detail},
    }


@pytest.mark.parametrize(("service", "name"), DECLARED)
def test_a_rule_sees_each_declared_call_of_its_services_unless_it_was_refused(service: str, name: str) -> None:
    pattern = EventPattern.load(json.dumps(drift_pattern(CONTROLS, {service})))
    assert pattern.matches_event(event(service, name))
    assert not pattern.matches_event(event(service, name, errorCode="AccessDenied"))
    assert not pattern.matches_event(event(service, "DescribeThings"))
    elsewhere = EventPattern.load(json.dumps(drift_pattern(CONTROLS, FROM_MANAGEMENT - {service})))
    assert not elsewhere.matches_event(event(service, name))


def test_every_control_says_what_it_may_drift_after() -> None:
    assert [control.name for control in CONTROLS if not control.drift_events] == []
