"""Schedule expressions of EventBridge rules and EventBridge Scheduler: ``rate``, ``cron`` and ``at``.

Facts: EventBridge user guide, "Cron expressions reference" and "Rate expressions reference"; Scheduler user guide,
"Schedule types".
"""

from __future__ import annotations

import calendar
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Protocol

_UNITS = {"minute": 60, "hour": 3600, "day": 86400}
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_FIELDS = 6
_FIRST_YEAR, _LAST_YEAR = 1970, 2199
_FRIDAY = 5  # as isoweekday counts


class Schedule(Protocol):
    """When something happens."""

    def next_after(self, moment: float) -> float | None:
        """Return the first time after ``moment`` (epoch seconds); None when there is none."""


@dataclass(frozen=True)
class Rate:
    """Every ``period`` seconds, counted from ``start`` (epoch seconds)."""

    period: int
    start: float

    def next_after(self, moment: float) -> float:
        """Return the first time after ``moment``."""
        return self.start + max(1, math.floor((moment - self.start) / self.period) + 1) * self.period


@dataclass(frozen=True)
class At:
    """Once."""

    time: float

    def next_after(self, moment: float) -> float | None:
        """Return the time, or None when it is over."""
        return self.time if self.time > moment else None


@dataclass(frozen=True)
class Cron:
    """At the minutes of the days that match, in a time zone."""

    minutes: Sequence[int]
    hours: Sequence[int]
    is_day: Callable[[date], bool]
    zone: tzinfo

    def next_after(self, moment: float) -> float | None:
        """Return the first matching minute after ``moment``; times that a change of the clocks skips do not count."""
        day = datetime.fromtimestamp(moment, self.zone).date()
        while day.year <= _LAST_YEAR:
            if self.is_day(day):
                for hour in self.hours:
                    for minute in self.minutes:
                        local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=self.zone)
                        time = local.timestamp()
                        if time > moment and datetime.fromtimestamp(time, self.zone).hour == hour:
                            return time
            day += timedelta(days=1)
        return None


def parse(expression: str, *, start: float, zone: tzinfo = UTC) -> Schedule:
    """Return what an expression means.

    Args:
        expression: ``rate(5 minutes)``, ``cron(0 12 * * ? *)`` or ``at(2026-11-23T12:00:00)``.
        start: from when a rate counts, in epoch seconds.
        zone: time zone of ``cron`` and ``at``.

    Raises:
        ValueError: the expression is not valid; the message says why.
    """
    match = re.fullmatch(r"(rate|cron|at)\((.*)\)", expression)
    if match is None:
        message = f"{expression!r} is neither rate(...) nor cron(...) nor at(...)"
        raise ValueError(message)
    kind, content = match.groups()
    if kind == "rate":
        return Rate(_period(content), start)
    if kind == "at":
        time = datetime.strptime(content, "%Y-%m-%dT%H:%M:%S")  # noqa: DTZ007  the zone is an argument
        return At(time.replace(tzinfo=zone).timestamp())
    return _cron(content.split(), zone)


def _period(content: str) -> int:
    match = re.fullmatch(r"([1-9]\d*) (minute|hour|day)(s?)", content)
    # The unit is singular for one and plural for more.
    if match is None or (match[1] == "1") == bool(match[3]):
        message = f"rate({content}): a positive number and minute(s), hour(s) or day(s), singular for 1"
        raise ValueError(message)
    return int(match[1]) * _UNITS[match[2]]


def _cron(fields: list[str], zone: tzinfo) -> Cron:
    if len(fields) != _FIELDS:
        message = f"cron has the fields minutes, hours, day of month, month, day of week and year, not {len(fields)}"
        raise ValueError(message)
    minutes, hours, day_of_month, month, day_of_week, year = fields
    if (day_of_month == "?") == (day_of_week == "?"):
        message = "one of day of month and day of week must be ?, and only one"
        raise ValueError(message)
    months = _values(month, 1, 12, _MONTHS)
    years = _values(year, _FIRST_YEAR, _LAST_YEAR)
    fits = _day_of_week(day_of_week) if day_of_month == "?" else _day_of_month(day_of_month)
    return Cron(
        sorted(_values(minutes, 0, 59)),
        sorted(_values(hours, 0, 23)),
        lambda day: day.year in years and day.month in months and fits(day),
        zone,
    )


def _values(field: str, first: int, last: int, names: Sequence[str] = ()) -> frozenset[int]:
    """Return the numbers that a field with ``, - * /`` stands for; ``names`` stand for ``first``, ``first`` + 1 …."""

    def number(text: str) -> int:
        value = names.index(text.upper()) + first if text.upper() in names else int(text)
        if not first <= value <= last:
            message = f"{value} is not between {first} and {last}"
            raise ValueError(message)
        return value

    found: set[int] = set()
    for part in field.split(","):
        values, _, step = part.partition("/")
        low, _, high = values.partition("-")
        try:
            if values == "*":
                start, end = first, last
            else:
                start = number(low)
                end = number(high) if high else (last if step else start)
                if end < start:
                    message = f"{values} runs backwards"
                    raise ValueError(message)  # noqa: TRY301  one place says which field it is
            found.update(range(start, end + 1, int(step) if step else 1))
        except ValueError as error:
            message = f"cron field {field!r}: {error}"
            raise ValueError(message) from error
    return frozenset(found)


def _day_of_month(field: str) -> Callable[[date], bool]:
    if field == "L":
        return lambda day: day.day == _days_in_month(day)
    if match := re.fullmatch(r"(\d+|L)W", field):
        return lambda day: day.day == _nearest_weekday(day, match[1])
    days = _values(field, 1, 31)
    return lambda day: day.day in days


def _day_of_week(field: str) -> Callable[[date], bool]:
    if field == "L":
        return lambda day: _number(day) == len(_DAYS)
    if match := re.fullmatch(r"(\w+)L", field):
        (wanted,) = _values(match[1], 1, 7, _DAYS)
        return lambda day: _number(day) == wanted and day.day + 7 > _days_in_month(day)
    if match := re.fullmatch(r"(\w+)#([1-5])", field):
        (wanted,) = _values(match[1], 1, 7, _DAYS)
        return lambda day: _number(day) == wanted and (day.day + 6) // 7 == int(match[2])
    days = _values(field, 1, 7, _DAYS)
    return lambda day: _number(day) in days


def _number(day: date) -> int:
    """Return the day of the week as cron counts: Sunday is 1."""
    return day.isoweekday() % 7 + 1


def _days_in_month(day: date) -> int:
    return calendar.monthrange(day.year, day.month)[1]


def _nearest_weekday(day: date, wanted: str) -> int:
    """Return the working day of the month that is nearest to the wanted day, without leaving the month."""
    last = _days_in_month(day)
    target = last if wanted == "L" else min(int(wanted), last)
    weekday = day.replace(day=target).isoweekday()
    if weekday == _FRIDAY + 1:
        return target - 1 if target > 1 else target + 2
    if weekday == _FRIDAY + 2:
        return target + 1 if target < last else target - 2
    return target
