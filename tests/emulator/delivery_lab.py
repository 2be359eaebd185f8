"""A world with rules of EventBridge, and what makes rules and puts events."""

from __future__ import annotations

import json
from typing import Any

import pytest

from avm_emulator.context import Emulator
from avm_emulator.engine import Options
from tests.emulator.lab import REGION, Lab


@pytest.fixture(scope="module")
def options() -> Options:
    parts = ("avm_emulator.functions", "avm_emulator.delivery")
    return Options(speed="max", prepare=False, deploy=False, parts=parts)


@pytest.fixture(scope="module")
def lab(emulator: Emulator) -> Lab:
    return Lab(emulator)


@pytest.fixture
def source(lab: Lab) -> str:
    """A source of events that belongs to one test."""
    return lab.name("source")


def rule(lab: Lab, source: str, *targets: dict[str, Any], bus: str = "default", **options: Any) -> str:
    """Make a rule for the source; return its ARN."""
    name = lab.name("rule")
    events = lab.client("events")
    pattern = json.dumps({"source": [source]})
    arn = events.put_rule(**{"Name": name, "EventBusName": bus, "EventPattern": pattern, **options})["RuleArn"]
    events.put_targets(
        Rule=name, EventBusName=bus, Targets=[{"Id": str(n), **target} for n, target in enumerate(targets)]
    )
    return str(arn)


def put(lab: Lab, source: str, detail: Any = None, *, bus: str = "default", region: str = REGION, **entry: Any) -> str:
    """Put an event, wait until all is delivered, return its id."""
    made = {"Source": source, "DetailType": "AccountReady", "Detail": json.dumps(detail or {}), "EventBusName": bus}
    answer = lab.client("events", region).put_events(Entries=[{**made, **entry}])
    assert answer["FailedEntryCount"] == 0
    lab.settle()
    return str(answer["Entries"][0]["EventId"])


def allow(lab: Lab, function: str, rule_arn: str, **condition: str) -> None:
    lab.client("lambda").add_permission(
        FunctionName=function,
        StatementId=lab.name("statement"),
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        SourceArn=rule_arn,
        **condition,
    )
