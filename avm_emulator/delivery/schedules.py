"""Time that calls: rules with a schedule expression, and the schedules of EventBridge Scheduler."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from moto.events.models import EventsBackend, events_backends
from moto.scheduler.models import EventBridgeSchedulerBackend

from avm_emulator.delivery import expressions
from avm_emulator.delivery.rules import Rules, scheduled_event
from avm_emulator.errors import NOT_IMPLEMENTED, AwsError

if TYPE_CHECKING:
    from avm_emulator.clock import Clock
    from avm_emulator.delivery.scheduler_targets import SchedulerTargets
    from avm_emulator.timers import Kind

_put_rule: Callable[..., Any] = EventsBackend.put_rule
_enable_rule: Callable[..., bool] = EventsBackend.enable_rule
_create_schedule: Callable[..., Any] = EventBridgeSchedulerBackend.create_schedule
_update_schedule: Callable[..., Any] = EventBridgeSchedulerBackend.update_schedule


WATCHDOG = "watchdog"
"""A rule or schedule whose name holds this word, in any case, is the application's watchdog (``stuck.py``)."""


@dataclass(frozen=True)
class _Recurrence:
    """Something of moto's that fires at the times of a schedule for as long as it is there."""

    name: str
    schedule: expressions.Schedule
    is_current: Callable[[], bool]
    fire: Callable[[float], None]
    """Gets the time for which it was due."""
    end: float | None = None
    """After this time (epoch seconds) it never fires."""


class Schedules:
    """Fires rules and schedules on the emulated clock; one per emulator."""

    def __init__(self, clock: Clock, rules: Rules, targets: SchedulerTargets) -> None:
        """``rules`` deliver what rules send; ``targets`` take what schedules send."""
        self._clock = clock
        self._rules = rules
        self._targets = targets

    def install(self) -> None:
        """Put moto's rules and schedules, which never fire, on the clock; the last call wins."""

        def put_rule(backend: Any, name: str, *args: Any, **kwargs: Any) -> Any:
            expression = kwargs.get("scheduled_expression")
            if expression:
                _parse(expression, self._clock.now(), "Parameter ScheduleExpression is not valid.")
            rule = _put_rule(backend, name, *args, **kwargs)
            self._arm_rule(rule)
            return rule

        def enable_rule(backend: Any, name: str, event_bus_arn: str | None) -> bool:
            enabled = _enable_rule(backend, name, event_bus_arn)
            if enabled:
                self._arm_rule(backend.describe_rule(name, event_bus_arn))
            return enabled

        def create_schedule(backend: Any, **kwargs: Any) -> Any:
            self._check_schedule(kwargs)
            schedule = _create_schedule(backend, **kwargs)
            self._arm_schedule(backend, schedule)
            return schedule

        def update_schedule(backend: Any, **kwargs: Any) -> Any:
            self._check_schedule(kwargs)
            schedule = _update_schedule(backend, **kwargs)
            self._arm_schedule(backend, schedule)
            return schedule

        EventsBackend.put_rule = put_rule
        EventsBackend.enable_rule = enable_rule
        EventBridgeSchedulerBackend.create_schedule = create_schedule
        EventBridgeSchedulerBackend.update_schedule = update_schedule

    def _arm_rule(self, rule: Any) -> None:
        if not rule.scheduled_expression or rule.state == "DISABLED":
            return
        rule.armed = armed = object()  # an older timer of the same rule finds another one here and ends
        buses = events_backends[rule.account_id][rule.region_name].event_buses

        def is_current() -> bool:
            bus = buses.get(rule.event_bus_name)
            present = bus is not None and bus.rules.get(rule.name) is rule
            return present and rule.state != "DISABLED" and rule.armed is armed

        self._arm(
            _Recurrence(
                name=f"schedule of rule {rule.name}",
                schedule=expressions.parse(rule.scheduled_expression, start=self._clock.now()),
                is_current=is_current,
                fire=lambda time: self._rules.deliver(rule, scheduled_event(rule, time)),
            )
        )

    def _arm_schedule(self, backend: Any, schedule: Any) -> None:
        schedule.armed = armed = object()
        if schedule.state == "DISABLED":
            return
        group = backend.schedule_groups[schedule.group_name]
        start = _seconds(schedule.start_date)
        zone = ZoneInfo(schedule.schedule_expression_timezone)

        def is_current() -> bool:
            return group.schedules.get(schedule.name) is schedule and schedule.armed is armed

        def fire(time: float) -> None:
            self._targets.start(schedule, time)
            if isinstance(when, expressions.At) and schedule.action_after_completion == "DELETE":
                group.schedules.pop(schedule.name, None)

        now = self._clock.now()
        when = expressions.parse(schedule.schedule_expression, start=now if start is None else start, zone=zone)
        self._arm(
            _Recurrence(
                name=f"schedule {schedule.name}",
                schedule=when,
                is_current=is_current,
                fire=fire,
                end=_seconds(schedule.end_date),
            ),
            # The first invocation is at StartDate or after it.
            after=now if start is None else max(now, start - 1),
        )

    def _arm(self, recurrence: _Recurrence, after: float | None = None) -> None:
        """Set the timer for the next time; what the clock has jumped over is not made up for, but fires once."""
        due = recurrence.schedule.next_after(self._clock.now() if after is None else after)
        if due is None or (recurrence.end is not None and due > recurrence.end):
            return
        self._clock.call_at(due, partial(self._due, recurrence, due), kind=_kind(recurrence), name=recurrence.name)

    def _due(self, recurrence: _Recurrence, time: float) -> None:
        if recurrence.is_current():
            self._arm(recurrence)
            recurrence.fire(time)

    def _check_schedule(self, schedule: dict[str, Any]) -> None:
        expression, zone = schedule["schedule_expression"], schedule["schedule_expression_timezone"] or "UTC"
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            message = f"Provided ScheduleExpressionTimezone {zone} is not valid."
            raise AwsError("ValidationException", message) from error
        _parse(expression, self._clock.now(), f"Invalid Schedule Expression {expression}.")
        if schedule["flexible_time_window"].get("Mode") != "OFF":
            message = "a FlexibleTimeWindow other than OFF is not modelled"
            raise AwsError(NOT_IMPLEMENTED, message)
        self._targets.check(schedule["target"])


def _kind(recurrence: _Recurrence) -> Kind:
    """Return what the clock takes a time for.

    What happens once is work like any other. What recurs is never jumped to, but for the schedule that mends what the
    application has lost, which is known by its name.
    """
    if isinstance(recurrence.schedule, expressions.At):
        return "work"
    return "watchdog" if WATCHDOG in recurrence.name.lower() else "schedule"


def _parse(expression: str, now: float, refusal: str) -> None:
    try:
        expressions.parse(expression, start=now)
    except ValueError as error:
        message = f"{refusal} {error}"
        raise AwsError("ValidationException", message) from error


def _seconds(value: Any) -> float | None:
    """Return a date of moto's schedules (epoch seconds, or ISO 8601) as epoch seconds."""
    if value is None or isinstance(value, int | float):
        return value
    moment = datetime.fromisoformat(str(value))
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
