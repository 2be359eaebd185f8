"""Rules with a schedule and the schedules of EventBridge Scheduler fire on the emulated clock."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from avm_emulator.engine import Options, start
from tests.emulator.lab import ACCOUNT, REGION, Lab

HOUR = 3600


@pytest.fixture(scope="module")
def options() -> Options:
    parts = ("avm_emulator.functions", "avm_emulator.delivery")
    return Options(speed="max", prepare=False, deploy=False, parts=parts)


@pytest.fixture
def lab(options: Options) -> Iterator[Lab]:
    """An emulator for each test: what recurs in one would go on in the next."""
    with start(options) as running:
        yield Lab(running.emulator)


@pytest.fixture
def scheduler_role(lab: Lab) -> str:
    return lab.role("scheduler.amazonaws.com", "scheduler")


def advance(lab: Lab, seconds: float) -> None:
    lab.clock.advance(seconds)
    lab.settle()


def iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def scheduled_rule(lab: Lab, expression: str, target_arn: str, **options: Any) -> str:
    events, name = lab.client("events"), lab.name("rule")
    events.put_rule(Name=name, ScheduleExpression=expression, **options)
    events.put_targets(Rule=name, Targets=[{"Id": "target", "Arn": target_arn}])
    return name


def schedule(lab: Lab, role: str, expression: str, target: dict[str, Any], **options: Any) -> str:
    name = lab.name("schedule")
    lab.client("scheduler").create_schedule(
        Name=name,
        ScheduleExpression=expression,
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"RoleArn": role, **target},
        **options,
    )
    return name


def test_a_rule_fires_at_its_rate_with_a_scheduled_event(lab: Lab) -> None:
    url, arn = lab.open_queue()
    began = lab.clock.now()
    name = scheduled_rule(lab, "rate(10 minutes)", arn)
    advance(lab, 599)
    assert lab.bodies(url) == []
    advance(lab, 1)
    (event,) = lab.bodies(url)
    rule_arn = f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{name}"
    assert {key: value for key, value in event.items() if key != "id"} == {
        "version": "0",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        "time": iso(began + 600),
        "region": REGION,
        "resources": [rule_arn],
        "detail": {},
    }
    advance(lab, 600)
    assert [event["time"] for event in lab.bodies(url)] == [iso(began + 1200)]


def test_a_rule_fires_at_the_minutes_of_its_cron_expression(lab: Lab) -> None:
    url, arn = lab.open_queue()
    scheduled_rule(lab, "cron(0 * * * ? *)", arn)
    next_hour = (lab.clock.now() // HOUR + 1) * HOUR
    advance(lab, HOUR)
    assert [event["time"] for event in lab.bodies(url)] == [iso(next_hour)]


def test_what_recurs_is_never_jumped_to(lab: Lab) -> None:
    url, arn = lab.open_queue()
    scheduled_rule(lab, "rate(1 minute)", arn)
    before = lab.clock.now()
    lab.settle()
    assert lab.clock.now() == before
    assert lab.bodies(url) == []


def test_every_time_on_the_way_of_an_advance_fires_in_order(lab: Lab) -> None:
    url, arn = lab.open_queue()
    began = lab.clock.now()
    scheduled_rule(lab, "rate(20 minutes)", arn)
    advance(lab, HOUR)
    assert [event["time"] for event in lab.bodies(url)] == [iso(began + n * HOUR / 3) for n in (1, 2, 3)]


def test_a_rule_that_is_disabled_deleted_or_replaced_fires_no_more_as_it_was(lab: Lab) -> None:
    events = lab.client("events")
    url, arn = lab.open_queue()
    disabled, deleted, replaced = (scheduled_rule(lab, "rate(1 minute)", arn) for _ in range(3))
    events.disable_rule(Name=disabled)
    events.remove_targets(Rule=deleted, Ids=["target"])
    events.delete_rule(Name=deleted)
    events.put_rule(Name=replaced, ScheduleExpression="rate(1 hour)")
    advance(lab, 120)
    assert lab.bodies(url) == []
    events.enable_rule(Name=disabled)
    advance(lab, 60)
    assert [event["resources"][0].rpartition("/")[2] for event in lab.bodies(url)] == [disabled]
    events.disable_rule(Name=disabled)
    advance(lab, HOUR)
    assert [event["resources"][0].rpartition("/")[2] for event in lab.bodies(url)] == [replaced]


def test_a_schedule_invokes_a_function_in_its_role(lab: Lab, scheduler_role: str) -> None:
    name, seen = lab.recorder()
    template = (
        '{"schedule": "<aws.scheduler.schedule-arn>", "time": "<aws.scheduler.scheduled-time>", '
        '"attempt": <aws.scheduler.attempt-number>, "execution": "<aws.scheduler.execution-id>"}'
    )
    began = lab.clock.now()
    target = {"Arn": lab.function_arn(name), "Input": template}
    made = schedule(lab, scheduler_role, "rate(1 hour)", target)
    advance(lab, HOUR)
    (event,) = lab.bodies(seen)
    assert event["schedule"] == f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/default/{made}"
    assert event["time"] == iso(began + HOUR)
    assert event["attempt"] == 1
    assert event["execution"]
    call = lab.emulator.calls.select(service="lambda", operation="Invoke")[-1]
    assert ":assumed-role/scheduler/" in call.principal


def test_a_schedule_without_input_sends_a_scheduled_event(lab: Lab, scheduler_role: str) -> None:
    url, arn = lab.queue()
    schedule(lab, scheduler_role, "rate(1 minute)", {"Arn": arn})
    advance(lab, 60)
    (event,) = lab.bodies(url)
    assert (event["source"], event["detail-type"]) == ("aws.scheduler", "Scheduled Event")


def test_a_one_time_schedule_is_work_that_the_clock_jumps_to_and_may_delete_itself(
    lab: Lab, scheduler_role: str
) -> None:
    url, arn = lab.queue()
    due = int(lab.clock.now()) + 7 * 24 * HOUR
    expression = f"at({iso(due).removesuffix('Z')})"
    target = {"Arn": arn, "Input": '"expired"'}
    name = schedule(lab, scheduler_role, expression, target, ActionAfterCompletion="DELETE")
    lab.settle()
    assert lab.bodies(url) == ["expired"]
    assert lab.clock.now() == due
    with pytest.raises(ClientError, match=name):
        lab.client("scheduler").get_schedule(Name=name)


def test_a_schedule_keeps_its_time_zone_and_its_dates(lab: Lab, scheduler_role: str) -> None:
    url, arn = lab.queue()
    today = datetime.fromtimestamp(lab.clock.now(), UTC)
    start = today.replace(hour=0, minute=0, second=0, microsecond=0).timestamp() + 2 * 24 * HOUR
    schedule(
        lab,
        scheduler_role,
        "cron(0 9 * * ? *)",
        {"Arn": arn, "Input": '"<aws.scheduler.scheduled-time>"'},
        ScheduleExpressionTimezone="Asia/Tokyo",
        StartDate=datetime.fromtimestamp(start, UTC),
        EndDate=datetime.fromtimestamp(start + 24 * HOUR, UTC),
    )
    for _ in range(5):
        advance(lab, 24 * HOUR)
    assert lab.bodies(url) == [iso(start), iso(start + 24 * HOUR)]


def test_a_schedule_that_is_updated_or_deleted_fires_no_more_as_it_was(lab: Lab, scheduler_role: str) -> None:
    scheduler = lab.client("scheduler")
    url, arn = lab.queue()
    target = {"Arn": arn, "Input": '"late"'}
    deleted, updated = (schedule(lab, scheduler_role, "rate(1 minute)", target) for _ in range(2))
    scheduler.delete_schedule(Name=deleted)
    scheduler.update_schedule(
        Name=updated,
        ScheduleExpression="rate(1 hour)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"RoleArn": scheduler_role, **target},
    )
    advance(lab, 120)
    assert lab.bodies(url) == []
    advance(lab, HOUR)
    assert lab.bodies(url) == ["late"]


def test_a_schedule_calls_any_operation(lab: Lab, scheduler_role: str) -> None:
    url, _ = lab.queue()
    body = {"QueueUrl": url, "MessageBody": "<aws.scheduler.scheduled-time>"}
    universal = {"Arn": "arn:aws:scheduler:::aws-sdk:sqs:sendMessage", "Input": json.dumps(body)}
    schedule(lab, scheduler_role, "rate(1 minute)", universal)
    began = lab.clock.now()
    advance(lab, 60)
    assert [message["Body"] for message in lab.messages(url)] == [iso(began + 60)]


def test_a_schedule_puts_events_on_a_bus(lab: Lab, scheduler_role: str) -> None:
    url, arn = lab.open_queue()
    events = lab.client("events")
    events.put_rule(Name="ticks", EventPattern=json.dumps({"source": ["ticker"]}))
    events.put_targets(Rule="ticks", Targets=[{"Id": "queue", "Arn": arn}])
    target = {
        "Arn": events.describe_event_bus()["Arn"],
        "EventBridgeParameters": {"Source": "ticker", "DetailType": "Tick"},
        "Input": '{"n": 1}',
    }
    schedule(lab, scheduler_role, "rate(1 minute)", target)
    advance(lab, 60)
    assert [(event["detail-type"], event["detail"]) for event in lab.bodies(url)] == [("Tick", {"n": 1})]


def test_a_schedule_that_fails_ends_in_its_dead_letter_queue(lab: Lab, scheduler_role: str) -> None:
    dead, dead_arn = lab.queue()
    missing = f"arn:aws:sqs:{REGION}:{ACCOUNT}:missing"
    target = {"Arn": missing, "Input": '"late"', "DeadLetterConfig": {"Arn": dead_arn}}
    began = lab.clock.now()
    name = schedule(lab, scheduler_role, "rate(1 minute)", target)
    advance(lab, 60)
    (letter,) = lab.messages(dead)
    assert letter["Body"] == '"late"'
    attributes = lab.attributes(letter)
    assert attributes["ERROR_CODE"] == "NO_RESOURCE"
    assert attributes["SCHEDULE_ARN"].endswith(f"schedule/default/{name}")
    assert attributes["TARGET_ARN"] == missing
    assert attributes["SCHEDULED_TIME"] == iso(began + 60)
    assert attributes["RETRY_ATTEMPTS"] == "0"
    assert attributes["EXECUTION_ID"]


@pytest.mark.parametrize(
    ("expression", "details", "reason"),
    [
        ("rate(1 minutes)", {}, "Invalid Schedule Expression"),
        ("cron(0 12 * * * *)", {}, "Invalid Schedule Expression"),
        ("rate(1 minute)", {"ScheduleExpressionTimezone": "Mars/Olympus"}, "Mars/Olympus is not valid"),
    ],
)
def test_a_schedule_that_makes_no_sense_is_refused(
    lab: Lab, scheduler_role: str, expression: str, details: dict[str, str], reason: str
) -> None:
    with pytest.raises(ClientError, match=reason):
        schedule(lab, scheduler_role, expression, {"Arn": lab.queue()[1]}, **details)


def test_what_of_scheduler_is_not_modelled_is_refused_by_name(lab: Lab, scheduler_role: str) -> None:
    with pytest.raises(ClientError, match="job-queue/vends is not modelled"):
        schedule(lab, scheduler_role, "rate(1 minute)", {"Arn": f"arn:aws:batch:{REGION}:{ACCOUNT}:job-queue/vends"})
    with pytest.raises(ClientError, match="FlexibleTimeWindow"):
        lab.client("scheduler").create_schedule(
            Name="flexible",
            ScheduleExpression="rate(1 hour)",
            FlexibleTimeWindow={"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 5},
            Target={"RoleArn": scheduler_role, "Arn": lab.queue()[1]},
        )


def test_a_rule_with_an_expression_that_is_not_valid_is_refused(lab: Lab) -> None:
    with pytest.raises(ClientError, match="Parameter ScheduleExpression is not valid"):
        lab.client("events").put_rule(Name="never", ScheduleExpression="cron(0 12 * * * *)")
