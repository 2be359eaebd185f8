"""drift-events: calls after which promises about the account may be broken reach the machine.

A rule in each governed Region sends them to the application's bus. Events are hints, and come late or never
(aws-semantics 9.2): the sweep looks whether any came or not. The rule's own removal is such a call: it is found by the
sweep alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from avm.aws.event_rules import EventRules, Rule
from avm.controls.control import Control, DriftEvent, Grant, Reach, Target
from avm.controls.patterns import FROM_MANAGEMENT, drift_pattern, services_of
from avm.controls.registry import all_controls
from avm.domain.finding import Change, Finding, PlannedChange
from avm.domain.trust import EVENTS_ROLE, VENDING_PATH, role_arn

RULE = "avm-drift"
TARGET = "avm"
_RULE_ARN = f"arn:{{partition}}:events:{{region}}:{{account}}:rule/{RULE}"
_ROLE = role_arn("{partition}", "{account}", EVENTS_ROLE, VENDING_PATH)


class DriftEvents(Control):
    """The rule sees what the controls of the account's type declare, and sends it to the application's bus alone."""

    name = "drift-events"
    promise = "Calls after which a promise may be broken are sent to the machine."
    plane = "member"
    scope = "region"
    duty = "enroll_logging"
    observe_grants = (Grant(("events:DescribeRule", "events:ListTargetsByRule"), (_RULE_ARN,)),)
    enforce_grants = (
        Grant(("events:PutRule", "events:PutTargets", "events:RemoveTargets"), (_RULE_ARN,)),
        Grant(("iam:PassRole",), (_ROLE,)),
    )
    drift_events = tuple(
        DriftEvent("events.amazonaws.com", name) for name in ("DeleteRule", "DisableRule", "PutRule", "RemoveTargets")
    )

    def observe(self, target: Target, reach: Reach) -> Finding:
        """Look at the rule; evidence: where it sends to, or what is wrong with it."""
        found = _rules(target, reach).rule(RULE)
        if found is None:
            return self.finding(target, "violated", DescribeRule="there is none")
        faults = dict(_faults(found, target))
        if faults:
            return self.finding(target, "violated", **faults)
        return self.finding(target, "compliant", DescribeRule=RULE, ListTargetsByRule=_wanted(target)[0])

    def enforce(self, target: Target, reach: Reach) -> list[Change]:
        """Make the rule, and its one target."""
        rules = _rules(target, reach)
        found = rules.rule(RULE)
        wrong = dict(_faults(found, target)) if found else {"DescribeRule": "", "ListTargetsByRule": ""}
        changes = []
        if "DescribeRule" in wrong:
            rules.put_rule(RULE, "What may have to be mended, for the account vending machine", _pattern(target))
            changes.append(self.change("PutRule", RULE))
        if "ListTargetsByRule" in wrong:
            others = sorted(set(found.targets if found else ()) - {TARGET})
            if others:
                rules.remove_targets(RULE, others)
                changes.append(self.change("RemoveTargets", RULE))
            rules.put_target(RULE, TARGET, *_wanted(target))
            changes.append(self.change("PutTargets", RULE))
        return changes

    def planned(self, target: Target, reach: Reach) -> list[PlannedChange]:  # noqa: ARG002  every control is called alike
        """Make the rule, and its one target: there are no others yet."""
        return [PlannedChange(f"events:{call}", RULE) for call in ("PutRule", "PutTargets")]


def _faults(found: Rule, target: Target) -> Iterator[tuple[str, Any]]:
    if not found.enabled:
        yield "DescribeRule", "it is disabled"
    elif found.pattern != _pattern(target):
        yield "DescribeRule", {"EventPattern": dict(found.pattern)}
    if found.targets != {TARGET: _wanted(target)}:
        yield "ListTargetsByRule", {name: list(each) for name, each in found.targets.items()}


def _wanted(target: Target) -> tuple[str, str]:
    role = role_arn(target.foundation.partition, target.account.id, EVENTS_ROLE, VENDING_PATH)
    return target.trusted.bus_arn(target.foundation.home_region), role


def _pattern(target: Target) -> dict[str, Any]:
    promised = [all_controls()[name] for name in target.account_type.controls]
    return drift_pattern(promised, services_of(promised) - FROM_MANAGEMENT)


def _rules(target: Target, reach: Reach) -> EventRules:
    return EventRules(reach.member(target.region).client("events"))
