"""Schedule expressions mean what EventBridge's reference says."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from avm_emulator.delivery.expressions import parse


def moment(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def following(expression: str, after: str, count: int = 1, zone: str = "UTC") -> list[str]:
    schedule = parse(expression, start=moment(after), zone=ZoneInfo(zone))
    found: list[str] = []
    time: float | None = moment(after)
    while len(found) < count:
        assert time is not None
        time = schedule.next_after(time)
        found.append("never" if time is None else datetime.fromtimestamp(time, UTC).strftime("%a %Y-%m-%d %H:%M"))
    return found


@pytest.mark.parametrize(
    ("expression", "after", "expected"),
    [
        ("rate(1 minute)", "2026-11-23T12:00:00", "Mon 2026-11-23 12:01"),
        ("rate(5 hours)", "2026-11-23T12:00:00", "Mon 2026-11-23 17:00"),
        ("rate(7 days)", "2026-11-23T12:00:00", "Mon 2026-11-30 12:00"),
        ("cron(15 10 * * ? *)", "2026-11-23T12:00:00", "Tue 2026-11-24 10:15"),
        ("cron(0 18 ? * MON-FRI *)", "2026-11-27T18:00:00", "Mon 2026-11-30 18:00"),
        ("cron(0 8 1 * ? *)", "2026-11-23T12:00:00", "Tue 2026-12-01 08:00"),
        ("cron(0/10 * ? * MON-FRI *)", "2026-11-23T12:05:00", "Mon 2026-11-23 12:10"),
        ("cron(0 9 ? * 2#1 *)", "2026-11-23T12:00:00", "Mon 2026-12-07 09:00"),
        ("cron(0 9 ? * 6L *)", "2026-11-23T12:00:00", "Fri 2026-11-27 09:00"),
        ("cron(0 9 ? * L *)", "2026-11-23T12:00:00", "Sat 2026-11-28 09:00"),
        ("cron(0 9 L * ? *)", "2027-02-01T00:00:00", "Sun 2027-02-28 09:00"),
        ("cron(0 9 LW * ? *)", "2027-02-01T00:00:00", "Fri 2027-02-26 09:00"),
        ("cron(0 9 1W * ? *)", "2026-07-15T00:00:00", "Mon 2026-08-03 09:00"),
        ("cron(0 9 15W * ? *)", "2026-11-01T00:00:00", "Mon 2026-11-16 09:00"),
        ("cron(0 9 29 2 ? *)", "2026-11-23T12:00:00", "Tue 2028-02-29 09:00"),
        ("cron(30 6,18 ? JAN,JUL SUN 2027-2028)", "2026-11-23T12:00:00", "Sun 2027-01-03 06:30"),
        ("cron(0 0 1 1 ? 2025)", "2026-11-23T12:00:00", "never"),
        ("at(2026-12-24T18:00:00)", "2026-11-23T12:00:00", "Thu 2026-12-24 18:00"),
        ("at(2026-11-23T12:00:00)", "2026-11-23T12:00:00", "never"),
    ],
)
def test_the_next_time_of_an_expression(expression: str, after: str, expected: str) -> None:
    assert following(expression, after) == [expected]


def test_times_follow_each_other_without_gap() -> None:
    times = following("cron(0/15 * * * ? *)", "2026-11-23T23:20:00", 5)
    assert times == [
        "Mon 2026-11-23 23:30",
        "Mon 2026-11-23 23:45",
        "Tue 2026-11-24 00:00",
        "Tue 2026-11-24 00:15",
        "Tue 2026-11-24 00:30",
    ]


def test_a_rate_keeps_its_rhythm_however_late_it_is_asked() -> None:
    schedule = parse("rate(10 minutes)", start=1000.0)
    assert schedule.next_after(1000.0) == 1600.0
    assert schedule.next_after(1600.0) == 2200.0
    assert schedule.next_after(2500.0) == 2800.0


def test_a_time_zone_keeps_its_local_hour_when_the_clocks_change() -> None:
    times = following("cron(0 9 * * ? *)", "2026-10-23T12:00:00", 3, "Europe/Berlin")
    assert times == ["Sat 2026-10-24 07:00", "Sun 2026-10-25 08:00", "Mon 2026-10-26 08:00"]


def test_an_hour_that_the_change_of_the_clocks_skips_does_not_come() -> None:
    times = following("cron(30 2 * * ? *)", "2026-03-27T12:00:00", 2, "Europe/Berlin")
    assert times == ["Sat 2026-03-28 01:30", "Mon 2026-03-30 00:30"]


def test_one_time_is_local_too() -> None:
    assert following("at(2026-07-01T12:00:00)", "2026-01-01T00:00:00", 1, "Europe/Berlin") == ["Wed 2026-07-01 10:00"]


@pytest.mark.parametrize("expression", ["cron(* * * * ? *)", "cron(7 3 ? * 4#5 *)", "cron(0 12 31W * ? *)"])
def test_times_only_grow(expression: str) -> None:
    schedule = parse(expression, start=0.0)
    times = [moment("2026-11-23T12:00:00")]
    for _ in range(20):
        following_time = schedule.next_after(times[-1])
        assert following_time is not None
        times.append(following_time)
    assert all(earlier < later for earlier, later in pairwise(times))


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("every(5 minutes)", "neither rate"),
        ("rate(1 minutes)", "singular for 1"),
        ("rate(5 minute)", "singular for 1"),
        ("rate(0 minutes)", "positive number"),
        ("cron(0 12 * * *)", "not 5"),
        ("cron(0 12 * * * *)", "must be ?"),
        ("cron(0 12 ? * ? *)", "must be ?"),
        ("cron(60 12 * * ? *)", "60 is not between 0 and 59"),
        ("cron(0 12 * 13 ? *)", "13 is not between 1 and 12"),
        ("cron(0 12 ? * MONDAY *)", "MONDAY"),
        ("cron(0 20-2 * * ? *)", "20-2 runs backwards"),
        ("at(tomorrow)", "tomorrow"),
    ],
)
def test_an_expression_that_is_not_valid_is_refused_with_the_reason(expression: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason.replace("?", r"\?")):
        parse(expression, start=0.0)
