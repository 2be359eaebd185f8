"""What event delivery takes for granted of moto's EventBridge, Scheduler, SNS and IAM."""

from __future__ import annotations

import inspect
import json
from typing import Any

import pytest
from moto.events.models import EventPattern, EventsBackend, Rule, events_backends
from moto.iam.models import IAMBackend
from moto.logs.models import LogsBackend
from moto.organizations.models import OrganizationsBackend
from moto.scheduler.models import EventBridgeSchedulerBackend
from moto.sns.models import SNSBackend, Subscription
from moto.sqs.models import SQSBackend

from avm_emulator.delivery import rules, schedules, sns

ACCOUNT = "210987654321"
REGION = "eu-west-1"


@pytest.fixture
def backend() -> EventsBackend:
    made = EventsBackend(REGION, ACCOUNT)
    events_backends[ACCOUNT][REGION] = made
    return made


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, Any]]:
    """What rules are asked to send."""
    found: list[tuple[Any, Any]] = []
    monkeypatch.setattr(Rule, "send_to_targets", lambda rule, event, *_, **__: found.append((rule, event)))
    return found


def parameters(function: Any) -> list[str]:
    return list(inspect.signature(function).parameters)


def test_each_rule_of_the_bus_is_asked_to_send_each_event(backend: EventsBackend, sent: list[tuple[Any, Any]]) -> None:
    rule = schedules._put_rule(backend, "r", event_pattern='{"source": ["avm"]}')
    backend.put_events([{"Source": "avm", "DetailType": "Ready", "Detail": "{}", "Time": 1.0, "Resources": ["arn:1"]}])
    ((asked, event),) = sent
    assert asked is rule
    assert set(event) == {
        *("version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail"),
        "ingestion-time",
    }
    assert (event["time"], event["resources"], event["account"]) == (1.0, ["arn:1"], ACCOUNT)


def test_a_rule_holds_what_delivery_needs(backend: EventsBackend) -> None:
    rule = schedules._put_rule(backend, "r", event_pattern='{"source": ["avm"]}')
    assert (rule.name, rule.account_id, rule.region_name, rule.event_bus_name) == ("r", ACCOUNT, REGION, "default")
    assert (rule.state, rule.targets, rule.scheduled_expression) == ("ENABLED", [], None)
    assert rule.arn == f"arn:aws:events:{REGION}:{ACCOUNT}:rule/r"
    assert backend.event_buses["default"].rules["r"] is rule
    assert rule.event_pattern.matches_event({"source": "avm"})
    assert not rule.event_pattern.matches_event({"source": "other"})


def test_a_rule_without_pattern_matches_everything_which_delivery_must_not_take_for_a_match() -> None:
    assert EventPattern.load(None).get_pattern() == {}
    assert EventPattern.load(None).matches_event({"source": "avm"})


def test_targets_are_kept_as_they_are_put(backend: EventsBackend) -> None:
    rule = schedules._put_rule(backend, "r", event_pattern='{"source": ["avm"]}')
    target = {"Id": "1", "Arn": "arn:aws:sqs:eu-west-1:1:q", "DeadLetterConfig": {"Arn": "arn:dead"}, "RetryPolicy": {}}
    rules._put_targets(backend, "r", None, [target])
    assert rule.targets == [target]


def test_an_archive_is_a_rule_whose_target_has_no_resource(backend: EventsBackend) -> None:
    made = backend.create_archive("kept", backend.event_buses["default"].arn, None, None, None)
    rule = backend.event_buses["default"].rules["Events-Archive-kept"]
    (target,) = rule.targets
    assert rules._is_archive(target)
    assert rules._archive_of(target) == f"kept:{made.uuid}"
    rules._send_to_archive(rule, rules._archive_of(target), {"id": "1"})
    assert made.events == [{"id": "1"}]


def test_the_methods_that_are_replaced_have_their_parameters() -> None:
    assert parameters(schedules._put_rule)[:2] == ["self", "name"]
    assert "scheduled_expression" in parameters(schedules._put_rule)
    assert parameters(schedules._enable_rule) == ["self", "name", "event_bus_arn"]
    assert parameters(rules._put_targets) == ["self", "name", "event_bus_arn", "targets"]
    assert parameters(sns._publish)[:5] == ["self", "message", "message_id", "subject", "message_attributes"]
    for operation in (schedules._create_schedule, schedules._update_schedule):
        wanted = {"schedule_expression", "schedule_expression_timezone", "flexible_time_window", "target"}
        assert wanted <= set(parameters(operation))


def test_a_schedule_holds_what_firing_needs() -> None:
    backend = EventBridgeSchedulerBackend(REGION, ACCOUNT)
    values = dict.fromkeys(parameters(schedules._create_schedule)[1:])
    values |= {
        "name": "s",
        "schedule_expression": "rate(1 hour)",
        "flexible_time_window": {"Mode": "OFF"},
        "target": {"Arn": "arn:target"},
        "action_after_completion": "DELETE",
    }
    made = schedules._create_schedule(backend, **values)
    assert backend.schedule_groups[made.group_name].schedules["s"] is made
    assert (made.name, made.state, made.schedule_expression_timezone) == ("s", "ENABLED", "UTC")
    assert (made.schedule_expression, made.action_after_completion) == ("rate(1 hour)", "DELETE")
    assert (made.start_date, made.end_date) == (None, None)
    assert made.target["Arn"] == "arn:target"
    assert made.arn == f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/default/s"


def test_queues_topics_and_buses_have_policies_as_json() -> None:
    queue = SQSBackend(REGION, ACCOUNT).create_queue("q")
    assert queue.policy is None
    topic = SNSBackend(REGION, ACCOUNT).create_topic("t")
    assert json.loads(topic.policy)["Statement"]
    bus = EventsBackend(REGION, ACCOUNT).event_buses["default"]
    assert bus.policy is None
    bus.add_permission("s", "events:PutEvents", {"AWS": "arn:aws:iam::1:root"}, None)
    assert json.loads(str(bus.policy))["Statement"][0]["Principal"] == {"AWS": "arn:aws:iam::1:root"}


def test_a_subscription_knows_its_filter_and_makes_the_post() -> None:
    topic = SNSBackend(REGION, ACCOUNT).create_topic("t")
    subscription = Subscription(ACCOUNT, topic, "arn:f", "lambda")
    assert subscription._filter_policy_matcher is None
    post = subscription.get_post_data("text", "id", "subject", message_attributes={"a": {}})
    assert set(post) == {
        *("Type", "MessageId", "TopicArn", "Message", "Timestamp", "SignatureVersion", "Signature"),
        *("SigningCertURL", "UnsubscribeURL", "Subject", "MessageAttributes"),
    }


def test_a_role_holds_its_trust_policy_as_json() -> None:
    backend = IAMBackend("aws", ACCOUNT)
    role = backend.create_role("r", '{"Statement": []}', "/", None, None, [], "3600")
    assert role in backend.roles.values()
    assert role.arn == f"arn:aws:iam::{ACCOUNT}:role/r"
    assert json.loads(role.assume_role_policy_document) == {"Statement": []}


def test_an_organization_knows_itself_and_its_accounts() -> None:
    backend = OrganizationsBackend("aws", ACCOUNT)
    assert (backend.org, backend.accounts) == (None, [])


def test_a_log_stream_is_made_before_it_is_written() -> None:
    assert parameters(LogsBackend.create_log_stream) == ["self", "log_group_name", "log_stream_name"]
