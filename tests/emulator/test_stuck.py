"""What waits for nobody who will come is reported, by name, instead of hanging; for people the clock waits."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
import requests

from avm_emulator.context import Emulator
from avm_emulator.stuck import IDLE_TICKS, TICKS_AFTER_FAILURE
from tests.emulator.lab import Lab, until

MINUTE = 60.0


class World:
    """State machines that wait, and who could help them."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.clock = emulator.clock
        self.lab = Lab(emulator)
        self.client = self.lab.client("stepfunctions")
        self.role = self.lab.role("states.amazonaws.com")
        self.started: list[str] = []

    def run(self, states: dict[str, Any]) -> str:
        """Start an execution of a state machine that begins with the first state; return its ARN."""
        definition = {"QueryLanguage": "JSONata", "StartAt": next(iter(states)), "States": states}
        name = self.lab.name("machine")
        machine = self.client.create_state_machine(name=name, definition=json.dumps(definition), roleArn=self.role)
        started = self.client.start_execution(stateMachineArn=machine["stateMachineArn"], name=f"{name}-1")
        self.started.append(started["executionArn"])
        return str(started["executionArn"])

    def ask(self, queue_url: str, **fields: Any) -> dict[str, Any]:
        """Return a task that sends its token to a queue and waits for the answer."""
        return {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            "Arguments": {"QueueUrl": queue_url, "MessageBody": "{% $states.context.Task.Token %}"},
            "End": True,
            **fields,
        }

    def token(self, queue_url: str) -> str:
        """Return the token that is in a queue."""
        return str(until(lambda: self.lab.messages(queue_url))[0]["Body"])

    def status(self, arn: str) -> str:
        return str(self.client.describe_execution(executionArn=arn)["status"])

    def stuck(self, control: str = "clock") -> dict[str, Any] | None:
        """Return what a control call says of it."""
        answer = requests.get(f"{self.emulator.endpoint_url}/_emulator/{control}", timeout=30).json()
        found: dict[str, Any] | None = answer["stuck"]
        return found

    def reported(self) -> dict[str, Any]:
        """Wait until something is stuck, and return it."""
        found: dict[str, Any] = until(self.stuck)
        return found

    def watchdog(self, function: str | None = None, name: str = "Watchdog") -> tuple[str, str]:
        """Make a schedule of once a minute; return its name and the URL of a queue that hears each of its times."""
        rule = self.lab.name(f"avm-Mend{name}-")
        url, arn = self.lab.open_queue()
        targets = [{"Id": "queue", "Arn": arn}]
        events = self.lab.client("events")
        rule_arn = events.put_rule(Name=rule, ScheduleExpression="rate(1 minute)")["RuleArn"]
        if function:
            targets.append({"Id": "function", "Arn": self.lab.function_arn(function)})
            self.lab.client("lambda").add_permission(
                FunctionName=function,
                StatementId="events",
                Action="lambda:InvokeFunction",
                Principal="events.amazonaws.com",
                SourceArn=rule_arn,
            )
        events.put_targets(Rule=rule, Targets=targets)
        return rule, url

    def remove(self, rule: str) -> None:
        events = self.lab.client("events")
        events.remove_targets(Rule=rule, Ids=["queue", "function"])
        events.delete_rule(Name=rule)
        self.clock.advance(MINUTE)  # its next time was due already, and passes without a tick


@pytest.fixture(scope="module")
def everything(emulator: Emulator) -> World:
    return World(emulator)


@pytest.fixture
def world(everything: World) -> Iterator[World]:
    yield everything
    for arn in everything.started:
        everything.client.stop_execution(executionArn=arn)
    everything.started.clear()
    until(lambda: everything.stuck() is None)
    everything.emulator.stuck._ticks_left = 0  # what was stopped here is no failure of the next test


def since(world: World, arn: str, state: str) -> str:
    """Return when an execution entered a state, as the report writes it."""
    for event in world.client.get_execution_history(executionArn=arn)["events"]:
        if event.get("stateEnteredEventDetails", {}).get("name") == state:
            return str(event["timestamp"].astimezone(tz=None).isoformat())
    pytest.fail(f"{state} was never entered")


def test_a_worker_that_never_answers_is_reported_with_execution_and_state(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    worker = world.lab.function("def handler(event, context):\n    return 'the token is lost'\n")
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "Arguments": {"FunctionName": worker, "Payload": {"token": "{% $states.context.Task.Token %}"}},
        "TimeoutSeconds": 86400,
        "End": True,
    }
    arn = world.run({"EnrollLogging": task})
    found = world.reported()
    assert world.stuck("health") == found
    (execution,) = found["executions"]
    assert found["ticks"] == 0  # there is no watchdog that could mend it
    assert (execution["arn"], execution["name"]) == (arn, arn.rpartition(":")[2])
    assert execution["state"] == "EnrollLogging"
    entered = datetime.fromisoformat(since(world, arn, "EnrollLogging"))
    assert datetime.fromisoformat(execution["since"]) == entered
    assert world.status(arn) == "RUNNING"
    assert [record.levelno for record in caplog.records if arn in record.getMessage()] == [logging.ERROR]


def test_a_consumer_that_is_gone_is_reported_after_120_idle_ticks_of_the_watchdog(world: World) -> None:
    url, queue_arn = world.lab.queue()
    consumer = world.lab.function("def handler(event, context):\n    pass\n")
    world.lab.map_queue(queue_arn, consumer, Enabled=False)
    rule, ticks_url = world.watchdog()
    before = world.clock.now()
    arn = world.run({"AssignAccess": world.ask(url)})
    found = world.reported()
    world.lab.settle()
    assert [(execution["arn"], execution["state"]) for execution in found["executions"]] == [(arn, "AssignAccess")]
    assert found["ticks"] == IDLE_TICKS
    assert len(world.lab.messages(ticks_url)) == IDLE_TICKS
    assert world.clock.now() - before == pytest.approx(IDLE_TICKS * MINUTE, abs=MINUTE)
    world.remove(rule)


def test_a_hand_over_that_is_lost_is_reported_and_the_one_that_waits_for_it_too(world: World) -> None:
    url, _ = world.lab.queue()
    child = world.run({"AcquireCreationSlot": world.ask(url)})
    machine = child.replace(":execution:", ":stateMachine:").rpartition(":")[0]
    parent = world.run(
        {
            "Vend": {
                "Type": "Task",
                "Resource": "arn:aws:states:::states:startExecution.sync:2",
                "Arguments": {"StateMachineArn": machine, "Name": "nested"},
                "End": True,
            }
        }
    )
    world.started.append(f"{child.rpartition(':')[0]}:nested")
    until(lambda: len((world.stuck() or {"executions": []})["executions"]) == 3)
    states = {execution["name"]: execution["state"] for execution in world.reported()["executions"]}
    assert states == {
        child.rpartition(":")[2]: "AcquireCreationSlot",
        "nested": "AcquireCreationSlot",
        parent.rpartition(":")[2]: "Vend",
    }


def test_it_is_over_when_something_moves(world: World) -> None:
    url, _ = world.lab.queue()
    arn = world.run({"CreateAccount": world.ask(url)})
    world.reported()
    world.client.send_task_success(taskToken=world.token(url), output="{}")
    until(lambda: world.stuck() is None)  # the answer is taken, and then the execution moves
    until(lambda: world.status(arn) == "SUCCEEDED")
    assert world.stuck() is None


def test_the_watchdog_is_given_its_times_until_it_has_mended_what_was_lost(world: World) -> None:
    url, _ = world.lab.queue(VisibilityTimeout="0")
    source = (
        "import boto3\n"
        "def handler(event, context):\n"
        f"    found = boto3.client('sqs').receive_message(QueueUrl='{url}', MessageSystemAttributeNames=['All'])\n"
        "    for message in found.get('Messages', []):\n"
        "        if int(message['Attributes']['ApproximateReceiveCount']) >= 3:\n"
        "            boto3.client('stepfunctions').send_task_success(taskToken=message['Body'], output='{}')\n"
    )
    rule, ticks_url = world.watchdog(world.lab.function(source, Timeout=20))
    arn = world.run({"AcquireCreationSlot": world.ask(url)})
    until(lambda: world.status(arn) == "SUCCEEDED")
    world.lab.settle()
    assert world.stuck() is None
    assert len(world.lab.messages(ticks_url)) == 3
    world.remove(rule)


def test_for_people_the_clock_waits(world: World, caplog: pytest.LogCaptureFixture) -> None:
    url, _ = world.lab.queue()
    rule, ticks_url = world.watchdog()
    arn = world.run({"RequestApproval": world.ask(url)})
    token = world.token(url)
    world.lab.settle()
    before = world.clock.now()
    assert world.stuck() is None
    assert world.lab.messages(ticks_url) == []
    assert (world.clock.now(), world.status(arn)) == (before, "RUNNING")
    assert arn not in caplog.text
    world.client.send_task_success(taskToken=token, output="{}")
    until(lambda: world.status(arn) == "SUCCEEDED")
    world.remove(rule)


def test_who_waits_for_what_waits_for_people_waits_for_people(world: World) -> None:
    url, _ = world.lab.queue()
    child = world.run({"RequestApproval": world.ask(url)})
    machine = child.replace(":execution:", ":stateMachine:").rpartition(":")[0]
    nested = {"StateMachineArn": machine, "Name": "nested"}
    start = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync",
        "Arguments": nested,
        "End": True,
    }
    parent = world.run({"Vend": start})
    world.started.append(f"{child.rpartition(':')[0]}:nested")
    until(lambda: len(world.emulator.stuck._waits) == 3)
    world.lab.settle()
    assert world.stuck() is None
    assert world.status(parent) == "RUNNING"


def test_beside_a_person_the_branch_that_waits_for_nobody_counts(world: World) -> None:
    url, _ = world.lab.queue()
    branches = [{"StartAt": name, "States": {name: world.ask(url)}} for name in ("AwaitApproval", "EnrollSecurity")]
    arn = world.run({"Baseline": {"Type": "Parallel", "Branches": branches, "End": True}})
    until(lambda: len(world.emulator.stuck._waits) == 2)
    (execution,) = world.reported()["executions"]
    assert (execution["arn"], execution["state"]) == (arn, "EnrollSecurity")


def test_neither_time_outs_nor_other_schedules_are_jumped_to(world: World) -> None:
    url, _ = world.lab.queue()
    rule, ticks_url = world.watchdog(name="Sweep")
    before = world.clock.now()
    world.run({"VerifyAccount": world.ask(url, TimeoutSeconds=600)})
    assert world.reported()["ticks"] == 0
    world.lab.settle()
    assert world.clock.now() == before
    assert world.lab.messages(ticks_url) == []
    world.remove(rule)


def test_a_time_out_on_the_watchdogs_way_ends_what_was_lost(world: World) -> None:
    url, _ = world.lab.queue()
    rule, _ = world.watchdog()
    arn = world.run({"VerifyAccount": world.ask(url, TimeoutSeconds=600)})
    until(lambda: world.status(arn) == "FAILED")
    assert world.stuck() is None
    world.remove(rule)


def test_work_that_is_due_comes_before_the_watchdog(world: World) -> None:
    url, _ = world.lab.queue()
    rule, _ = world.watchdog()
    waits = world.run({"Wait": {"Type": "Wait", "Seconds": 3 * 3600, "End": True}})
    lost = world.run({"Lost": world.ask(url)})
    found = world.reported()
    assert [execution["arn"] for execution in found["executions"]] == [lost]
    # What the watchdog saw while there was work to wait for does not count.
    assert world.status(waits) == "SUCCEEDED"
    assert world.clock.now() >= world.client.describe_execution(executionArn=waits)["stopDate"].timestamp() + 7000
    world.remove(rule)


def test_a_schedule_of_eventbridge_scheduler_may_be_the_watchdog(world: World) -> None:
    url, _ = world.lab.queue()
    ticks_url, ticks_arn = world.lab.queue()
    role = world.lab.role("scheduler.amazonaws.com")
    scheduler = world.lab.client("scheduler")
    scheduler.create_schedule(
        Name="watchdog-of-slots",
        ScheduleExpression="rate(5 minutes)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": ticks_arn, "RoleArn": role},
    )
    world.run({"Lost": world.ask(url)})
    assert world.reported()["ticks"] == IDLE_TICKS
    world.lab.settle()
    assert len(world.lab.messages(ticks_url)) == IDLE_TICKS
    scheduler.delete_schedule(Name="watchdog-of-slots")
    world.clock.advance(5 * MINUTE)


def test_who_begins_to_wait_later_has_ticks_of_its_own(world: World) -> None:
    url, _ = world.lab.queue()
    rule, ticks_url = world.watchdog()
    first = world.run({"Lost": world.ask(url)})
    world.reported()
    world.lab.settle()
    world.lab.messages(ticks_url)
    second = world.run({"LostToo": world.ask(url)})
    until(lambda: len(world.reported()["executions"]) == 2)
    world.lab.settle()
    assert {execution["arn"] for execution in world.reported()["executions"]} == {first, second}
    assert len(world.lab.messages(ticks_url)) == IDLE_TICKS
    world.remove(rule)


def test_a_held_clock_reports_nothing(world: World) -> None:
    url, _ = world.lab.queue()
    world.clock.hold(held=True)
    world.run({"Lost": world.ask(url)})
    world.token(url)
    assert world.stuck() is None
    world.clock.hold(held=False)
    assert world.reported()["executions"][0]["state"] == "Lost"


def test_after_a_failure_the_watchdog_has_some_times_though_nothing_runs(world: World) -> None:
    _, heard = world.watchdog()
    began = world.clock.now()
    arn = world.run({"Fails": {"Type": "Fail", "Error": "OnPurpose"}})
    until(lambda: world.status(arn) == "FAILED")
    until(lambda: world.clock.now() >= began + TICKS_AFTER_FAILURE * MINUTE - MINUTE)
    until(lambda: len(world.lab.messages(heard)) >= 1)
    stands = world.clock.now()
    assert stands <= began + (TICKS_AFTER_FAILURE + 1) * MINUTE
    assert world.stuck() is None


def test_a_watchdog_that_fails_does_not_keep_the_clock_going(world: World) -> None:
    function, heard = world.lab.recorder(fails=True)
    rule, _ = world.watchdog(function, name="FailingWatchdog")
    url, _ = world.lab.open_queue()
    arn = world.run({"Lost": world.ask(url)})
    assert world.reported()["executions"][0]["arn"] == arn
    until(lambda: world.clock.at_rest)
    stands = world.clock.now()
    assert len(world.lab.messages(heard)) > 0
    assert world.clock.at_rest
    assert world.clock.now() == stands
    world.remove(rule)
