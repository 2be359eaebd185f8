"""EventBridge rules: which targets get an event, and the patch that puts moto's rules on real delivery."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from moto.events.models import EventsBackend, Rule

from avm_emulator.delivery import senders
from avm_emulator.delivery.attempts import (
    DeadLetter,
    Deliveries,
    Delivery,
    DeliveryError,
    RetryPolicy,
    send_dead_letter,
)
from avm_emulator.delivery.inputs import target_input
from avm_emulator.delivery.senders import origin
from avm_emulator.delivery.targets import RuleTargets
from avm_emulator.duplicates import copies
from avm_emulator.errors import NOT_IMPLEMENTED, AwsError

if TYPE_CHECKING:
    from avm_emulator.context import Emulator

CLOUDTRAIL_DETAIL_TYPE = "AWS API Call via CloudTrail"
# GetFederationToken and GetSessionToken are changes (same page).
_READING_NAME = re.compile(r"(Describe|Get|List)(?!FederationToken|SessionToken)")

_send_to_archive: Callable[..., None] = Rule._send_to_events_archive
_put_targets: Callable[..., None] = EventsBackend.put_targets


@dataclass(frozen=True)
class _Arrival:
    """An event that matched a rule, for one of its targets."""

    rule: Any
    target: Mapping[str, Any]
    event: dict[str, Any]
    ingestion_time: str
    forwarded: bool
    """Whether it came from another bus."""


class Rules:
    """Sends events through rules; one per emulator. ``rule`` and ``bus`` are always moto's."""

    def __init__(self, emulator: Emulator, deliveries: Deliveries) -> None:
        """``deliveries`` see each event through to each target."""
        self._clock = emulator.clock
        self._deliveries = deliveries
        self._targets = RuleTargets(emulator, self._forward)

    def install(self) -> None:
        """Put moto's rules on this; the last call wins."""
        takes = self._targets.takes

        def send_to_targets(rule: Any, original_event: Mapping[str, Any], transform_input: bool = True) -> None:  # noqa: ARG001, FBT001, FBT002  moto's signature
            # moto raises NotImplementedError for functions, state machines and topics, delivers to disabled rules, and
            # sends every event to rules that have a schedule only.
            for _ in range(copies()):
                self.match(rule, {**_envelope(original_event), **origin()})

        def put_targets(backend: Any, name: str, event_bus_arn: str | None, targets: list[dict[str, Any]]) -> None:
            # moto takes any ARN and fails when an event comes.
            for target in targets:
                if not takes(target["Arn"]) and not _is_archive(target):
                    message = f"EventBridge target {target['Arn']} is not modelled"
                    raise AwsError(NOT_IMPLEMENTED, message)
            _put_targets(backend, name, event_bus_arn, targets)

        senders.install()
        Rule.send_to_targets = send_to_targets
        EventsBackend.put_targets = put_targets

    def match(self, rule: Any, event: dict[str, Any], *, forwarded: bool = False) -> None:
        """Deliver the event to the targets of the rule if it matches.

        Args:
            rule: the rule.
            event: the event with all its fields, as targets see it.
            forwarded: whether it came from another bus.
        """
        if wants(rule, event):
            self.deliver(rule, event, forwarded=forwarded)

    def deliver(self, rule: Any, event: dict[str, Any], *, forwarded: bool = False) -> None:
        """Deliver the event to every target of the rule, each on its own."""
        ingestion_time = _iso(self._clock.now())
        for target in list(rule.targets):
            if _is_archive(target):
                archive_arn = json.loads(target["InputTransformer"]["InputTemplate"].partition(",")[0] + "}")[
                    "archive-arn"
                ]
                _send_to_archive(rule, archive_arn.split("archive/")[1], event)
                continue
            self._deliveries.start(
                Delivery(
                    name=f"rule {rule.name} to {target['Arn']}",
                    send=partial(self._send, _Arrival(rule, target, event, ingestion_time, forwarded)),
                    give_up=partial(_give_up, rule, target, event),
                    policy=RetryPolicy.of(target),
                )
            )

    def _send(self, arrival: _Arrival, _attempt: int) -> None:
        rule, target, event = arrival.rule, arrival.target, arrival.event
        arn = target["Arn"]
        if arrival.forwarded and ":event-bus/" in arn:
            # An event that came from another bus is never sent on to a third (user guide, "Sending events between
            # event buses").
            scope = "ACCOUNT" if arn.split(":")[3] == rule.region_name else "REGION"
            message = f"events received from another bus cannot be sent on to {arn}"
            raise DeliveryError(f"THIRD_{scope}_HOP_DETECTED", message)
        text = target_input(
            target, event, rule_arn=rule.arn, rule_name=rule.name, ingestion_time=arrival.ingestion_time
        )
        self._targets.send(rule, target, event, text)

    def _forward(self, bus: Any, event: Mapping[str, Any]) -> None:
        for rule in list(bus.rules.values()):
            self.match(rule, dict(event), forwarded=True)


def wants(rule: Any, event: Mapping[str, Any]) -> bool:
    """Say whether a rule's pattern matches an event, and its state lets the event pass.

    Read-only management events of CloudTrail reach only rules that ask for them with their state (EventBridge user
    guide, "Receiving read-only management events"). A name that does not begin like a read passes everywhere.
    """
    if rule.state == "DISABLED" or not rule.event_pattern.get_pattern():
        return False
    detail = event.get("detail") or {}
    withheld = (
        event.get("detail-type") == CLOUDTRAIL_DETAIL_TYPE
        and rule.state != "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
        and detail.get("readOnly") is True
        and _READING_NAME.match(str(detail.get("eventName"))) is not None
    )
    return not withheld and bool(rule.event_pattern.matches_event(event))


def scheduled_event(rule: Any, time: float) -> dict[str, Any]:
    """Return the event that a rule with a schedule sends to its targets."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": rule.account_id,
        "time": _iso(time),
        "region": rule.region_name,
        "resources": [rule.arn],
        "detail": {},
    }


def _envelope(event: Mapping[str, Any]) -> dict[str, Any]:
    # moto's events have numbers for times and a field of its own.
    envelope = {key: value for key, value in event.items() if key != "ingestion-time"}
    time = envelope.get("time")
    if isinstance(time, datetime):
        envelope["time"] = _iso(time.timestamp())
    elif isinstance(time, int | float):
        envelope["time"] = _iso(time)
    return envelope


def _is_archive(target: Mapping[str, Any]) -> bool:
    # An archive of moto's is a rule whose target has no resource.
    return bool(target["Arn"].endswith(":::"))


def _archive_of(target: Mapping[str, Any]) -> str:
    """Return name and id of the archive, which moto keeps in the template of the target."""
    template: str = target["InputTransformer"]["InputTemplate"]
    return template.partition("archive/")[2].partition('"')[0]


def _give_up(rule: Any, target: Mapping[str, Any], event: Mapping[str, Any], letter: DeadLetter) -> None:
    arn = (target.get("DeadLetterConfig") or {}).get("Arn")
    if arn:
        attributes = {"RULE_ARN": rule.arn, "TARGET_ARN": target["Arn"], **letter.attributes()}
        send_dead_letter(arn, json.dumps(event), attributes, source_arn=rule.arn)


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
