"""What a target gets of an event."""

from __future__ import annotations

import json
from typing import Any

import pytest

from avm_emulator.delivery.attempts import DeliveryError
from avm_emulator.delivery.inputs import target_input

EVENT = {
    "version": "0",
    "id": "7bf73129",
    "detail-type": "AccountReady",
    "source": "avm",
    "account": "123456789012",
    "time": "2026-11-23T12:00:00Z",
    "region": "eu-west-1",
    "resources": ["arn:one", "arn:two"],
    "detail": {
        "name": "payments-dev",
        "quoted": 'a "b" c',
        "count": 3,
        "ready": True,
        "access": [{"group": "dev"}, {"group": "audit"}],
        "nested": {"key": "value"},
    },
}
PATHS = {
    "name": "$.detail.name",
    "type": "$.detail-type",
    "count": "$.detail.count",
    "ready": "$.detail.ready",
    "second": "$.resources[1]",
    "groups": "$.detail.access[*].group",
    "nested": "$.detail.nested",
    "quoted": "$.detail.quoted",
    "missing": "$.detail.absent",
}


def given(target: dict[str, Any]) -> str:
    return target_input(
        {"Arn": "arn:aws:sqs:eu-west-1:123456789012:q", **target},
        EVENT,
        rule_arn="arn:rule",
        rule_name="ready",
        ingestion_time="2026-11-23T12:00:01Z",
    )


def transformed(template: str) -> str:
    return given({"InputTransformer": {"InputPathsMap": PATHS, "InputTemplate": template}})


def test_the_event_as_it_is() -> None:
    assert json.loads(given({})) == EVENT


def test_a_constant_input() -> None:
    assert given({"Input": '{"sweep": "all"}'}) == '{"sweep": "all"}'


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$", EVENT),
        ("$.detail", EVENT["detail"]),
        ("$.detail.access[0].group", "dev"),
        ("$.detail.access[*].group", ["dev", "audit"]),
        ("$.detail.nested.*", ["value"]),
        ("$.detail-type", "AccountReady"),
        ("$.detail.absent", {}),
        ("$.resources[7]", {}),
    ],
)
def test_a_part_of_the_event(path: str, expected: Any) -> None:
    assert json.loads(given({"InputPath": path})) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ('{"account": <name>, "type": <type>}', {"account": "payments-dev", "type": "AccountReady"}),
        ('{"text": "<name> is <type>"}', {"text": "payments-dev is AccountReady"}),
        ('{"count": <count>, "ready": <ready>}', {"count": 3, "ready": True}),
        ('{"second": <second>, "groups": <groups>}', {"second": "arn:two", "groups": ["dev", "audit"]}),
        ('{"nested": <nested>}', {"nested": {"key": "value"}}),
        ('{"nested": "it is <nested>"}', {"nested": "it is {key:value}"}),
        ('{"quoted": <quoted>}', {"quoted": 'a "b" c'}),
        ('{"missing": <missing>, "in": "[<missing>]"}', {"missing": "", "in": "[]"}),
        ('{"escaped": "say \\"<name>\\""}', {"escaped": 'say "payments-dev"'}),
        ('{"rule": <aws.events.rule-name>, "arn": "<aws.events.rule-arn>"}', {"rule": "ready", "arn": "arn:rule"}),
        ('{"at": <aws.events.event.ingestion-time>}', {"at": "2026-11-23T12:00:01Z"}),
        ('{"all": <aws.events.event.json>}', {"all": EVENT}),
        (
            '{"event": <aws.events.event>}',
            {"event": {key: value for key, value in EVENT.items() if key != "detail"}},
        ),
        ('"<name> is ready"', "payments-dev is ready"),
    ],
)
def test_a_template(template: str, expected: Any) -> None:
    assert json.loads(transformed(template)) == expected


def test_a_template_of_plain_text() -> None:
    assert transformed("<name> is <type>") == "payments-dev is AccountReady"


def test_values_are_not_escaped_so_that_a_quote_inside_quotes_breaks_the_json() -> None:
    with pytest.raises(DeliveryError) as failure:
        transformed('{"text": "<quoted>"}')
    assert failure.value.code == "INVALID_JSON"
    assert not failure.value.retryable
